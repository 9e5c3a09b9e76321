#version 430 core
// One triangle that covers the whole target, as far away as can be.
void main() {
  gl_Position = vec4(vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0), 1.0, 1.0);
}
