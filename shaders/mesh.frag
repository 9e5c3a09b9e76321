#version 430 core
// Writes the surface: view normal x and y, error, depth (negative: the triangle's back is seen).
// The program defines WIRE: 1 where triangles are told apart, for their edges.
in vec3 seen_normal;
in vec2 error_depth;
layout(location = 0) out vec4 surface;
#if WIRE
layout(location = 1) out uint triangle;
#endif

void main() {
  vec3 n = normalize(seen_normal);
  if (!gl_FrontFacing) n = -n;
  // Interpolated normals may turn away at the silhouette; there they lie across the view.
  n.xy = n.z < 0.0 ? normalize(n.xy) : n.xy;
  surface = vec4(n.xy, error_depth.x, gl_FrontFacing ? error_depth.y : -error_depth.y);
#if WIRE
  triangle = uint(gl_PrimitiveID);
#endif
}
