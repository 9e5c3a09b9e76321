#include "app/gui/format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace fieldscope::gui {
namespace {

template <typename... Args>
std::string print(const char* pattern, Args... args) {
  char text[96];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

std::string format_time(std::time_t when, const char* pattern) {
  std::tm local{};
  localtime_r(&when, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, pattern, &local)};
}

}  // namespace

std::string format_score(TaskKind task, double score) {
  if (!std::isfinite(score)) return score > 0 ? "∞" : "–";
  const std::string text = print(task_info(task).digits == 2 ? "%.2f" : "%.4f", score);
  return text[0] == '-' ? "−" + text.substr(1) : text;
}

std::string format_extent(const Dataset& dataset) {
  const std::string extent = dataset.extent();
  return dataset.task() == TaskKind::image ? extent.substr(0, extent.rfind(' ')) : extent;
}

std::string format_significant(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  if (value == 0) return "0";
  if (value < 0) return "−" + format_significant(-value, digits);
  const double size = value;
  std::string text;
  if (size >= 0.9995e-4 && size < 1e6) {
    // Of the rounded number: 0.00999999 is written as 0.01 is.
    const double rounded = std::strtod(print("%.*e", digits - 1, size).c_str(), nullptr);
    const int before = static_cast<int>(std::floor(std::log10(rounded))) + 1;
    text = print("%.*f", std::max(0, digits - before), value);
  } else {
    text = print("%.*e", digits - 1, value);
    // "1.20e-05" reads better as "1.20e-5".
    const auto e = text.find('e');
    std::string exponent = text.substr(e + 1);
    const bool negative = exponent[0] == '-';
    exponent.erase(0, exponent.find_first_not_of("+-0"));
    text = text.substr(0, e) + "e" + (negative ? "-" : "") + (exponent.empty() ? "0" : exponent);
  }
  return text;
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  if (seconds < 0.9995) return print("%.0f ms", seconds * 1000);
  if (seconds < 59.95) return print("%.1f s", seconds);
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 3600) return print("%ld min %02ld s", whole / 60, whole % 60);
  return print("%ld h %02ld min", whole / 3600, whole % 3600 / 60);
}

std::string format_count(double count) {
  if (!std::isfinite(count)) return "–";
  if (count < 1e4) return format_integer(static_cast<std::uint64_t>(std::max(0.0, count) + 0.5));
  if (count < 1e6) return print("%.0f k", count / 1e3);
  if (count < 1e7) return print("%.2f M", count / 1e6);
  return print("%.0f M", count / 1e6);
}

std::string format_large(double value) {
  return value >= 1e4 && value < 1e9 ? format_count(value) : format_significant(value);
}

std::string format_epoch(double epoch, std::uint64_t steps_per_epoch) {
  constexpr std::uint64_t many = 1000;
  const auto hundredths = static_cast<std::uint64_t>(std::max(0.0, epoch) * 100 + 1e-6);
  const std::string whole = format_integer(hundredths / 100);
  if (steps_per_epoch < many) return whole;
  return whole + print(".%02u", static_cast<unsigned>(hundredths % 100));
}

std::string format_integer(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  if (text.back() != '.') text += '.';
  return text;
}

std::string format_now(const char* pattern) {
  return format_time(std::time(nullptr), pattern);
}

std::string format_clock_now() {
  return format_now("%H:%M");
}

std::string format_day(std::time_t when, std::time_t now) {
  constexpr const char* day = "%Y-%m-%d";
  const std::string clock = format_time(when, "%H:%M");
  if (format_time(when, day) == format_time(now, day)) return "today " + clock;
  if (format_time(when, day) == format_time(now - 24 * 60 * 60, day)) return "yesterday " + clock;
  return format_time(when, "%-d %b ") + clock;
}

}  // namespace fieldscope::gui
