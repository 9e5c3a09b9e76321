// What a video along the camera's path should be, and how far the one under way is. UI thread only.
#pragma once

#include "app/gui/panels/panel.h"

namespace fieldscope::gui {

// At the cursor: a button, in words or as an icon, that asks for the choices. Whether it was
// pressed.
bool video_button(PanelContext& context, bool in_words);
// The choices, or how far it is, opened at `at` once the workspace's ask_video is set.
void draw_video_popup(PanelContext& context, ImVec2 at);

// "frame 12 of 240, 1 min 20 s left"
std::string video_text(const VideoExport::Progress& progress);

}  // namespace fieldscope::gui
