#version 430 core
// A rectangle given in clip space; uv (0,0) is the top left corner of the picture.
uniform vec4 rect;     // left, top, right, bottom in clip space
uniform vec4 uv_rect;  // the part of the picture at those edges
out vec2 uv;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  uv = mix(uv_rect.xy, uv_rect.zw, corner);
  gl_Position = vec4(mix(rect.xy, rect.zw, corner), 0.0, 1.0);
}
