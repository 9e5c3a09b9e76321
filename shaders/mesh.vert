#version 430 core
// First pass over a mesh: only what lies where, and which way it faces. Light is worked out later,
// once a pixel, which small triangles would otherwise pay for several times.
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in float error;

uniform mat4 view;
uniform mat4 clip_from_view;
uniform vec4 cut;  // cut away where dot(xyz, position) > w

out vec3 seen_normal;
out vec2 error_depth;
out float gl_ClipDistance[1];

void main() {
  vec4 seen = view * vec4(position, 1.0);
  seen_normal = mat3(view) * normal;
  error_depth = vec2(error, -seen.z);
  gl_ClipDistance[0] = cut.w - dot(cut.xyz, position);
  gl_Position = clip_from_view * seen;
}
