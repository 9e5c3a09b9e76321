// The row of the camera's path, above that of the views: which path, playing it, its key frames in
// time, files and videos of it. UI thread only.
#pragma once

#include "app/gui/panels/panel.h"

namespace fieldscope::gui {

float path_bar_height(const Ui& ui);
void draw_path_bar(PanelContext& context, const Rect& where, PathTimeline& timeline);

}  // namespace fieldscope::gui
