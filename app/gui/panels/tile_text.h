// Short texts over the pictures of tiles: what meshes and scenes say alike.
#pragma once

#include <string>
#include <vector>

#include "app/gui/theme.h"
#include "app/gui/widgets/image_view.h"

namespace fieldscope::gui {

// The first that fits, in small type; else the last.
std::string fitting(const Ui& ui, const std::vector<std::string>& texts, float width);
// One line or two, each the first of its texts that fits, in the middle of a tile that has nothing
// to show.
void draw_message(const Ui& ui, const Rect& at, const std::vector<std::vector<std::string>>& lines);
// Quiet text at the lower left, on a plate in the colour of the panels.
void draw_caption(Ui& ui, const Rect& at, const std::string& text, ImU32 ink);
// How far work is, along the lower edge.
void draw_progress_line(const Ui& ui, const Rect& at, double share);

}  // namespace fieldscope::gui
