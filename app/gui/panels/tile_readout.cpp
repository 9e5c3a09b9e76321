// The value under the pointer, in every tile: of pictures and of what cameras see of scenes.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

// No "-0.00": what rounds to nothing has no sign.
std::string fixed(double value, int digits, bool sign) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, std::fabs(value));
  const bool nothing = std::string_view(text).find_first_not_of("0.") == std::string_view::npos;
  return (nothing ? "" : value < 0 ? "−" : sign ? "+" : "") + std::string(text);
}

const float* pixel_at(const Image& image, ImVec2 fraction) {
  const int x =
      std::min(static_cast<int>(fraction.x * static_cast<float>(image.width)), image.width - 1);
  const int y =
      std::min(static_cast<int>(fraction.y * static_cast<float>(image.height)), image.height - 1);
  return image.at(x, y);
}

std::string pixel_text(const float* pixel, int channels) {
  if (channels < 3) return fixed(pixel[0], 3, false);
  return fixed(pixel[0], 2, false) + "  " + fixed(pixel[1], 2, false) + "  " +
         fixed(pixel[2], 2, false);
}

// What the colour of this pixel says: the same mean over channels as the shader's.
std::string difference_text(const Image& image, const Image& reference, ImVec2 fraction,
                            bool absolute) {
  const float *a = pixel_at(image, fraction), *b = pixel_at(reference, fraction);
  const int channels = std::min({image.channels, reference.channels, 3});
  double sum = 0;
  for (int c = 0; c < channels; ++c)
    sum +=
        absolute ? std::fabs(static_cast<double>(a[c]) - b[c]) : static_cast<double>(a[c]) - b[c];
  return fixed(sum / channels, 4, !absolute);
}

bool same_size(const Image* a, const Image& b) {
  return a && a->width == b.width && a->height == b.height && a->channels > 0;
}

// A frame around a pixel of a picture of that size, which lies at `placement`.
Rect draw_pixel_frame(const Ui& ui, const Rect& placement, int width, int height, ImVec2 at) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float cell_w = placement.width() / static_cast<float>(width);
  const float cell_h = placement.height() / static_cast<float>(height);
  const float px = std::floor(at.x * static_cast<float>(width)),
              py = std::floor(at.y * static_cast<float>(height));
  const ImVec2 min = {placement.min.x + px * cell_w, placement.min.y + py * cell_h};
  const float grow = std::max(0.0f, ui.px(5) - cell_w / 2);
  const ImVec2 a = {min.x - grow, min.y - grow}, b = {min.x + cell_w + grow, min.y + cell_h + grow};
  list->AddRect({a.x - 1, a.y - 1}, {b.x + 1, b.y + 1}, IM_COL32(0, 0, 0, 160), 2);
  list->AddRect(a, b, IM_COL32(255, 255, 255, 230), 2);
  return {a, b};
}

// At the lower left of `room`, or above where it would hide the very pixel it tells of.
void draw_value(Ui& ui, const Rect& room, const Rect& pixel, const std::string& text) {
  const float left = room.min.x + ui.px(8);
  float top = room.max.y - ui.px(32);
  const float right = left + text_size(ui.fonts.small, text).x + ui.px(16);
  if (pixel.min.x < right && pixel.max.x > left && pixel.max.y > top &&
      pixel.min.y < top + ui.px(24))
    top = std::max(room.min.y + ui.px(40), pixel.min.y - ui.px(32));
  draw_chip(ui, {left, top}, text);
}

// What the colour of a scene's tile says there.
std::string sample_text(const ViewSample& seen, SceneMode mode, const float* truth, float unit) {
  if (mode == SceneMode::opacity) return fixed(seen.opacity, 2, false);
  if (mode == SceneMode::depth)
    return seen.has_depth() ? format_significant(seen.depth / unit) + " units" : "nothing there";
  if (mode == SceneMode::error && truth) return fixed(seen.error(truth), 4, false);
  return pixel_text(seen.colour.data(), 3);
}

}  // namespace

void Stage::draw_readout(PanelContext& context, const Tile& tile, const Rect& placement,
                         bool truth_shown) {
  if (!last_pointer_ && !pointer_) return;
  const ImVec2 at = pointer_ ? *pointer_ : *last_pointer_;
  const Image& truth = context.work.picture()->image;
  const Image* image = tile.run && !truth_shown ? tile.run->picture.get() : &truth;
  if (!same_size(image, truth)) return;
  const Rect pixel = draw_pixel_frame(context.ui, placement, truth.width, truth.height, at);
  // The value of what is seen: the picture's, or the difference that the false colour stands for.
  std::string text = pixel_text(pixel_at(*image, at), image->channels);
  if (tile.run && !truth_shown) {
    const ViewMode view = context.work.view_of(*tile.run);
    const RunView* other = context.work.reference_of(*tile.run);
    const Image* against = view == ViewMode::versus_run && other ? other->picture.get() : &truth;
    if (view != ViewMode::reconstruction && same_size(against, truth))
      text = difference_text(*image, *against, at, view == ViewMode::absolute_error);
  }
  draw_value(context.ui, tile.picture, pixel, text);
}

// A photograph from elsewhere has nothing to do with what tiles see under the pointer.
void Stage::draw_scene_readout(PanelContext& context, const Tile& tile, const Rect& placement,
                               bool truth) {
  if (!last_pointer_ && !pointer_) return;
  Ui& ui = context.ui;
  const Workspace& work = context.work;
  const ImVec2 at = pointer_ ? *pointer_ : *last_pointer_;
  const Image* photo = work.photograph_here();
  // Above the caption.
  const Rect room = {placement.min, {placement.max.x, placement.max.y - (truth ? 0 : ui.px(28))}};
  std::string text;
  int width = 0, height = 0;
  if (truth) {
    if (!photo) return;
    width = photo->width, height = photo->height;
    text = pixel_text(pixel_at(*photo, at), photo->channels);
  } else {
    const ShownView& shown = tile.run->scene;
    if (!shown.view) return;
    width = shown.view->width, height = shown.view->height;
    const bool compares = photo && photo->width == width && photo->height == height;
    text = sample_text(sample_view(*shown.view, at.x, at.y), work.scene_mode_of(*tile.run),
                       compares ? pixel_at(*photo, at) : nullptr, work.scene()->frame.scale);
  }
  const Rect pixel = draw_pixel_frame(ui, placement, width, height, at);
  draw_value(ui, room, pixel, text);
  ui.map->add("tile." + std::to_string(tile.index) + ".value", pixel.min, pixel.max);
}

}  // namespace fieldscope::gui
