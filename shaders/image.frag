#version 430 core
// A picture, or how it differs from another, in false colour. The program defines, before this
// text, MODE (below) and SHRUNK (1 where a screen pixel covers several texels): a branch that every
// pixel takes alike would still cost a software renderer its time.
#include "colormap.glsl"

#define PICTURE 0       // as it is
#define MAGNITUDE 1     // |picture - reference|, mean over channels
#define SIGNED 2        // picture - reference, mean over channels
#define SCALE 3         // the colour bar of MAGNITUDE
#define SIGNED_SCALE 4  // and of SIGNED
const int diverging = 2;  // row of the colour map for signed values

in vec2 uv;
out vec4 colour;

uniform sampler2D picture;
uniform sampler2D reference;
uniform int map;       // row of the colour map for magnitudes
uniform float limit;   // the value at the end of the colour scale
uniform vec2 texels;   // size of the picture
uniform vec2 step_uv;  // one screen pixel
uniform int taps;      // samples a side where the picture is shrunk

vec3 shade(vec2 at) {
  vec3 value = texture(picture, at).rgb;
#if MODE == MAGNITUDE
  return mapped_colour(dot(abs(value - texture(reference, at).rgb), vec3(1.0 / 3.0)) / limit, map);
#elif MODE == SIGNED
  float t = dot(value - texture(reference, at).rgb, vec3(1.0 / 3.0)) / limit;
  return mapped_colour(t * 0.5 + 0.5, diverging);
#else
  return value;
#endif
}

void main() {
#if MODE == SCALE
  colour = vec4(mapped_colour(uv.x, map), 1.0);
#elif MODE == SIGNED_SCALE
  colour = vec4(mapped_colour(uv.x, diverging), 1.0);
#elif SHRUNK
  vec3 sum = vec3(0.0);
  for (int y = 0; y < taps; ++y)
    for (int x = 0; x < taps; ++x)
      sum += shade(uv + ((vec2(x, y) + 0.5) / float(taps) - 0.5) * step_uv);
  colour = vec4(sum / float(taps * taps), 1.0);
#else
  // Linear filtering at such places keeps texels sharp and only softens their edges.
  vec2 position = uv * texels - 0.5;
  vec2 whole = floor(position);
  vec2 part = clamp((position - whole - 0.5) / (step_uv * texels) + 0.5, 0.0, 1.0);
  colour = vec4(shade((whole + 0.5 + part) / texels), 1.0);
#endif
}
