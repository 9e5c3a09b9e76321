// How many columns of tiles make the pictures largest. Pure arithmetic; any thread.
#pragma once

#include <vector>

#include "app/gui/widgets/image_view.h"

namespace fieldscope::gui {

// `count` cells inside `where`, `gap` apart, each a header above a picture of this aspect ratio
// (width over height). Cells are only as large as the picture needs and stand centred.
std::vector<Rect> arrange_tiles(int count, const Rect& where, float gap, float header,
                                float aspect);

// The same for views that take nearly any shape, such as those of meshes: as for squares, then
// stretched to the room there is.
std::vector<Rect> arrange_views(int count, const Rect& where, float gap, float header);

}  // namespace fieldscope::gui
