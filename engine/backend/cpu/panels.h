// How the kernels cut matrices up. A panel is 32 columns of a matrix, row after row without gaps:
// [panel][row][32]. Registers work on strips of 12 rows by a panel's columns; both numbers suit
// every instruction set (a panel is a whole number of vector pairs, a strip one or two blocks).
#pragma once

#include <cstddef>

namespace fieldscope::cpu {

inline constexpr std::size_t panel_columns = 32;
inline constexpr std::size_t strip_rows = 12;

/// Numbers in a strip of one panel.
inline constexpr std::size_t strip_size = strip_rows * panel_columns;

/// Alignment of buffers in bytes: a cache line, and the widest vector.
inline constexpr std::size_t alignment = 64;

inline constexpr std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

inline constexpr std::size_t panel_count(std::size_t columns) {
  return (columns + panel_columns - 1) / panel_columns;
}

}  // namespace fieldscope::cpu
