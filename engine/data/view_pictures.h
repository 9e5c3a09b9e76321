// The pictures of posed views: 8 bits, reduced while they are read, so that only small ones are
// kept. Inside the reader of posed views; any thread.
#pragma once

#include "engine/data/image_decode.h"

namespace fieldscope {

/// Area-weighted mean of a picture of 1 to 4 channels at a size that is nowhere larger. Colours
/// count by their alpha, so that what is transparent does not shine through at edges; the result's
/// alpha is straight, its colour 0 where alpha is 0.
DecodedBytes reduced(const DecodedBytes& picture, int width, int height);

/// As RGB, or as RGBA where some pixel is not opaque.
DecodedBytes as_colour(DecodedBytes picture);

}  // namespace fieldscope
