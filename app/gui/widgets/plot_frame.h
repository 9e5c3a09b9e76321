// What the drawing steps of one Plot::draw() share. Internal to the plot.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <imgui.h>

#include "app/gui/widgets/controls.h"
#include "app/gui/widgets/plot.h"

namespace fieldscope::gui {

struct Plot::Frame {
  Ui& ui;
  const std::string& id;
  ImVec2 min, max;  // the whole widget
  const PlotSpec& spec;
  std::span<const PlotSeries> series;
  ImDrawList* list;

  float left = 0, right = 0, top = 0, bottom = 0;  // where curves go
  const Axis* x_axis = nullptr;
  const Axis* y_axis = nullptr;
  std::vector<Tick> y_ticks{};
  std::vector<std::span<const PlotPoint>> curves{};  // smoothed
  std::vector<ImU32> line_colours{}, text_colours{};
  struct Mark {
    float x;
    const PlotMark* mark;
    std::size_t series;
  };
  std::vector<Mark> marks{};  // in view, from left to right
  bool hovered = false;
  ImVec2 mouse{};

  float x_of(double value) const {
    return static_cast<float>(left + x_axis->position(value) * (right - left));
  }
  float y_of(double value) const {
    return static_cast<float>(bottom - y_axis->position(value) * (bottom - top));
  }
  std::string y_name() const {
    return spec.y_unit.empty() ? spec.y_name : spec.y_name + ", " + spec.y_unit;
  }
  std::string x_text(double value) const {
    return spec.format_x ? spec.format_x(value) : tick_label(value, value * 1e-3);
  }
  // What stands at the right end of a curve.
  std::string end_text(const PlotSeries& curve, double value) const {
    return curve.end_text.empty() ? y_text(value) : curve.end_text;
  }
  std::string y_text(double value) const {
    return spec.format_y ? spec.format_y(value) : tick_label(value, value * 1e-3);
  }
};

}  // namespace fieldscope::gui
