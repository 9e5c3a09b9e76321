#include "app/gui/scene_pictures.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/math/colormap.h"

namespace fieldscope::gui {

const char* scene_mode_name(SceneMode mode) {
  static constexpr std::array<const char*, scene_mode_count> names = {"Colour", "Depth", "Opacity",
                                                                      "Error"};
  return names[static_cast<std::size_t>(mode)];
}

const char* scene_mode_id(SceneMode mode) {
  static constexpr std::array<const char*, scene_mode_count> ids = {"colour", "depth", "opacity",
                                                                    "error"};
  return ids[static_cast<std::size_t>(mode)];
}

std::string photograph_group(const PosedViews& scene, const Photograph& which) {
  const std::size_t count = (which.held_out ? scene.held_out : scene.training).size();
  return (which.held_out ? "held out " : "training ") + std::to_string(which.index + 1) + " of " +
         std::to_string(count);
}

std::string photograph_name(const PosedViews& scene, const Photograph& which) {
  return which.of(scene).name + "  ·  " + photograph_group(scene, which);
}

std::string held_out_psnr_name(std::size_t views) {
  return views == 1 ? "PSNR of one held-out view" : "PSNR, mean over held-out views";
}

namespace {

std::size_t size(int value) {
  return static_cast<std::size_t>(value);
}

// A view's numbers at any pixel, from those that have been rendered.
class Sampled {
 public:
  explicit Sampled(const RenderedView& view)
      : view_(view),
        stride_(std::max(1, view.stride)),
        last_x_((view.width - 1) / stride_ * stride_),
        last_y_((view.height - 1) / stride_ * stride_) {}

  // Where a pixel lies among the four that surround it.
  void go_to(int x, int y) {
    const int x0 = x / stride_ * stride_, y0 = y / stride_ * stride_;
    const int x1 = std::min(x0 + stride_, last_x_), y1 = std::min(y0 + stride_, last_y_);
    right_ = static_cast<float>(x - x0) / static_cast<float>(stride_);
    down_ = static_cast<float>(y - y0) / static_cast<float>(stride_);
    at_ = {index(x0, y0), index(x1, y0), index(x0, y1), index(x1, y1)};
  }
  float smooth(const std::vector<float>& values, std::size_t channels, std::size_t channel) const {
    const auto value = [&](std::size_t i) { return values[at_[i] * channels + channel]; };
    if (stride_ == 1) return value(0);
    const float top = value(0) + (value(1) - value(0)) * right_;
    const float low = value(2) + (value(3) - value(2)) * right_;
    return top + (low - top) * down_;
  }
  // Depths of different things have no mean.
  float nearest(const std::vector<float>& values) const {
    return values[at_[(right_ < 0.5f ? 0u : 1u) + (down_ < 0.5f ? 0u : 2u)]];
  }

 private:
  std::size_t index(int x, int y) const { return size(y) * size(view_.width) + size(x); }

  const RenderedView& view_;
  int stride_, last_x_, last_y_;
  float right_ = 0, down_ = 0;
  std::array<std::size_t, 4> at_{};
};

const std::vector<std::uint8_t>& table_of(int map) {
  static const std::array<std::vector<std::uint8_t>, 2> tables = {colormap_table(Colormap::viridis),
                                                                  colormap_table(Colormap::magma)};
  return tables[map == 0 ? 0 : 1];
}

void put_mapped(float* to, float share, int map) {
  const auto entry = static_cast<std::size_t>(std::clamp(share, 0.0f, 1.0f) * 255 + 0.5f);
  for (std::size_t c = 0; c < 3; ++c)
    to[c] = static_cast<float>(table_of(map)[3 * entry + c]) / 255;
}

ViewSample sample_of(const Sampled& at, const RenderedView& view) {
  ViewSample sample;
  for (std::size_t c = 0; c < 3; ++c) sample.colour[c] = at.smooth(view.colour, 3, c);
  sample.opacity = at.smooth(view.opacity, 1, 0);
  sample.depth = at.nearest(view.depth);
  sample.solid = at.nearest(view.opacity) > 0.1f;
  return sample;
}

}  // namespace

float ViewSample::error(const float* truth) const {
  float off = 0;
  for (std::size_t c = 0; c < 3; ++c)
    off += std::fabs(std::clamp(colour[c], 0.0f, 1.0f) - truth[c]) / 3;
  return off;
}

ViewSample sample_view(const RenderedView& view, float x, float y) {
  const auto pixel = [](float share, int count) {
    return std::clamp(static_cast<int>(share * static_cast<float>(count)), 0, count - 1);
  };
  Sampled sampled(view);
  sampled.go_to(pixel(x, view.width), pixel(y, view.height));
  return sample_of(sampled, view);
}

Image paint(const RenderedView& view, SceneMode mode, const SceneScale& scale, const Image* truth) {
  Image image;
  image.width = view.width;
  image.height = view.height;
  image.channels = 3;
  image.pixels.resize(3 * size(view.width) * size(view.height));
  const bool compares = mode == SceneMode::error && truth && truth->width == view.width &&
                        truth->height == view.height;
  Sampled sampled(view);
  for (int y = 0; y < view.height; ++y)
    for (int x = 0; x < view.width; ++x) {
      const std::size_t at = size(y) * size(view.width) + size(x);
      float* to = image.pixels.data() + 3 * at;
      sampled.go_to(x, y);
      const ViewSample seen = sample_of(sampled, view);
      if (mode == SceneMode::opacity)
        to[0] = to[1] = to[2] = seen.opacity;
      else if (mode == SceneMode::depth && seen.has_depth())
        put_mapped(to, (seen.depth - scale.near) / std::max(1e-6f, scale.far - scale.near), 0);
      else if (mode == SceneMode::depth)
        to[0] = to[1] = to[2] = 0.12f;
      else if (compares)
        put_mapped(to, seen.error(truth->pixels.data() + 3 * at) / scale.error, scale.error_map);
      else
        std::copy(seen.colour.begin(), seen.colour.end(), to);
    }
  return image;
}

void ShownView::take(const Snapshot& snapshot, const PosedCamera& wanted,
                     const std::optional<Photograph>& through, const Image* truth) {
  // Of the photographs that the last evaluation measured there is a picture already.
  const ViewQuality* measured = nullptr;
  if (through && through->held_out)
    for (const ViewQuality& one : snapshot.views)
      if (one.view == through->index && one.rendered) measured = &one;
  const Progress measured_at = snapshot.quality ? snapshot.quality->at : Progress{};
  const auto& live = snapshot.view;
  const bool live_here = live && snapshot.view_camera == wanted;
  if (measured && live_here) {
    // The whole of it, unless what is seen live is as fine or much newer.
    const std::uint64_t then = measured_at.step, now = snapshot.view_at.step;
    const bool as_fine = live->stride <= measured->rendered->stride;
    if ((as_fine && now > then) || now > 2 * then + 10) measured = nullptr;
  }
  if (!measured && !live) return;
  // While the camera moves, what it saw a moment ago is shown until it has seen something new.
  const std::shared_ptr<const RenderedView> next = measured ? measured->rendered : live;
  if (next == view) return;
  view = next;
  camera = measured ? wanted : snapshot.view_camera;
  at = measured ? measured_at : snapshot.view_at;
  ++serial;
  psnr.reset();
  if (measured)
    psnr = measured->psnr;
  else if (truth && live_here && view->stride == 1 && view->colour.size() == truth->pixels.size())
    psnr = fieldscope::psnr(view->picture(), *truth);
}

void ShownView::paint_as(SceneMode mode, const SceneScale& scale, const Image* truth) {
  if (!view) return;
  const bool same = painted_ && painted_->view == view && painted_->mode == mode &&
                    painted_->truth == truth &&
                    (painted_->scale == scale || mode == SceneMode::colour);
  if (same) return;
  painted_ = Painted{view, mode, scale, truth};
  const Image picture = paint(*view, mode, scale, truth);
  texture.display.upload_display(picture.pixels, picture.width, picture.height, picture.channels);
}

void ShownView::forget() {
  *this = {};
}

Image picture_of_view(const Snapshot& snapshot, const PosedViews& scene, std::size_t held_out) {
  std::shared_ptr<const RenderedView> finest;
  for (const ViewQuality& seen : snapshot.views)
    if (seen.view == held_out) finest = seen.rendered;
  const std::shared_ptr<const RenderedView>& live = snapshot.view;
  if (live && snapshot.view_camera == scene.held_out[held_out].camera && live->stride > 0 &&
      (!finest || live->stride < finest->stride))
    finest = live;
  return finest ? finest->picture() : Image{};
}

Photograph nearest_photograph(const PosedViews& scene, const Pose& pose) {
  Photograph best;
  float least = 1e30f;
  const auto look = [&](const std::vector<PosedView>& views, bool held_out) {
    for (std::size_t i = 0; i < views.size(); ++i) {
      const Pose& other = views[i].camera.pose;
      // Half a turn counts as much as the box' side.
      const float away = length(other.origin - pose.origin) + (1 - dot(other.back, pose.back));
      if (away >= least) continue;
      least = away;
      best = {held_out, i};
    }
  };
  look(scene.held_out, true);
  look(scene.training, false);
  return best;
}

float frustum_length(const PosedViews& scene) {
  std::vector<Vec3> eyes;
  for (const auto* views : {&scene.training, &scene.held_out})
    for (const PosedView& view : *views) eyes.push_back(view.camera.pose.origin);
  std::vector<float> nearest;
  for (std::size_t i = 0; i < eyes.size(); ++i) {
    float least = 1e30f;
    for (std::size_t j = 0; j < eyes.size(); ++j)
      if (i != j) least = std::min(least, length(eyes[i] - eyes[j]));
    nearest.push_back(least);
  }
  const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
  std::nth_element(nearest.begin(), middle, nearest.end());
  return std::clamp(0.5f * *middle, 0.01f, 0.2f);
}

Image thumbnail_strip(const PosedViews& scene, int count, int side) {
  Image strip;
  strip.width = count * side;
  strip.height = side;
  strip.channels = 3;
  strip.pixels.assign(3 * size(strip.width) * size(side), 0);
  const std::vector<PosedView>& views = scene.training;
  for (int k = 0; k < count; ++k) {
    const PosedView& view = views[size(k) * views.size() / size(count)];
    const int width = view.camera.lens.width, height = view.camera.lens.height;
    const int cut = std::min(width, height);
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        // The mean over what a pixel covers.
        std::array<float, 3> sum{};
        const int x0 = x * cut / side, x1 = std::max(x0 + 1, (x + 1) * cut / side);
        const int y0 = y * cut / side, y1 = std::max(y0 + 1, (y + 1) * cut / side);
        for (int v = y0; v < y1; ++v)
          for (int u = x0; u < x1; ++u) {
            const int column = u + (width - cut) / 2, row = v + (height - cut) / 2;
            const auto colour = view.colour(size(row) * size(width) + size(column), 1);
            for (std::size_t c = 0; c < 3; ++c) sum[c] += colour[c];
          }
        const auto covered = static_cast<float>((x1 - x0) * (y1 - y0));
        float* to = strip.pixels.data() + 3 * (size(y) * size(strip.width) + size(k * side + x));
        for (std::size_t c = 0; c < 3; ++c) to[c] = sum[c] / covered;
      }
  }
  return strip;
}

}  // namespace fieldscope::gui
