// The camera's path in time: a line from its beginning to its end with the key frames on it and
// where the camera is. UI thread only.
#pragma once

#include <optional>
#include <string>

#include "app/gui/theme.h"
#include "app/gui/widgets/image_view.h"

namespace fieldscope::gui {

struct PanelContext;

class PathTimeline {
 public:
  void draw(PanelContext& context, const Rect& where);

 private:
  // What the steps of one draw() share: pixels.
  struct Track;

  void interact(PanelContext& context, Track& track);
  void draw_menu(PanelContext& context);

  std::optional<std::size_t> pressed_;  // a key frame
  bool dragged_ = false;                // since it was pressed
  float pressed_x_ = 0;
  std::size_t menu_key_ = 0;
};

// What one key frame offers in menus.
void key_frame_items(PanelContext& context, const std::string& id, std::size_t index);

std::string path_seconds(double seconds);  // "2.4 s"

}  // namespace fieldscope::gui
