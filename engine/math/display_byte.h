// How a number becomes light.
#pragma once

#include <cstdint>

#include "engine/math/portable.h"

namespace fieldscope {

/// 8 bits of a value in [0, 1], rounded; values outside are clamped, what is no number is black.
FIELDSCOPE_HOST_DEVICE std::uint8_t display_byte(float value) {
  if (!(value > 0)) return 0;
  return static_cast<std::uint8_t>((value < 1 ? value : 1.0f) * 255 + 0.5f);
}

}  // namespace fieldscope
