// What the mouse does over a view of something in space: meshes and scenes are turned alike.
// UI thread only.
#pragma once

#include <optional>
#include <string>

#include <imgui.h>

#include "app/camera.h"
#include "app/gui/widgets/image_view.h"

namespace fieldscope::gui {

// In this frame. Movements are in fractions of the view's shorter side.
struct ViewGesture {
  bool hovered = false;
  bool right_clicked = false;
  bool alt_dragging = false;
  bool clicked = false;              // left, and not dragged
  bool double_clicked = false;       // left
  std::optional<ViewPoint> pointer;  // where it is in the region, while hovered
  ViewPoint at;                      // the same, wherever it is
  ImVec2 orbit{}, pan{};
  float zoom = 0;  // notches of the wheel
};

// Submits the item `id` over the region: left drag turns, middle or Shift + left drag pans, the
// wheel zooms about the pointer. With `alt_down` a left drag is the caller's.
ViewGesture view_gesture(Ui& ui, const std::string& id, const Rect& region, bool shift_down,
                         bool alt_down);

// Moves a Camera or a SceneCamera; whether it did.
template <class AnyCamera>
bool follow(AnyCamera& camera, const ViewGesture& gesture, float aspect) {
  const AnyCamera before = camera;
  if (gesture.zoom != 0) camera.zoom(gesture.zoom, gesture.at, aspect);
  if (gesture.orbit.x != 0 || gesture.orbit.y != 0) camera.orbit(gesture.orbit.x, gesture.orbit.y);
  if (gesture.pan.x != 0 || gesture.pan.y != 0) camera.pan(gesture.pan.x, gesture.pan.y);
  return !(camera == before);
}

}  // namespace fieldscope::gui
