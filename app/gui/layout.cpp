#include "app/gui/layout.h"

#include <algorithm>
#include <cmath>

namespace fieldscope::gui {
namespace {

// Of the stage, design pixels: below the first the panels fold by themselves; below the second
// there is no picture worth drawing beside curves that insist.
constexpr float enough_width = 400, enough_height = 232, least_stage_height = 150;
// Curves that are as high as somebody likes them give way to pictures, down to their least height.
constexpr float good_stage_height = 320;
constexpr float toolbar_height = 40, status_height = 24;

}  // namespace

WindowLayout arrange_window(ImVec2 size, float scale, const PanelWish& side,
                            const PanelWish& curves, float strip, bool stage_only) {
  const auto px = [scale](float length) { return std::floor(length * scale + 0.5f); };
  WindowLayout out;
  const float top = px(toolbar_height), floor = size.y - px(status_height);
  const float bottom = floor - strip;
  out.toolbar = {{0, 0}, {size.x, top}};
  out.status = {{0, floor}, size};
  out.strip = {{0, bottom}, {size.x, floor}};

  const float width = size.x / scale, height = (bottom - top) / scale;
  out.side_fits = width - least_side >= enough_width;
  out.curves_fit = height - least_curves >= enough_height;
  out.side_shown = !stage_only && side.open && (out.side_fits || side.insists);
  out.curves_shown = !stage_only && curves.open && (out.curves_fit || curves.insists);

  float left = 0, middle = bottom;
  if (out.side_shown) {
    const float most = std::max(least_side, std::min(width / 2, width - enough_width));
    left = px(std::clamp(side.size, least_side, most));
  }
  if (out.curves_shown) {
    const float most = std::max(least_curves, height - good_stage_height);
    out.stage_shown = height - least_curves >= least_stage_height;
    middle = out.stage_shown ? bottom - px(std::clamp(curves.size, least_curves, most)) : top;
  }
  out.side = {{0, top}, {left, bottom}};
  out.stage = {{left, top}, {size.x, middle}};
  out.curves = {{left, middle}, {size.x, bottom}};
  return out;
}

}  // namespace fieldscope::gui
