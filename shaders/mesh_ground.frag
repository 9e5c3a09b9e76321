#version 430 core
// What lies behind a mesh.
#include "surface.glsl"
#include "ground.glsl"

out vec4 colour;

void main() {
  colour = vec4(dithered(ground_colour(), ivec2(gl_FragCoord.xy), dither), 1.0);
}
