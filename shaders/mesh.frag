#version 430 core
// Writes the surface: facing, error, depth (negative: the triangle's back is seen). The program
// defines BACKS, see mesh.vert, and WIRE: 1 where triangles are told apart, for their edges.
#include "facing.glsl"

#if BACKS
in vec3 seen_normal;
in vec2 error_depth;
#else
in vec4 seen_surface;
#endif
layout(location = 0) out vec4 surface;
#if WIRE
layout(location = 1) out uint triangle;
#endif

void main() {
#if BACKS
  vec3 n = normalize(gl_FrontFacing ? seen_normal : -seen_normal);
  surface = vec4(packed_facing(n), error_depth.x, gl_FrontFacing ? error_depth.y : -error_depth.y);
#else
  surface = seen_surface;
#endif
#if WIRE
  triangle = uint(gl_PrimitiveID);
#endif
}
