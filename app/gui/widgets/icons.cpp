#include "app/gui/widgets/icons.h"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace fieldscope::gui {
namespace {

// A pen over a 16 x 16 grid with the origin in the middle.
struct Pen {
  ImDrawList* list;
  ImVec2 centre;
  float unit;
  ImU32 colour;
  float width;

  ImVec2 at(float x, float y) const { return {centre.x + x * unit, centre.y + y * unit}; }
  void line(std::initializer_list<ImVec2> points, bool closed = false) const {
    for (const auto& p : points) list->PathLineTo(at(p.x, p.y));
    list->PathStroke(colour, closed ? ImDrawFlags_Closed : 0, width);
  }
  void fill(std::initializer_list<ImVec2> points) const {
    for (const auto& p : points) list->PathLineTo(at(p.x, p.y));
    list->PathFillConvex(colour);
  }
  void circle(float x, float y, float radius) const {
    list->AddCircle(at(x, y), radius * unit, colour, 0, width);
  }
  void dot(float x, float y, float radius) const {
    list->AddCircleFilled(at(x, y), radius * unit, colour, 0);
  }
  void box(float x0, float y0, float x1, float y1, float rounding = 1.5f) const {
    list->AddRect(at(x0, y0), at(x1, y1), colour, rounding * unit, 0, width);
  }
  void bar(float x0, float y0, float x1, float y1) const {
    list->AddRectFilled(at(x0, y0), at(x1, y1), colour, 0.8f * unit);
  }
  void arc(float x, float y, float radius, float from, float to) const {
    constexpr float degree = std::numbers::pi_v<float> / 180;
    list->PathArcTo(at(x, y), radius * unit, from * degree, to * degree, 24);
    list->PathStroke(colour, 0, width);
  }
};

void draw_gear(const Pen& pen) {
  for (int i = 0; i < 8; ++i) {
    const float angle = static_cast<float>(i) * std::numbers::pi_v<float> / 4;
    const float c = std::cos(angle), s = std::sin(angle);
    pen.line({{c * 4.6f, s * 4.6f}, {c * 6.8f, s * 6.8f}});
  }
  pen.circle(0, 0, 4.4f);
  pen.circle(0, 0, 1.6f);
}

void draw_eye(const Pen& pen, bool off) {
  pen.list->PathLineTo(pen.at(-7, 0));
  pen.list->PathBezierCubicCurveTo(pen.at(-4, -5), pen.at(4, -5), pen.at(7, 0));
  pen.list->PathBezierCubicCurveTo(pen.at(4, 5), pen.at(-4, 5), pen.at(-7, 0));
  pen.list->PathStroke(pen.colour, ImDrawFlags_Closed, pen.width);
  pen.dot(0, 0, 2.1f);
  if (off) pen.line({{-6, 6}, {6, -6}});
}

void draw_sun(const Pen& pen) {
  pen.circle(0, 0, 3);
  for (int i = 0; i < 8; ++i) {
    const float angle = static_cast<float>(i) * std::numbers::pi_v<float> / 4;
    const float c = std::cos(angle), s = std::sin(angle);
    pen.line({{c * 5.2f, s * 5.2f}, {c * 7, s * 7}});
  }
}

void draw_help(const Pen& pen) {
  pen.circle(0, 0, 7);
  pen.arc(0, -1.6f, 2.2f, -180, 60);
  pen.line({{1.1f, 0.3f}, {0, 1.2f}, {0, 2.2f}});
  pen.dot(0, 4.2f, 0.9f);
}

// Three decaying waves: what the program watches.
void draw_logo(const Pen& pen) {
  for (int i = -14; i <= 14; ++i) {
    const float x = static_cast<float>(i) / 2;
    pen.list->PathLineTo(pen.at(x, -5.6f * std::cos(x * 1.35f) * std::exp(-x * x / 14)));
  }
  pen.list->PathStroke(pen.colour, 0, pen.width * 1.3f);
}

bool draw_transport(const Pen& pen, Icon icon) {
  switch (icon) {
    case Icon::play:
      pen.fill({{-4, -6}, {6, 0}, {-4, 6}});
      return true;
    case Icon::pause:
      pen.bar(-5, -6, -1.6f, 6);
      pen.bar(1.6f, -6, 5, 6);
      return true;
    case Icon::step:
      pen.fill({{-6, -6}, {3, 0}, {-6, 6}});
      pen.bar(3.6f, -6, 6, 6);
      return true;
    case Icon::reset:
      pen.arc(0, 0.4f, 5.6f, -60, 220);
      pen.fill({{5.8f, -8}, {5.8f, -2.4f}, {0.4f, -4.6f}});
      return true;
    case Icon::undo:
      pen.arc(0.5f, 1, 4.8f, -150, 90);
      pen.fill({{-6.8f, -0.6f}, {-4.8f, -5.8f}, {-1.2f, -1.2f}});
      return true;
    default:
      return false;
  }
}

bool draw_action(const Pen& pen, Icon icon) {
  switch (icon) {
    case Icon::plus:
      pen.line({{-5.5f, 0}, {5.5f, 0}});
      pen.line({{0, -5.5f}, {0, 5.5f}});
      return true;
    case Icon::minus:
      pen.line({{-5.5f, 0}, {5.5f, 0}});
      return true;
    case Icon::fork:
      pen.circle(-4, -5, 1.8f);
      pen.circle(4, -5, 1.8f);
      pen.circle(-4, 5, 1.8f);
      pen.line({{-4, -3}, {-4, 3}});
      pen.line({{4, -3}, {4, -0.5f}, {2.5f, 1}, {-2.5f, 1}, {-4, 2.5f}});
      return true;
    case Icon::duplicate:
      pen.box(-6, -6, 2.5f, 2.5f);
      pen.line({{5, -2.5f}, {6, -2.5f}, {6, 6}, {-2.5f, 6}, {-2.5f, 5}});
      return true;
    case Icon::download:
      pen.line({{0, -6.5f}, {0, 2}});
      pen.line({{-3.6f, -1.4f}, {0, 2.3f}, {3.6f, -1.4f}});
      pen.line({{-6, 3}, {-6, 6}, {6, 6}, {6, 3}});
      return true;
    case Icon::trash:
      pen.line({{-6, -4.5f}, {6, -4.5f}});
      pen.line({{-2.4f, -4.5f}, {-2.4f, -6.5f}, {2.4f, -6.5f}, {2.4f, -4.5f}});
      pen.line({{-4.6f, -4.5f}, {-4, 6.5f}, {4, 6.5f}, {4.6f, -4.5f}});
      return true;
    case Icon::camera:
      pen.box(-7, -4, 7, 6);
      pen.line({{-2.6f, -4.2f}, {-1.6f, -6}, {1.6f, -6}, {2.6f, -4.2f}});
      pen.circle(0, 1, 2.6f);
      return true;
    case Icon::expand:
      pen.line({{1.5f, -6}, {6, -6}, {6, -1.5f}});
      pen.line({{-1.5f, 6}, {-6, 6}, {-6, 1.5f}});
      pen.line({{6, -6}, {1.6f, -1.6f}});
      pen.line({{-6, 6}, {-1.6f, 1.6f}});
      return true;
    case Icon::panel_left:
      pen.box(-7, -6, 7, 6);
      pen.bar(-6.4f, -5.4f, -2.6f, 5.4f);
      return true;
    case Icon::panel_bottom:
      pen.box(-7, -6, 7, 6);
      pen.bar(-6.4f, 1.6f, 6.4f, 5.4f);
      return true;
    case Icon::fit:
      pen.line({{-6, -2.5f}, {-6, -6}, {-2.5f, -6}});
      pen.line({{2.5f, -6}, {6, -6}, {6, -2.5f}});
      pen.line({{6, 2.5f}, {6, 6}, {2.5f, 6}});
      pen.line({{-2.5f, 6}, {-6, 6}, {-6, 2.5f}});
      return true;
    default:
      return false;
  }
}

bool draw_mark(const Pen& pen, Icon icon) {
  switch (icon) {
    case Icon::close:
      pen.line({{-4.5f, -4.5f}, {4.5f, 4.5f}});
      pen.line({{-4.5f, 4.5f}, {4.5f, -4.5f}});
      return true;
    case Icon::check:
      pen.line({{-5.5f, 0.5f}, {-1.8f, 4.5f}, {5.5f, -4.5f}});
      return true;
    case Icon::warning:
      pen.line({{0, -6.5f}, {7, 6}, {-7, 6}}, true);
      pen.line({{0, -2}, {0, 2}});
      pen.dot(0, 4, 0.9f);
      return true;
    case Icon::info:
      pen.circle(0, 0, 7);
      pen.line({{0, -0.8f}, {0, 4}});
      pen.dot(0, -3.4f, 1);
      return true;
    case Icon::chevron_down:
      pen.line({{-4, -2}, {0, 2.2f}, {4, -2}});
      return true;
    case Icon::chevron_right:
      pen.line({{-2, -4}, {2.2f, 0}, {-2, 4}});
      return true;
    case Icon::more:
      for (const float x : {-5.0f, 0.0f, 5.0f}) pen.dot(x, 0, 1.4f);
      return true;
    default:
      return false;
  }
}

}  // namespace

void draw_icon(ImDrawList* list, Icon icon, ImVec2 centre, float size, ImU32 colour) {
  const Pen pen{list, centre, size / 16, colour, std::fmax(1.0f, size / 16 * 1.35f)};
  if (draw_transport(pen, icon) || draw_action(pen, icon) || draw_mark(pen, icon)) return;
  switch (icon) {
    case Icon::gear:
      draw_gear(pen);
      break;
    case Icon::eye:
      draw_eye(pen, false);
      break;
    case Icon::eye_off:
      draw_eye(pen, true);
      break;
    case Icon::folder:
      pen.line({{-7, 5.5f}, {-7, -5.5f}, {-2, -5.5f}, {-0.4f, -3.4f}, {7, -3.4f}, {7, 5.5f}}, true);
      break;
    case Icon::image:
      pen.box(-7, -6, 7, 6);
      pen.circle(-3, -2, 1.3f);
      pen.line({{-6, 4.6f}, {-1.6f, 0.8f}, {1, 3}, {3.4f, 0.6f}, {6.4f, 3.6f}});
      break;
    case Icon::mesh:  // a cube
      pen.line({{0, -7}, {6.2f, -3.5f}, {6.2f, 3.5f}, {0, 7}, {-6.2f, 3.5f}, {-6.2f, -3.5f}}, true);
      pen.line({{-6.2f, -3.5f}, {0, 0}, {6.2f, -3.5f}});
      pen.line({{0, 0}, {0, 7}});
      break;
    case Icon::wire:  // a strip of triangles
      pen.line({{-7, 5}, {-2.4f, -5}, {2.4f, 5}, {7, -5}, {-2.4f, -5}});
      pen.line({{-7, 5}, {2.4f, 5}});
      break;
    case Icon::section:  // a ball, half of it cut away
      pen.arc(0, 0, 6.6f, 90, 270);
      pen.line({{0, -6.6f}, {0, 6.6f}});
      pen.arc(0, 0, 6.6f, -64, -22);
      pen.arc(0, 0, 6.6f, 22, 64);
      break;
    case Icon::path:  // a way between two places
      pen.circle(-5, 4.4f, 1.9f);
      pen.circle(5, -4.4f, 1.9f);
      pen.list->PathLineTo(pen.at(-3, 4.4f));
      pen.list->PathBezierCubicCurveTo(pen.at(5.5f, 4.4f), pen.at(-5.5f, -4.4f), pen.at(3, -4.4f));
      pen.list->PathStroke(pen.colour, 0, pen.width);
      break;
    case Icon::loop:
      pen.arc(0, 0, 5.4f, 200, 320);
      pen.fill({{6.6f, -5.6f}, {6.2f, -0.6f}, {2, -3}});
      pen.arc(0, 0, 5.4f, 20, 140);
      pen.fill({{-6.6f, 5.6f}, {-6.2f, 0.6f}, {-2, 3}});
      break;
    case Icon::pin:
      pen.line({{-3, -6}, {3, -6}});
      pen.line({{-2, -6}, {-2, -1}, {-4.4f, 1.6f}, {4.4f, 1.6f}, {2, -1}, {2, -6}});
      pen.line({{0, 1.6f}, {0, 6.8f}});
      break;
    case Icon::sun:
      draw_sun(pen);
      break;
    case Icon::moon:
      pen.arc(0, 0, 6, 20, 250);
      pen.arc(3.6f, -2.6f, 4.9f, 75, 195);
      break;
    case Icon::help:
      draw_help(pen);
      break;
    case Icon::logo:
      draw_logo(pen);
      break;
    default:
      break;
  }
}

}  // namespace fieldscope::gui
