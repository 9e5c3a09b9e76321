#version 430 core
// A picture, or how it differs from another, in false colour.
#include "colormap.glsl"

const int MODE_PICTURE = 0;    // as it is
const int MODE_MAGNITUDE = 1;  // |picture - reference|, mean over channels
const int MODE_SIGNED = 2;     // picture - reference, mean over channels
const int MODE_SCALE = 3;      // the colour bar of MODE_MAGNITUDE
const int MODE_SIGNED_SCALE = 4;

in vec2 uv;
out vec4 colour;

uniform sampler2D picture;
uniform sampler2D reference;
uniform int mode;
uniform int map;          // 0 viridis, 1 magma
uniform bool dark_theme;
uniform float limit;      // the value at the end of the colour scale
uniform vec2 texels;      // size of the picture
uniform vec2 step_uv;     // one screen pixel
uniform int taps;         // samples a side when the picture is shrunk

// Where to sample so that linear filtering keeps texels sharp and only softens their edges.
vec2 sharp(vec2 at) {
  vec2 magnification = 1.0 / (step_uv * texels);
  vec2 position = at * texels - 0.5;
  vec2 whole = floor(position);
  vec2 part = clamp((position - whole - 0.5) * magnification + 0.5, 0.0, 1.0);
  return (whole + 0.5 + part) / texels;
}

vec3 shade(vec2 at) {
  vec3 value = texture(picture, at).rgb;
  if (mode == MODE_PICTURE) return clamp(value, 0.0, 1.0);
  vec3 difference = value - texture(reference, at).rgb;
  if (mode == MODE_MAGNITUDE)
    return magnitude_colour(dot(abs(difference), vec3(1.0 / 3.0)) / limit, map);
  return signed_colour(dot(difference, vec3(1.0 / 3.0)) / limit, dark_theme);
}

void main() {
  if (mode == MODE_SCALE) {
    colour = vec4(magnitude_colour(uv.x, map), 1.0);
  } else if (mode == MODE_SIGNED_SCALE) {
    colour = vec4(signed_colour(uv.x * 2.0 - 1.0, dark_theme), 1.0);
  } else if (taps <= 1) {
    colour = vec4(shade(sharp(uv)), 1.0);
  } else {
    vec3 sum = vec3(0.0);
    for (int y = 0; y < taps; ++y)
      for (int x = 0; x < taps; ++x)
        sum += shade(uv + ((vec2(x, y) + 0.5) / float(taps) - 0.5) * step_uv);
    colour = vec4(sum / float(taps * taps), 1.0);
  }
}
