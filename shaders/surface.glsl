// What mesh.frag wrote, and where it is.
#include "facing.glsl"

uniform sampler2D surface;
uniform vec4 lens;  // view x and y at depth 1: (clip + lens.zw) * lens.xy
uniform vec2 size;  // of the surface, in pixels

vec3 seen_position(vec2 pixel, float depth) {
  vec2 clip = pixel / size * 2.0 - 1.0;
  return vec3((clip + lens.zw) * lens.xy, -1.0) * depth;
}

// Repeats every 4 pixels: 16 even steps from 0 to 1.
float ordered_noise(ivec2 pixel) {
  ivec2 p = pixel & 3;
  int mixed = p.x ^ p.y;
  int index = ((mixed & 1) << 3) | ((p.y & 1) << 2) | (mixed & 2) | ((p.y & 2) >> 1);
  return (float(index) + 0.5) / 16.0;
}

// Less than half a step of 8 bits: hides bands, leaves exact colours what they are.
vec3 dithered(vec3 colour, ivec2 pixel, float amount) {
  return colour + (ordered_noise(pixel) - 0.5) * (0.98 / 255.0) * amount;
}
