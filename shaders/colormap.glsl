// False colour. The maps themselves come from the engine (engine/math/colormap.h) as a texture with
// one row each, so that the window, figures and exports never disagree.
uniform sampler2D colour_maps;
const float map_count = 3.0;  // viridis, magma, diverging

// t from 0 to 1.
vec3 mapped_colour(float t, int row) {
  float size = float(textureSize(colour_maps, 0).x);
  float x = (clamp(t, 0.0, 1.0) * (size - 1.0) + 0.5) / size;
  return textureLod(colour_maps, vec2(x, (float(row) + 0.5) / map_count), 0.0).rgb;
}
