#include "app/gui/widgets/frusta.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "app/gui/widget_map.h"

namespace fieldscope::gui {
namespace {

struct Frustum {
  Photograph view;
  std::array<std::pair<ImVec2, ImVec2>, 8> lines;  // the first four from the eye
  std::size_t count = 0;
  float distance = 1e9f;  // of the pointer, in pixels
};

float distance_to(ImVec2 p, ImVec2 a, ImVec2 b) {
  const float x = b.x - a.x, y = b.y - a.y;
  const float along = (p.x - a.x) * x + (p.y - a.y) * y, whole = x * x + y * y;
  const float t = whole > 0 ? std::clamp(along / whole, 0.0f, 1.0f) : 0;
  return std::hypot(p.x - a.x - t * x, p.y - a.y - t * y);
}

class Projection {
 public:
  Projection(const PosedCamera& camera, const Rect& placement)
      : camera_(camera),
        placement_(placement),
        x_(placement.width() / static_cast<float>(camera.lens.width)),
        y_(placement.height() / static_cast<float>(camera.lens.height)) {}

  ImVec2 screen(const PicturePoint& p) const {
    return {placement_.min.x + static_cast<float>(p.column) * x_,
            placement_.min.y + static_cast<float>(p.row) * y_};
  }
  void add(Frustum& frustum, Vec3 from, Vec3 to) const {
    const auto line = project_line(camera_, from, to);
    if (!line) return;
    frustum.lines[frustum.count++] = {screen(line->from), screen(line->to)};
  }

 private:
  const PosedCamera& camera_;
  const Rect& placement_;
  float x_, y_;
};

Frustum frustum_of(const PosedCamera& camera, const Projection& projection, float length) {
  Frustum frustum;
  const Pose& pose = camera.pose;
  const Lens& lens = camera.lens;
  std::array<Vec3, 4> corners;
  for (std::size_t i = 0; i < 4; ++i) {
    const double column = i == 1 || i == 2 ? lens.width : 0, row = i >= 2 ? lens.height : 0;
    const Vec3 towards = {static_cast<float>((column - lens.cx) / lens.fx),
                          static_cast<float>((lens.cy - row) / lens.fy), -1};
    corners[i] = pose.origin + pose.to_world(towards) * length;
  }
  for (const Vec3& corner : corners) projection.add(frustum, pose.origin, corner);
  for (std::size_t i = 0; i < 4; ++i) projection.add(frustum, corners[i], corners[(i + 1) % 4]);
  return frustum;
}

void draw(ImDrawList* list, const Frustum& frustum, ImU32 ink, float thickness) {
  for (std::size_t i = 0; i < frustum.count; ++i)
    list->AddLine(frustum.lines[i].first, frustum.lines[i].second, ink, thickness);
}

// Their lines would cross all of the picture: from within one, from close by, and where a part of
// it lies beside or behind the eye.
bool too_near(const PosedCamera& seen_by, const PosedCamera& camera, float length) {
  const Vec3 eye = seen_by.pose.to_camera(camera.pose.origin - seen_by.pose.origin);
  return fieldscope::length(eye) < 2 * length || -eye.z < length;
}

// The picture in front of the eye, where the whole of it is seen.
void fill_picture(ImDrawList* list, const Frustum& frustum, ImU32 ink) {
  const auto& lines = frustum.lines;
  if (frustum.count == lines.size())
    list->AddQuadFilled(lines[4].first, lines[5].first, lines[6].first, lines[7].first, ink);
}

}  // namespace

std::optional<ImVec2> on_screen(const PosedCamera& seen_by, const Rect& placement, Vec3 point) {
  const auto place = seen_by.project(point);
  if (!place) return std::nullopt;
  return Projection(seen_by, placement).screen(*place);
}

void map_frusta(Ui& ui, const PosedViews& scene, const PosedCamera& seen_by, const Rect& placement,
                const Rect& region, float length) {
  if (!ui.map->enabled()) return;
  for (std::size_t i = 0; i < scene.held_out.size(); ++i) {
    if (too_near(seen_by, scene.held_out[i].camera, length)) continue;
    const auto eye = on_screen(seen_by, placement, scene.held_out[i].camera.pose.origin);
    if (!eye || !region.contains(*eye)) continue;
    ui.map->add("view.held_out." + std::to_string(i), {eye->x - 1, eye->y - 1},
                {eye->x + 1, eye->y + 1});
  }
}

void draw_path(const Ui& ui, ImDrawList* list, const ScenePath& path, const PosedCamera& seen_by,
               const Rect& placement, float length) {
  const Projection projection(seen_by, placement);
  constexpr float larger = 1.5f;  // than photographs' cameras, of which there are many
  const float thickness = std::max(1.2f, 1.4f * ui.scale), edge = 1.2f;
  const auto near = [&](Vec3 place) {
    return fieldscope::length(place - seen_by.pose.origin) < 0.5f * length;
  };
  const std::vector<Vec3>& line = path.line();
  const ImU32 ink = from_hex(path_rgb), shade = IM_COL32(16, 18, 22, 90);
  for (const bool below : {true, false})
    for (std::size_t i = 1; i < line.size(); ++i) {
      // From on the path itself it would cross the picture.
      if (near(line[i - 1]) || near(line[i])) continue;
      if (const auto piece = project_line(seen_by, line[i - 1], line[i]))
        list->AddLine(projection.screen(piece->from), projection.screen(piece->to),
                      below ? shade : ink, below ? thickness + edge : thickness);
    }
  if (path.kind() != ScenePath::Kind::key_frames) return;
  const std::optional<std::size_t> here = path.key_here();
  for (std::size_t i = 0; i < path.keys().size(); ++i) {
    const CameraKey& key = path.keys()[i];
    if (near(key.pose.origin)) continue;
    const PosedCamera camera = camera_of(key, seen_by.lens.width, seen_by.lens.height);
    const Frustum frustum = frustum_of(camera, projection, larger * length);
    draw(list, frustum, here == i ? IM_COL32(16, 18, 22, 220) : shade, thickness + edge);
    draw(list, frustum, here == i ? IM_COL32_WHITE : ink, thickness);
  }
}

std::optional<Photograph> draw_frusta(Ui& ui, ImDrawList* list, const PosedViews& scene,
                                      const PosedCamera& seen_by, const Rect& placement,
                                      float length, const std::optional<Photograph>& through,
                                      const std::optional<ImVec2>& pointer) {
  const float reach = ui.px(6);
  const Projection projection(seen_by, placement);
  std::optional<Frustum> pointed;
  const auto draw_all = [&](const std::vector<PosedView>& views, bool held_out) {
    // Over pictures of any brightness: a dark line below a light one would cost twice as much. Not
    // in a colour that a run might have.
    const ImU32 ink = IM_COL32(128, 134, 144, held_out ? 255 : 130);
    for (std::size_t i = 0; i < views.size(); ++i) {
      const Photograph which = {held_out, i};
      if (through == which || too_near(seen_by, views[i].camera, length)) continue;
      Frustum frustum = frustum_of(views[i].camera, projection, length);
      if (frustum.count == 0) continue;
      frustum.view = which;
      if (!through) {
        if (held_out) fill_picture(list, frustum, IM_COL32(128, 134, 144, 110));
        draw(list, frustum, ink, std::max(1.0f, ui.px(1)));
      }
      if (!pointer) continue;
      for (std::size_t k = 0; k < frustum.count; ++k)
        frustum.distance = std::min(frustum.distance, distance_to(*pointer, frustum.lines[k].first,
                                                                  frustum.lines[k].second));
      if (frustum.distance < reach && (!pointed || frustum.distance < pointed->distance))
        pointed = frustum;
    }
  };
  draw_all(scene.training, false);
  draw_all(scene.held_out, true);
  if (!pointed) return std::nullopt;
  draw(list, *pointed, IM_COL32(16, 18, 22, 200), ui.px(4));
  draw(list, *pointed, IM_COL32(255, 255, 255, 255), ui.px(2));
  return pointed->view;
}

}  // namespace fieldscope::gui
