// Numbers and tables as people read them on a terminal. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

namespace fieldscope {

/// Columns that a UTF-8 text takes on a terminal, counting every code point as one.
std::size_t display_width(const std::string& text);

/// The first `width` columns of a UTF-8 text.
std::string clipped_to(const std::string& text, std::size_t width);

/// "28.04", "∞", "–" when it is not a number.
std::string decibel_text(double psnr);

/// Three significant digits and a unit prefix: "541", "1.23 k", "389 k".
std::string rate_text(double per_second);

/// "37 ms", "0.50 s", "8.2 s", "12 s", "2 min 5 s", "1 h 20 min".
std::string duration_text(double seconds);

/// Rows of cells as aligned columns: the first column to the left, the others to the right, two
/// spaces between. The first row is the heading.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

}  // namespace fieldscope
