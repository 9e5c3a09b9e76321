// Icons drawn with lines: sharp at every scale, no icon font. UI thread only.
#pragma once

#include <imgui.h>

namespace fieldscope::gui {

enum class Icon {
  play,
  pause,
  step,
  reset,
  plus,
  minus,
  fork,
  duplicate,
  gear,
  eye,
  eye_off,
  download,
  folder,
  image,
  more,
  close,
  check,
  warning,
  info,
  chevron_down,
  chevron_right,
  pin,
  sun,
  moon,
  help,
  fit,
  trash,
  camera,
  undo,
  expand,
  panel_left,
  panel_bottom,
  mesh,
  wire,
  section,
  path,
  loop,
  logo
};

// Inside the square of side `size` around `centre`.
void draw_icon(ImDrawList* list, Icon icon, ImVec2 centre, float size, ImU32 colour);

}  // namespace fieldscope::gui
