// What lies over the window at times: help, the first hints, the promise of a drop. UI thread only.
#pragma once

#include <string>

#include "app/gui/theme.h"
#include "app/gui/widgets/image_view.h"
#include "engine/data/dataset.h"

namespace fieldscope::gui {

// Keyboard and mouse at a glance. Returns false once it should close.
bool draw_help(Ui& ui, TaskKind task, bool software_renderer, const std::string& renderer);

// What dropping would do; its frame lies in the region from `min` to `max`, below the tool bar.
void draw_drop_promise(Ui& ui, ImVec2 min, ImVec2 max, TaskKind task);

// The hints of the first start, one at a time in a strip that covers nothing.
inline constexpr int hint_count = 3;
float hint_height(const Ui& ui, int page, float width, TaskKind task);
// Returns the next page, hint_count when done.
int draw_hint(Ui& ui, int page, const Rect& strip, TaskKind task);
// An outline around what the hint is about.
void draw_hint_target(Ui& ui, int page);

}  // namespace fieldscope::gui
