// What a video along the camera's path should be, and how far the one under way is. UI thread only.
#pragma once

#include "app/gui/panels/panel.h"

namespace fieldscope::gui {

// At the cursor: a button, in words or as an icon, that opens the choices.
void draw_video_button(PanelContext& context, bool in_words);

// "frame 12 of 240, 1 min 20 s left"
std::string video_text(const VideoExport::Progress& progress);

}  // namespace fieldscope::gui
