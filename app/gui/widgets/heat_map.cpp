#include "app/gui/widgets/heat_map.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/format.h"
#include "app/gui/widgets/texture_id.h"

namespace fieldscope::gui {

float HeatMap::Scale::position(double value) const {
  if (std::isnan(value)) return std::nanf("");
  if (value <= 0) return 0;
  return static_cast<float>(std::clamp((std::log10(value) - low) / (high - low), 0.0, 1.0));
}

void HeatMap::show(const std::shared_ptr<const void>& of, std::span<const float> values, int width,
                   int height, const Scale& scale, bool smooth) {
  if (of_ == of && scale_ == scale && texture_.width() == width && texture_.height() == height)
    return;
  of_ = of;
  scale_ = scale;
  std::vector<float> pixels;
  pixels.reserve(values.size() * 3);
  for (const float value : values) {
    const Rgb colour = colormap(scale.map, scale.position(value));
    pixels.insert(pixels.end(), colour.begin(), colour.end());
  }
  texture_.upload_display(pixels, width, height, 3);
  texture_.set_smooth(smooth);
}

void HeatMap::draw(ImDrawList* list, const Rect& where, bool flipped) const {
  if (texture_.empty()) return;
  list->AddImage(texture_id(texture_.id()), where.min, where.max, {0, flipped ? 1.0f : 0.0f},
                 {1, flipped ? 0.0f : 1.0f});
}

HeatMap::Scale HeatMap::natural_scale(const std::shared_ptr<const void>& of,
                                      std::span<const float> values, double decades, Colormap map) {
  if (natural_of_ == of && natural_.map == map) return natural_;
  natural_of_ = of;
  double low = 1e300, high = -1e300;
  for (const float value : values) {
    if (!std::isfinite(value) || value <= 0) continue;
    const double place = std::log10(static_cast<double>(value));
    low = std::min(low, place);
    high = std::max(high, place);
  }
  natural_ = {-1, 0, map};
  if (low > high) return natural_;
  low = std::max(low, high - decades);
  natural_ = {high - low < 1e-6 ? high - 1 : low, high, map};
  return natural_;
}

ImU32 map_colour(Colormap map, float t, float shade) {
  const Rgb colour = colormap(map, t);
  const auto part = [&](std::size_t i) {
    return static_cast<int>(std::clamp(colour[i] * shade, 0.0f, 1.0f) * 255 + 0.5f);
  };
  return IM_COL32(part(0), part(1), part(2), 255);
}

void colour_bar(const Ui& ui, ImDrawList* list, const Rect& where, const HeatMap::Scale& scale) {
  constexpr int pieces = 48;
  for (int i = 0; i < pieces; ++i) {
    const float a = where.min.x + where.width() * static_cast<float>(i) / pieces;
    const float b = where.min.x + where.width() * static_cast<float>(i + 1) / pieces;
    list->AddRectFilledMultiColor({a, where.min.y}, {b, where.max.y},
                                  map_colour(scale.map, static_cast<float>(i) / pieces),
                                  map_colour(scale.map, static_cast<float>(i + 1) / pieces),
                                  map_colour(scale.map, static_cast<float>(i + 1) / pieces),
                                  map_colour(scale.map, static_cast<float>(i) / pieces));
  }
  const ImFont* font = ui.fonts.small;
  const std::string low = format_significant(std::pow(10.0, scale.low), 2);
  const std::string high = format_significant(std::pow(10.0, scale.high), 2);
  const float y = where.max.y + ui.px(3);
  draw_text(list, font, {where.min.x, y}, ui.colours.secondary, low);
  draw_text(list, font, {where.max.x - text_size(font, high).x, y}, ui.colours.secondary, high);
}

}  // namespace fieldscope::gui
