// Normals in view space as two numbers, by stereographic projection from the direction that looks
// away. Interpolated over a triangle they stay unit normals, with nothing to do for each pixel.
vec2 packed_facing(vec3 n) {
  return n.xy / max(1.0 + n.z, 0.2);  // what turns away so far is never seen
}

vec3 unpacked_facing(vec2 f) {
  float square = dot(f, f);
  return vec3(2.0 * f, 1.0 - square) / (1.0 + square);
}
