// Colour maps for false-colour pictures: perceptually uniform ones for magnitudes, a diverging one
// for signed values. The figure, the window (as a texture) and exports all take them from here.
// Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fieldscope {

enum class Colormap {
  viridis,   ///< magnitudes: dark blue over green to yellow
  magma,     ///< magnitudes: black over purple and orange to pale yellow
  diverging  ///< signed: blue below, white at the middle, red above; equally light on both sides
};
const char* colormap_name(Colormap map);

using Rgb = std::array<float, 3>;  ///< sRGB in [0, 1], ready for display

/// The colour at `t` in [0, 1] (clamped; NaN gives mid grey). For `diverging`, 0.5 is zero.
Rgb colormap(Colormap map, float t);

/// `size` >= 2 colours from t = 0 to t = 1 as 8-bit RGB triples: what a texture or a palette holds.
std::vector<std::uint8_t> colormap_table(Colormap map, int size = 256);

}  // namespace fieldscope
