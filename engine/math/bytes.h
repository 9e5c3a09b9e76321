// Amounts of memory as people read them.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace fieldscope {

/// "142 MB", "1.2 GB"
inline std::string format_bytes(std::size_t bytes) {
  const double size = static_cast<double>(bytes);
  const auto print = [](const char* format, double value) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return std::string(text);
  };
  if (size < 1e6) return print("%.0f kB", size / 1e3);
  if (size < 9.95e6) return print("%.1f MB", size / 1e6);
  if (size < 1e9) return print("%.0f MB", size / 1e6);
  return print("%.1f GB", size / 1e9);
}

}  // namespace fieldscope
