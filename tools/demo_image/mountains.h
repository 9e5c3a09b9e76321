// The far shore: mountains grown by uplift and carved by rivers, so that ridges and valleys branch
// as real ones do. Pure: the same heights on every call.
#pragma once

#include "tools/demo_image/heightfield.h"

namespace fieldscope::demo_image {

// Heights in metres; the fjord's bed lies below 0.
Heightfield make_mountains();

// Heights smoothed over some hundred metres: the difference tells ridges from gullies.
Heightfield make_smoothed(const Heightfield& mountains);

}  // namespace fieldscope::demo_image
