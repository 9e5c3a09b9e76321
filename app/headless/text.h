// Numbers and tables as people read them on a terminal. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/data/dataset.h"

namespace fieldscope {

/// Columns that a UTF-8 text takes on a terminal, counting every code point as one.
std::size_t display_width(const std::string& text);

/// The first `width` columns of a UTF-8 text.
std::string clipped_to(const std::string& text, std::size_t width);

/// A task's metric: "28.04", "0.9912", "∞", "–" when it is not a number.
std::string score_text(TaskKind task, double score);
/// The same with what it is: "28.04 dB", "IoU 0.9912".
std::string metric_text(TaskKind task, double score);
/// "PSNR dB", "IoU"
std::string score_heading(TaskKind task);

/// Three significant digits and a unit prefix: "541", "1.23 k", "389 k".
std::string rate_text(double per_second);

/// "37 ms", "0.50 s", "8.2 s", "12 s", "2 min 5 s", "1 h 20 min".
std::string duration_text(double seconds);

/// Rows of cells as aligned columns: the first column to the left, the others to the right, two
/// spaces between. The first row is the heading.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

}  // namespace fieldscope
