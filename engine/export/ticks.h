// Where the ticks of an axis stand and what they say. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

namespace fieldscope {

/// Multiples of 1, 2 or 5 times a power of ten within [low, high], at most `most` of them (at least
/// two when the range allows). Empty when the range is empty or not finite.
std::vector<double> linear_ticks(double low, double high, int most);

/// Ticks of a logarithmic axis within [low, high], low > 0: every 1, 2 and 5 of each decade where
/// at most `most` fit, else the decades, else every second, third ... decade. A range that holds
/// fewer than two such values is ticked linearly.
std::vector<double> log_ticks(double low, double high, int most);

/// The value as an axis writes it: 0.05, 20, 10k, 2e-5 as "2·10⁻⁵".
std::string tick_label(double value);

/// The same with a minus sign instead of a hyphen, for pages whose font has one.
std::string printed_label(double value);

/// Labels of the ticks of one axis, in print: one notation where the values span so much that k and
/// M do not reach.
std::vector<std::string> printed_labels(const std::vector<double>& ticks);

/// The smallest of 1, 2, 5 times a power of ten that is not below `value` > 0.
double round_up_125(double value);

/// The same among 1, 1.5, 2, 3, 4, 5, 6, 8: ends of scales that linear_ticks marks.
double round_up_scale(double value);

/// Moves `positions` (in any order) apart so that neighbours are at least `distance` apart, within
/// [low, high] as far as they fit, each as near to where it was as possible. Keeps their order.
void spread(std::vector<double>& positions, double distance, double low, double high);

}  // namespace fieldscope
