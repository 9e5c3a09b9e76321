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
// How dense the plate of a caption is, and the ink that stands out on it whatever picture shines
// through.
inline constexpr float caption_density = 0.9f;
ImU32 caption_ink(const Palette& palette, ImU32 ink);
// Quiet text at the lower left, on a plate in the colour of the panels: the first that fits into
// `at`, or none.
void draw_caption(Ui& ui, const Rect& at, const std::vector<std::string>& texts, ImU32 ink);
// How far work is, along the lower edge.
void draw_progress_line(const Ui& ui, const Rect& at, double share);

}  // namespace fieldscope::gui
