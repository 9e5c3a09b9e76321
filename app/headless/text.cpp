#include "app/headless/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace fieldscope {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string clipped_to(const std::string& text, std::size_t width) {
  std::size_t end = 0;
  for (std::size_t shown = 0; end < text.size(); ++end) {
    if (continues(text[end])) continue;
    if (shown++ == width) break;
  }
  return text.substr(0, end);
}

std::string score_text(TaskKind task, double score) {
  if (std::isnan(score)) return "–";
  if (std::isinf(score)) return score > 0 ? "∞" : "-∞";
  return formatted(task_info(task).digits == 2 ? "%.2f" : "%.4f", score);
}

std::string metric_text(TaskKind task, double score) {
  const TaskInfo& info = task_info(task);
  const std::string number = score_text(task, score);
  return info.unit.empty() ? std::string(info.metric) + " " + number
                           : number + " " + std::string(info.unit);
}

std::string score_heading(TaskKind task) {
  const TaskInfo& info = task_info(task);
  return std::string(info.metric) + (info.unit.empty() ? "" : " " + std::string(info.unit));
}

std::string rate_text(double rate) {
  if (!std::isfinite(rate) || rate <= 0) return "–";
  static constexpr const char* prefixes[] = {"", " k", " M", " G", " T"};
  std::size_t prefix = 0;
  while (rate >= 999.5 && prefix + 1 < std::size(prefixes)) {
    rate /= 1000;
    ++prefix;
  }
  return formatted(rate >= 99.95   ? "%.0f"
                   : rate >= 9.995 ? "%.1f"
                                   : "%.2f",
                   rate) +
         prefixes[prefix];
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  if (seconds > 0 && seconds < 0.0995) return formatted("%.2g", seconds * 1000) + " ms";
  if (seconds < 0.995) return seconds > 0 ? formatted("%.2f s", seconds) : "0 s";
  if (seconds < 9.95 && seconds != std::floor(seconds)) return formatted("%.1f s", seconds);
  const auto whole = static_cast<long long>(std::llround(std::min(seconds, 1e12)));
  const auto two = [](long long large, const char* large_unit, long long small,
                      const char* small_unit) {
    std::string text = std::to_string(large) + large_unit;
    if (small > 0) text += " " + std::to_string(small) + small_unit;
    return text;
  };
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return two(whole / 60, " min", whole % 60, " s");
  if (whole < 86400) return two(whole / 3600, " h", whole % 3600 / 60, " min");
  return two(whole / 86400, " d", whole % 86400 / 3600, " h");
}

std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - display_width(row[i]), ' ');
      if (i > 0) line += "  ";
      line += i == 0 ? row[i] + padding : padding + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace fieldscope
