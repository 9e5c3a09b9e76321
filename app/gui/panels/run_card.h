// One run in the side panel: name and state; where it is selected, its menus, knobs and actions.
// UI thread only.
#pragma once

#include "app/gui/panels/panel.h"

namespace fieldscope::gui {

// `number` is its place, 1 to 8: the stable part of its widgets' ids.
void draw_run_card(PanelContext& context, RunView& run, int number);

}  // namespace fieldscope::gui
