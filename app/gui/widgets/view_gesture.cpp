#include "app/gui/widgets/view_gesture.h"

#include <algorithm>

#include "app/gui/widget_map.h"

namespace fieldscope::gui {

ViewGesture view_gesture(Ui& ui, const std::string& id, const Rect& region, bool shift_down,
                         bool alt_down) {
  // A press that moves farther than this is no click.
  constexpr float still = 4;
  ViewGesture gesture;
  if (region.width() < 4 || region.height() < 4) return gesture;
  ImGui::SetCursorScreenPos(region.min);
  const bool pressed_here =
      ImGui::InvisibleButton(id.c_str(), {region.width(), region.height()},
                             ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle |
                                 ImGuiButtonFlags_MouseButtonRight);
  ui.map->add_last_item(id);
  const ImGuiIO& io = ImGui::GetIO();
  const float side = std::min(region.width(), region.height());
  gesture.hovered = ImGui::IsItemHovered();
  gesture.right_clicked = gesture.hovered && ImGui::IsMouseReleased(ImGuiMouseButton_Right);
  gesture.at = {(io.MousePos.x - region.min.x) / region.width(),
                (io.MousePos.y - region.min.y) / region.height()};
  if (gesture.hovered) gesture.zoom = io.MouseWheel;
  // In the frame of the press the pointer came from elsewhere: that was no drag yet.
  if (ImGui::IsItemActive() && !ImGui::IsItemActivated() &&
      !ImGui::IsMouseDown(ImGuiMouseButton_Right)) {
    const ImVec2 moved = {io.MouseDelta.x / side, io.MouseDelta.y / side};
    const bool middle = ImGui::IsMouseDown(ImGuiMouseButton_Middle);
    if (alt_down && !middle)
      gesture.alt_dragging = true;
    else
      (middle || shift_down ? gesture.pan : gesture.orbit) = moved;
  }
  gesture.clicked = pressed_here && ImGui::IsMouseReleased(ImGuiMouseButton_Left) &&
                    io.MouseDragMaxDistanceSqr[0] < still * still;
  if (!gesture.hovered) return gesture;
  gesture.pointer = gesture.at;
  gesture.double_clicked = ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  return gesture;
}

}  // namespace fieldscope::gui
