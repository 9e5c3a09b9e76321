#version 430 core
// First pass over a mesh: only what lies where, and which way it faces. Light is worked out later,
// once a pixel, which small triangles would otherwise pay for several times. The program defines
// BACKS (1 where a triangle's back may be seen) and CUT (1 where a plane cuts some of it away).
#include "facing.glsl"

layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in float error;

uniform mat4 view;
uniform mat4 clip_from_view;

#if BACKS
out vec3 seen_normal;
out vec2 error_depth;
#else
out vec4 seen_surface;
#endif
#if CUT
uniform vec4 cut;  // cut away where dot(xyz, position) > w
out float gl_ClipDistance[1];
#endif

void main() {
  vec4 seen = view * vec4(position, 1.0);
  vec3 n = mat3(view) * normal;
#if BACKS
  seen_normal = n;
  error_depth = vec2(error, -seen.z);
#else
  seen_surface = vec4(packed_facing(n), error, -seen.z);
#endif
#if CUT
  gl_ClipDistance[0] = cut.w - dot(cut.xyz, position);
#endif
  gl_Position = clip_from_view * seen;
}
