// How the kernels cut matrices up. A panel is 32 columns of a matrix, row after row without gaps:
// [panel][row][32]. Registers work on strips of 12 rows by a panel's columns; both numbers suit
// every instruction set (a panel is a whole number of vector pairs, a strip one or two blocks).
#pragma once

#include <cstddef>

#include "engine/math/round_up.h"

namespace fieldscope::cpu {

inline constexpr std::size_t panel_columns = 32;
inline constexpr std::size_t strip_rows = 12;

/// Samples whose share of a weight gradient is summed up in registers before it joins the sum: so
/// few that a panel of each signal stays in the nearest cache, so many that joining hardly counts.
/// A batch is cut into such groups from its beginning, whatever else decides who works on what: the
/// order of the sums, and with it the last bits, depends on the batch alone.
inline constexpr std::size_t group_rows = 12 * strip_rows;

/// Numbers in a strip of one panel.
inline constexpr std::size_t strip_size = strip_rows * panel_columns;

/// Alignment of buffers in bytes: a cache line, and the widest vector.
inline constexpr std::size_t alignment = 64;

inline constexpr std::size_t panel_count(std::size_t columns) {
  return (columns + panel_columns - 1) / panel_columns;
}

}  // namespace fieldscope::cpu
