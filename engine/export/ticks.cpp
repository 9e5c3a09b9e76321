#include "engine/export/ticks.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <numeric>

namespace fieldscope {
namespace {

/// m * 10^e, exactly where m * 10^|e| is exact: 2e-5 must not come out as 2.0000000000000002e-05.
double scaled(double m, int exponent) {
  return exponent >= 0 ? m * std::pow(10.0, exponent) : m / std::pow(10.0, -exponent);
}

/// The smallest of the mantissas (from 1, rising) times a power of ten that is not below `value`.
double round_up(double value, std::initializer_list<double> mantissas) {
  const int exponent = static_cast<int>(std::floor(std::log10(value)));
  for (int e = exponent - 1; e <= exponent + 1; ++e) {
    for (const double m : mantissas) {
      if (scaled(m, e) >= value * (1 - 1e-9)) return scaled(m, e);
    }
  }
  return value;
}

std::string superscript(int number) {
  static const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = number < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(number))) text += digits[c - '0'];
  return text;
}

std::string shortest(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// A group of positions that touch each other, placed as one.
struct Cluster {
  double wanted_sum;  ///< of each member's wish, minus its offset within the cluster
  int members;
  double start(double low, double high, double distance) const {
    const double end = std::max(low, high - distance * (members - 1));
    return std::clamp(wanted_sum / members, low, end);
  }
};

}  // namespace

double round_up_125(double value) {
  return round_up(value, {1, 2, 5});
}

double round_up_scale(double value) {
  return round_up(value, {1, 1.5, 2, 3, 4, 5, 6, 8});
}

std::vector<double> linear_ticks(double low, double high, int most) {
  std::vector<double> ticks;
  if (!(high > low) || !std::isfinite(high - low)) return ticks;
  most = std::max(most, 2);
  const double slack = 1e-9 * (high - low);
  double step = round_up_125((high - low) / most);
  const auto first = [&] { return std::ceil((low - slack) / step); };
  const auto last = [&] { return std::floor((high + slack) / step); };
  while (last() - first() + 1 > most) step = round_up_125(step * 1.5);
  // k / (1 / step) keeps 3 * 0.1 at 0.3.
  const double steps_in_one = std::round(1 / step);
  const bool fraction = step < 1 && std::fabs(1 / step - steps_in_one) < 1e-6 * steps_in_one;
  for (double k = first(); k <= last(); ++k) {
    ticks.push_back((fraction ? k / steps_in_one : k * step) + 0.0);  // never -0
  }
  return ticks;
}

std::vector<double> log_ticks(double low, double high, int most) {
  std::vector<double> ticks;
  if (!(low > 0) || !(high > low) || !std::isfinite(high)) return ticks;
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  const auto collect = [&](std::initializer_list<double> mantissas, int every) {
    ticks.clear();
    for (int e = first; e <= last; ++e) {
      if (((e % every) + every) % every != 0) continue;
      for (const double m : mantissas) {
        const double value = scaled(m, e);
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push_back(value);
      }
    }
    return static_cast<int>(ticks.size()) <= most;
  };
  if (!collect({1, 2, 5}, 1)) {
    for (int every = 1; !collect({1}, every); ++every) {
    }
  }
  return ticks.size() >= 2 ? ticks : linear_ticks(low, high, most);
}

std::string tick_label(double value) {
  const double size = std::fabs(value);
  if (size == 0) return "0";
  if (size >= 0.00099 && size < 9999.5) return shortest(value);
  if (size >= 9999.5 && size < 1e6) return shortest(value / 1000) + "k";
  if (size >= 1e6 && size < 1e9) return shortest(value / 1e6) + "M";
  int exponent = static_cast<int>(std::floor(std::log10(size)));
  double mantissa = value / std::pow(10.0, exponent);
  if (std::fabs(mantissa) >= 9.9999995) {
    mantissa /= 10;
    ++exponent;
  }
  const std::string power = "10" + superscript(exponent);
  const std::string digits = shortest(mantissa);
  if (digits == "1") return power;
  return digits + "·" + power;
}

std::string printed_label(double value) {
  const std::string label = tick_label(value);
  return label.starts_with('-') ? "−" + label.substr(1) : label;
}

std::vector<std::string> printed_labels(const std::vector<double>& ticks) {
  const bool powers =
      std::any_of(ticks.begin(), ticks.end(), [](double tick) { return std::fabs(tick) >= 1e9; });
  std::vector<std::string> labels;
  for (const double tick : ticks) {
    const int exponent = tick > 0 ? static_cast<int>(std::lround(std::log10(tick))) : 0;
    const bool power = tick > 0 && scaled(1, exponent) == tick;
    labels.push_back(powers && power ? "10" + superscript(exponent) : printed_label(tick));
  }
  return labels;
}

void spread(std::vector<double>& positions, double distance, double low, double high) {
  std::vector<std::size_t> order(positions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return positions[a] < positions[b]; });
  // Clusters that overlap merge, and sit where the mean of their members' wishes is.
  std::vector<Cluster> clusters;
  for (const std::size_t index : order) {
    clusters.push_back({positions[index], 1});
    while (clusters.size() > 1) {
      Cluster& before = clusters[clusters.size() - 2];
      const Cluster& last = clusters.back();
      const double before_end = before.start(low, high, distance) + distance * before.members;
      if (last.start(low, high, distance) >= before_end) break;
      before.wanted_sum += last.wanted_sum - distance * before.members * last.members;
      before.members += last.members;
      clusters.pop_back();
    }
  }
  auto index = order.begin();
  for (const Cluster& cluster : clusters) {
    const double start = cluster.start(low, high, distance);
    for (int i = 0; i < cluster.members; ++i) positions[*index++] = start + distance * i;
  }
}

}  // namespace fieldscope
