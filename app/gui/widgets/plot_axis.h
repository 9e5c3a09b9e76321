// One axis of a plot: range, linear or logarithmic scale, ticks. Pure arithmetic; any thread.
#pragma once

#include <string>
#include <vector>

namespace fieldscope::gui {

struct Tick {
  double value = 0;
  bool major = true;  // with a label
  std::string label;
};

class Axis {
 public:
  Axis() = default;
  Axis(double low, double high, bool logarithmic);

  double low() const { return low_; }
  double high() const { return high_; }
  bool logarithmic() const { return log_; }

  // 0 at the low end, 1 at the high end; outside that beyond them. A value that a logarithmic axis
  // cannot show gives minus infinity.
  double position(double value) const;
  double value(double position) const;
  // A value on the scale that is averaged and zoomed: its logarithm or itself.
  double scaled(double value) const;
  double unscaled(double scaled) const;

  // Zooms by `factor` (< 1 is closer) and keeps what is at `position` in place.
  Axis zoomed(double position, double factor) const;
  Axis panned(double distance) const;

  // 1-2-5 ticks; `length` and `spacing` in pixels. Labelled ticks are at least `spacing` apart.
  std::vector<Tick> ticks(double length, double spacing) const;

 private:
  std::vector<Tick> linear_ticks(double length, double spacing) const;
  std::vector<Tick> decade_ticks(double length, double spacing) const;

  double low_ = 0, high_ = 1;
  bool log_ = false;
};

// A short label: "0.05", "1,000", "20 k", "1e-5"; `step` is the distance to the next tick.
std::string tick_label(double value, double step);

}  // namespace fieldscope::gui
