// Pictures as video codecs want them: luma and two chroma planes of half the size. Pure functions;
// any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/data/image.h"

namespace fieldscope {

/// A plane of `width` x `height` bytes, row by row.
struct YuvPlane {
  int width = 0, height = 0;
  std::vector<std::uint8_t> bytes;
};

/// 4:2:0, 8 bits, limited range (16 to 235 and 240).
struct YuvPicture {
  YuvPlane y, cb, cr;
};

/// By the matrix of BT.709. Odd sides are padded to even ones by repeating the edge. A chroma
/// sample lies at the left one of its four pixels' columns, between their rows, as H.264 has it
/// unless told otherwise. Images of 1 or 3 channels, clamped to [0, 1]; NaN becomes 0.
YuvPicture yuv_picture(const Image& image);

}  // namespace fieldscope
