#version 430 core
// The mean of the passes that were added up.
#include "surface.glsl"

uniform float share;  // 1 / passes
out vec4 colour;

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  colour = vec4(dithered(texelFetch(surface, pixel, 0).rgb * share, pixel, 1.0), 1.0);
}
