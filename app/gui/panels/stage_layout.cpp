#include "app/gui/panels/stage_layout.h"

#include <algorithm>
#include <cmath>

namespace fieldscope::gui {

std::vector<Rect> arrange_tiles(int count, const Rect& where, float gap, float header,
                                float aspect) {
  if (count <= 0) return {};
  // A header needs some width to be read: where a cell cannot give it, a picture counts for less.
  const float legible = header * 4.4f;
  int best_columns = 1;
  float best_width = 0, best_score = -1;
  for (int columns = 1; columns <= count; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const float width =
        (where.width() - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
    const float height =
        (where.height() - gap * static_cast<float>(rows - 1)) / static_cast<float>(rows) - header;
    const float picture = std::min(width, height * aspect);
    const float score = picture * std::min(1.0f, width / legible);
    if (score > best_score + 0.5f) best_score = score, best_width = picture, best_columns = columns;
  }
  const int rows = (count + best_columns - 1) / best_columns;
  const auto across = static_cast<float>(best_columns), down = static_cast<float>(rows);
  const float most_width = (where.width() - gap * (across - 1)) / across;
  const float most_height = (where.height() - gap * (down - 1)) / down;
  const float width = std::floor(std::min(most_width, std::max(best_width, legible)));
  const float height =
      std::floor(std::min(most_height, header + std::min(width / aspect, most_height - header)));
  const float left =
      std::floor(where.min.x + (where.width() - across * width - (across - 1) * gap) / 2);
  const float top =
      std::floor(where.min.y + (where.height() - down * height - (down - 1) * gap) / 2);
  std::vector<Rect> cells;
  for (int i = 0; i < count; ++i) {
    const auto column = static_cast<float>(i % best_columns),
               row = static_cast<float>(i / best_columns);
    const ImVec2 min = {left + column * (width + gap), top + row * (height + gap)};
    cells.push_back({min, {min.x + width, min.y + height}});
  }
  return cells;
}

std::vector<Rect> arrange_views(int count, const Rect& where, float gap, float header) {
  constexpr float narrowest = 0.64f, widest = 2;
  const std::vector<Rect> squares = arrange_tiles(count, where, gap, header, 1);
  if (squares.empty()) return squares;
  const auto columns =
      static_cast<float>(std::count_if(squares.begin(), squares.end(), [&](const Rect& cell) {
        return cell.min.y == squares.front().min.y;
      }));
  const float rows = std::ceil(static_cast<float>(count) / columns);
  const float width = (where.width() - gap * (columns - 1)) / columns;
  const float height = (where.height() - gap * (rows - 1)) / rows - header;
  if (height <= 0) return squares;
  return arrange_tiles(count, where, gap, header, std::clamp(width / height, narrowest, widest));
}

}  // namespace fieldscope::gui
