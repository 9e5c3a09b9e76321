// The cameras that photographs were taken with, as thin pyramids over a view of their scene.
// UI thread only.
#pragma once

#include <optional>

#include <imgui.h>

#include "app/gui/scene_path.h"
#include "app/gui/scene_pictures.h"
#include "app/gui/theme.h"

namespace fieldscope::gui {

// Draws them where `seen_by` sees them on its picture, which lies at `placement`. `pointer` is
// where one may be pointed at; returns which one is, which is drawn brighter and with its name.
// Those near the eye are left out. `through` is the photograph that the camera looks through: its
// picture is what one wants to see, and of the others only the one that is pointed at is drawn.
std::optional<Photograph> draw_frusta(Ui& ui, ImDrawList* list, const PosedViews& scene,
                                      const PosedCamera& seen_by, const Rect& placement,
                                      float length, const std::optional<Photograph>& through,
                                      const std::optional<ImVec2>& pointer);

// Tells the widget map where the eyes of those that are held out are, as far as they are seen.
void map_frusta(Ui& ui, const PosedViews& scene, const PosedCamera& seen_by, const Rect& placement,
                const Rect& region, float length);

// The camera's path: a line, and its key frames as frusta of that length; `here` is the one that
// the camera's time is at. Not where `seen_by` is itself.
inline constexpr unsigned path_rgb = 0xA78BFA;  // no run's colour
void draw_path(const Ui& ui, ImDrawList* list, const ScenePath& path, const PosedCamera& seen_by,
               const Rect& placement, float length);

// Where a point of the world is on the screen.
std::optional<ImVec2> on_screen(const PosedCamera& seen_by, const Rect& placement, Vec3 point);

}  // namespace fieldscope::gui
