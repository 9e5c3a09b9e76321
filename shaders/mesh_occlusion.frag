#version 430 core
// Ambient occlusion at half resolution: how much of the space in front of the surface nearby
// surface takes. The estimator is that of McGuire, Osman, Bukowski, Hennessy, "The Alchemy
// Screen-Space Ambient Obscurance Algorithm" (2011), eq. 10.
#include "surface.glsl"

const int samples = 10;
const float radius = 0.32;  // meshes reach from -1 to 1
const float strength = 1.25;

uniform float turn;  // of the pattern, another one for each pass
out vec2 occlusion;  // open share, depth

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy) * 2;
  vec4 here = texelFetch(surface, pixel, 0);
  float depth = abs(here.w);
  vec2 at = vec2(pixel) + 0.5;
  vec3 p = seen_position(at, depth);
  vec3 n = unpacked_facing(here.xy);
  float reach = min(radius / (lens.y * depth) * size.y * 0.5, size.y * 0.25);
  float start = (ordered_noise(ivec2(gl_FragCoord.xy)) + turn) * 6.2831853;
  float shift = ordered_noise(ivec2(gl_FragCoord.yx) + 2);
  float sum = 0.0;
  // Where nothing is seen there is nothing to do: a loop ends early even where a branch would not.
  int count = depth > 0.0 ? samples : 0;
  for (int i = 0; i < count; ++i) {
    float along = (float(i) + shift) / float(samples);
    float angle = start + float(i) * 2.3999632;
    vec2 tap = at + vec2(cos(angle), sin(angle)) * (1.5 + along * along * reach);
    float there = abs(texelFetch(surface, ivec2(clamp(tap, vec2(0.0), size - 1.0)), 0).w);
    vec3 v = seen_position(floor(tap) + 0.5, there) - p;
    float square = dot(v, v);
    float fade = there > 0.0 ? max(0.0, 1.0 - square / (radius * radius)) : 0.0;
    sum += max(0.0, dot(v, n) - 0.002 * depth) / (square + 0.0008) * fade * sqrt(square);
  }
  occlusion = vec2(max(0.0, 1.0 - sum * strength * 2.0 / float(samples)), depth);
}
