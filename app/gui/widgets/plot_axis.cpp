#include "app/gui/widgets/plot_axis.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace fieldscope::gui {

Axis::Axis(double low, double high, bool logarithmic) : low_(low), high_(high), log_(logarithmic) {
  if (log_) {
    if (!(high_ > 0)) high_ = 1;
    if (!(low_ > 0)) low_ = high_ * 1e-3;
  }
  if (!(high_ > low_)) {
    // A range of no width, as at the first measurement: open it a little.
    const double half = log_ ? 0 : std::max(1e-9, std::fabs(low_) * 0.05);
    high_ = log_ ? low_ * 1.2 : low_ + half;
    low_ = log_ ? low_ / 1.2 : low_ - half;
  }
}

double Axis::scaled(double value) const {
  if (!log_) return value;
  return value > 0 ? std::log10(value) : -std::numeric_limits<double>::infinity();
}

double Axis::unscaled(double scaled) const {
  return log_ ? std::pow(10.0, scaled) : scaled;
}

double Axis::position(double value) const {
  return (scaled(value) - scaled(low_)) / (scaled(high_) - scaled(low_));
}

double Axis::value(double position) const {
  return unscaled(scaled(low_) + position * (scaled(high_) - scaled(low_)));
}

Axis Axis::zoomed(double position, double factor) const {
  return {value(position - position * factor), value(position + (1 - position) * factor), log_};
}

Axis Axis::panned(double distance) const {
  return {value(distance), value(1 + distance), log_};
}

std::string tick_label(double value, double step) {
  char text[48];
  const double size = std::fabs(value);
  if (value == 0 || size < step * 1e-6) return "0";
  if (value < 0) return "−" + tick_label(size, step);
  if (size >= 0.99e9 || size < 0.99e-4) {
    const int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
    const double mantissa = value / std::pow(10.0, exponent);
    const int decimals = static_cast<int>(std::ceil(exponent - std::log10(step) - 1e-9));
    std::snprintf(text, sizeof text, "%.*fe%d", std::clamp(decimals, 0, 6), mantissa, exponent);
  } else if (size >= 1e6 && step >= 1e5) {
    std::snprintf(text, sizeof text, "%.*f M", step < 1e6 ? 1 : 0, value / 1e6);
  } else if (size >= 1e4 && step >= 100) {
    std::snprintf(text, sizeof text, "%.*f k", step < 1000 ? 1 : 0, value / 1e3);
  } else {
    const int decimals = static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
    std::snprintf(text, sizeof text, "%.*f", std::clamp(decimals, 0, 6), value);
  }
  return text;
}

std::vector<Tick> Axis::ticks(double length, double spacing) const {
  if (!(length > 0)) return {};
  // Within less than a decade the marks 1, 2, 5 are too few; a linear ladder reads better.
  if (log_ && std::log10(high_ / low_) > 0.8) return decade_ticks(length, spacing);
  return linear_ticks(length, spacing);
}

std::vector<Tick> Axis::linear_ticks(double length, double spacing) const {
  const double raw = (high_ - low_) * spacing / length;
  const double decade = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * decade;
  for (const double multiple : {1.0, 2.0, 5.0})
    if (multiple * decade >= raw * 0.999) {
      step = multiple * decade;
      break;
    }
  std::vector<Tick> result;
  const double first = std::ceil(low_ / step - 1e-9);
  for (double i = first; i * step <= high_ + step * 1e-9 && result.size() < 100; ++i)
    result.push_back({i * step, true, tick_label(i * step, step)});
  return result;
}

std::vector<Tick> Axis::decade_ticks(double length, double spacing) const {
  const double decades = std::log10(high_ / low_);
  const double decade_length = length / decades;
  // log10(2) = 0.301 is the smallest gap of 1-2-5.
  const bool all = decade_length * 0.301 >= spacing;
  const int skip = std::max(1, static_cast<int>(std::ceil(spacing / decade_length)));
  std::vector<Tick> result;
  const int first = static_cast<int>(std::floor(std::log10(low_) - 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(high_) + 1e-9));
  for (int exponent = first; exponent <= last; ++exponent) {
    const double decade = std::pow(10.0, exponent);
    for (const double multiple : {1.0, 2.0, 5.0}) {
      const double value = multiple * decade;
      if (value < low_ * (1 - 1e-9) || value > high_ * (1 + 1e-9)) continue;
      const bool whole = multiple == 1.0;
      const bool labelled = all || (whole && ((exponent % skip) + skip) % skip == 0);
      if (!labelled && decade_length < 24) continue;
      result.push_back({value, labelled, labelled ? tick_label(value, value) : std::string()});
    }
  }
  return result;
}

}  // namespace fieldscope::gui
