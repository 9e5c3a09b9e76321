// Numbers and times as people write them. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

#include "engine/data/dataset.h"

namespace fieldscope::gui {

std::string format_score(TaskKind task, double score);         // "31.42", "0.9912": no unit
std::string format_significant(double value, int digits = 3);  // "0.0123", "1.23e-5"
// Whole epochs, or hundredths where an epoch takes so many steps that one would wait for the next.
std::string format_epoch(double epoch, std::uint64_t steps_per_epoch);
std::string format_duration(double seconds);  // "840 ms", "12.4 s", "3 min 05 s", "2 h 10 min"
std::string format_large(double value);       // as significant; "27 k", "3.27 M" from 10,000 to 1e9
std::string format_count(double count);       // "12,345", "389 k", "1.2 M"
std::string format_integer(std::uint64_t value);    // "12,345"
std::string format_extent(const Dataset& dataset);  // "256 × 256", "20,000 triangles"
// "Open: 223 boundary edges." of "open: 223 boundary edges"
std::string sentence(std::string text);
std::string format_now(const char* pattern);                // as strftime, local time
std::string format_clock_now();                             // "12:04"
std::string format_day(std::time_t when, std::time_t now);  // "today 12:04", "21 Nov 12:04"

}  // namespace fieldscope::gui
