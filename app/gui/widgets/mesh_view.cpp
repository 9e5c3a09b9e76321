#include "app/gui/widgets/mesh_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "app/gui/widget_map.h"
#include "app/gui/widgets/texture_id.h"
#include "app/gui/widgets/view_gesture.h"

namespace fieldscope::gui {
namespace {

// Seconds without a movement until a view is at rest.
constexpr double still = 0.15;

Rgb to_rgb(ImU32 colour) {
  const ImVec4 c = ImGui::ColorConvertU32ToFloat4(colour);
  return {c.x, c.y, c.z};
}

}  // namespace

MeshInput interact_with_mesh(Ui& ui, const std::string& id, const Rect& region, Camera& camera,
                             bool shift_down, bool alt_down) {
  const ViewGesture gesture = view_gesture(ui, id, region, shift_down, alt_down);
  MeshInput input;
  input.hovered = gesture.hovered;
  input.right_clicked = gesture.right_clicked;
  input.alt_dragging = gesture.alt_dragging;
  input.pointer = gesture.pointer;
  const float aspect = region.width() / std::max(1.0f, region.height());
  input.changed = follow(camera, gesture, aspect);
  if (gesture.double_clicked) input.picked = camera.ray(gesture.at, aspect);
  return input;
}

gl::MeshRenderer& MeshViews::renderer() {
  if (!renderer_) renderer_ = std::make_unique<gl::MeshRenderer>();
  return *renderer_;
}

void MeshViews::begin_frame(double now, bool slow, bool busy) {
  constexpr double between_passes = 0.15;
  now_ = now;
  busy_ = busy;
  // As long as something turns it stays as it began.
  const bool turning = std::any_of(motions_.begin(), motions_.end(), [&](const auto& motion) {
    return now - motion.second.moved_at < still;
  });
  slow_ = slow || (slow_ && turning);
  refined_ = busy && now - refined_at_ < between_passes;
  std::erase_if(motions_, [&](const auto& motion) { return now - motion.second.drawn_at > 5; });
  if (!renderer_ || now - looked_ < 1) return;
  looked_ = now;
  std::string message;
  if (renderer_->reload_if_changed(&message)) ++edition_;
  if (!message.empty()) std::fprintf(stderr, "%s\n", message.c_str());
}

bool MeshViews::moves(const gl::MeshTile& tile, const Camera& camera) {
  const auto [motion, first] = motions_.try_emplace(&tile, Motion{camera});
  if (!first && motion->second.camera != camera) motion->second.moved_at = now_;
  motion->second.camera = camera;
  motion->second.drawn_at = now_;
  return now_ - motion->second.moved_at < still;
}

void MeshViews::draw(Ui& ui, ImDrawList* list, gl::MeshTile& tile, const gl::MeshScene& scene,
                     const Rect& region, const std::optional<Rect>& clip) {
  const ImVec2 density = ImGui::GetIO().DisplayFramebufferScale;
  const bool moving = moves(tile, scene.camera);
  const float share = moving && slow_ ? 0.5f : 1.0f;
  const int width = static_cast<int>(std::lround(region.width() * density.x * share));
  const int height = static_cast<int>(std::lround(region.height() * density.y * share));
  if (width <= 0 || height <= 0) return;
  const int before = tile.refined();
  const bool may_refine = !refined_ && !(moving && slow_);
  if (tile.update(renderer(), scene, width, height, may_refine, edition_)) ui.wants_frame = true;
  if (tile.refined() > before) {
    refined_ = true;
    refined_at_ = now_;
  }
  glBindTexture(GL_TEXTURE_2D, tile.texture());
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, share < 1 ? GL_LINEAR : GL_NEAREST);
  glBindTexture(GL_TEXTURE_2D, 0);
  const Rect& seen = clip ? *clip : region;
  list->PushClipRect(seen.min, seen.max, true);
  // Rows of the texture run upwards.
  list->AddImage(texture_id(tile.texture()), region.min, region.max, {0, 1}, {1, 0});
  list->PopClipRect();
}

void draw_axes(const Ui& ui, ImDrawList* list, const Rect& region, const Camera& camera) {
  if (std::min(region.width(), region.height()) < ui.px(120)) return;
  struct Axis {
    const char* name;
    float x, y, towards;
    ImU32 colour;
  };
  const Vec3 r = camera.right(), u = camera.up(), b = camera.backward();
  std::array<Axis, 3> axes = {{{"x", r.x, u.x, b.x, from_hex(0xC96A63)},
                               {"y", r.y, u.y, b.y, from_hex(0x7FA65A)},
                               {"z", r.z, u.z, b.z, from_hex(0x5E93CC)}}};
  // The nearest last, over the others.
  std::sort(axes.begin(), axes.end(),
            [](const Axis& one, const Axis& other) { return one.towards < other.towards; });
  const float arm = ui.px(18);
  const ImVec2 centre = {region.min.x + ui.px(34), region.max.y - ui.px(34)};
  for (const Axis& axis : axes) {
    const ImVec2 end = {centre.x + axis.x * arm, centre.y - axis.y * arm};
    const ImU32 colour = with_alpha(axis.colour, 0.55f + 0.35f * (axis.towards * 0.5f + 0.5f));
    list->AddLine(centre, end, colour, 1.5f * ui.scale);
    const ImVec2 size = text_size(ui.fonts.small, axis.name);
    const ImVec2 at = {centre.x + axis.x * (arm + ui.px(8)), centre.y - axis.y * (arm + ui.px(8))};
    draw_text(list, ui.fonts.small, {at.x - size.x / 2, at.y - size.y / 2}, colour, axis.name);
  }
}

MeshStyle themed_mesh_style(const Palette& colours) {
  MeshStyle style = colours.dark ? mesh_style_on_dark() : mesh_style_on_light();
  style.background_top =
      to_rgb(colours.dark ? mix(colours.panel, colours.hovered, 0.35f) : colours.panel);
  style.background_bottom =
      to_rgb(colours.dark ? colours.ground : mix(colours.ground, colours.line, 0.6f));
  return style;
}

}  // namespace fieldscope::gui
