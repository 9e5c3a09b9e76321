// Perceptually even colour maps. viridis and magma are sampled at ten places of the published
// tables (both are in the public domain, CC0); the diverging maps are this project's own.
const vec3 viridis_table[10] = vec3[10](
    vec3(68, 1, 84), vec3(72, 40, 120), vec3(62, 73, 137), vec3(49, 104, 142), vec3(38, 130, 142),
    vec3(31, 158, 137), vec3(53, 183, 121), vec3(110, 206, 88), vec3(181, 222, 43),
    vec3(253, 231, 37));
const vec3 magma_table[10] = vec3[10](
    vec3(0, 0, 4), vec3(24, 15, 61), vec3(68, 15, 118), vec3(114, 31, 129), vec3(158, 47, 127),
    vec3(205, 64, 113), vec3(241, 96, 93), vec3(253, 150, 104), vec3(254, 202, 141),
    vec3(252, 253, 191));
// From too small (blue) to too large (orange); the middle takes the side of the theme.
const vec3 dark_centre_table[5] = vec3[5](
    vec3(138, 200, 255), vec3(38, 110, 184), vec3(18, 20, 25), vec3(186, 74, 30),
    vec3(255, 178, 122));
const vec3 light_centre_table[5] = vec3[5](
    vec3(13, 62, 122), vec3(86, 160, 218), vec3(246, 246, 246), vec3(232, 142, 84),
    vec3(140, 48, 8));

vec3 magnitude_colour(float t, int map) {
  float at = clamp(t, 0.0, 1.0) * 9.0;
  int i = min(int(at), 8);
  vec3 low = map == 0 ? viridis_table[i] : magma_table[i];
  vec3 high = map == 0 ? viridis_table[i + 1] : magma_table[i + 1];
  return mix(low, high, at - float(i)) / 255.0;
}

// t from -1 to 1.
vec3 signed_colour(float t, bool dark) {
  float at = (clamp(t, -1.0, 1.0) * 0.5 + 0.5) * 4.0;
  int i = min(int(at), 3);
  vec3 low = dark ? dark_centre_table[i] : light_centre_table[i];
  vec3 high = dark ? dark_centre_table[i + 1] : light_centre_table[i + 1];
  return mix(low, high, at - float(i)) / 255.0;
}
