// How the window is divided: tool bar, side panel, stage, curves, status bar. Pure arithmetic from
// what a person wants and the room there is; any thread.
#pragma once

#include "app/gui/widgets/image_view.h"

namespace fieldscope::gui {

// In design pixels, that is at 100%.
inline constexpr float least_side = 240, least_curves = 140;
// Smaller windows are not offered: the tool bar and a picture still fit into this.
inline constexpr float least_window_width = 480, least_window_height = 300;

// A panel that folds. `open` is remembered; `insists` is not: somebody opened the panel although
// there is too little room for it beside the stage.
struct PanelWish {
  float size = 0;  // width or height, design pixels
  bool open = true;
  bool insists = false;
};

struct WindowLayout {
  Rect toolbar, side, stage, curves, strip, status;
  // A panel that is folded has an empty rectangle; the stage may give way to curves that insist.
  bool side_shown = false, curves_shown = false, stage_shown = true;
  // Whether there is room enough for them beside the stage.
  bool side_fits = true, curves_fit = true;
};

// `strip` pixels above the status bar are left to a message. With `stage_only` the stage gets
// everything between the bars.
WindowLayout arrange_window(ImVec2 size, float scale, const PanelWish& side,
                            const PanelWish& curves, float strip, bool stage_only);

}  // namespace fieldscope::gui
