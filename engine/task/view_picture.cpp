#include "engine/task/view_picture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr std::string_view names[] = {"colour", "depth", "opacity"};

Image depth_picture(const RenderedView& view, const DepthScale& scale) {
  const Rgb nothing = colormap(scale.map, std::numeric_limits<float>::quiet_NaN());
  Image image{view.width, view.height, 3, {}};
  image.pixels.reserve(3 * view.depth.size());
  for (std::size_t i = 0; i < view.depth.size(); ++i) {
    const Rgb colour = colormap(scale.map, scale.place(view.depth[i]));
    const float opacity = view.depth[i] > 0 ? std::clamp(view.opacity[i], 0.0f, 1.0f) : 0;
    for (std::size_t k = 0; k < 3; ++k)
      image.pixels.push_back(std::lerp(nothing[k], colour[k], opacity));
  }
  return image;
}

}  // namespace

std::span<const std::string_view> view_mode_names() {
  return names;
}

ViewMode find_view_mode(std::string_view name) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found != std::end(names)) return static_cast<ViewMode>(found - std::begin(names));
  throw UsageError("unknown mode '" + std::string(name) +
                   "'; choose one of colour, depth, opacity");
}

float DepthScale::place(float distance) const {
  if (reciprocal) return (1 / from - 1 / distance) / (1 / from - 1 / to);
  return (distance - from) / (to - from);
}

DepthScale depth_scale(std::span<const RenderedView> views) {
  std::vector<float> depths;
  for (const RenderedView& view : views)
    for (std::size_t i = 0; i < view.depth.size(); ++i)
      if (view.depth[i] > 0 && view.opacity[i] > 0.5f) depths.push_back(view.depth[i]);
  if (depths.empty()) return {};
  std::sort(depths.begin(), depths.end());
  const std::size_t hundredth = depths.size() / 100;
  DepthScale scale;
  scale.from = depths[hundredth];
  scale.to = std::max(depths[depths.size() - 1 - hundredth], scale.from * 1.001f);
  scale.reciprocal = scale.to > 4 * scale.from;
  return scale;
}

Image view_picture(const RenderedView& view, ViewMode mode, const DepthScale& scale) {
  if (mode == ViewMode::depth) return depth_picture(view, scale);
  if (mode == ViewMode::opacity) return {view.width, view.height, 1, view.opacity};
  return {view.width, view.height, 3, view.colour};
}

}  // namespace fieldscope
