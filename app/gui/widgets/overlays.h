// What lies over the window at times: help, the first hints, the promise of a drop. UI thread only.
#pragma once

#include <string>

#include "app/gui/theme.h"

namespace fieldscope::gui {

// Keyboard and mouse at a glance. Returns false once it should close.
bool draw_help(Ui& ui, bool software_renderer, const std::string& renderer);

// What dropping would do.
void draw_drop_promise(Ui& ui);

// Three hints of the first start; `page` 0..2. Returns the next page, 3 when done.
int draw_hint(Ui& ui, int page, ImVec2 target_min, ImVec2 target_max);

}  // namespace fieldscope::gui
