#include "tools/demo_mesh/knot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace fieldscope::demo_mesh {
namespace {

constexpr double pi = std::numbers::pi;

struct Point {
  double x = 0, y = 0, z = 0;
};
Point operator+(Point a, Point b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
Point operator-(Point a, Point b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
Point operator*(Point a, double s) {
  return {a.x * s, a.y * s, a.z * s};
}
double inner(Point a, Point b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
Point times(Point a, Point b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
Point unit(Point a) {
  return a * (1 / std::sqrt(inner(a, a)));
}
Point mirrored(Point a, Point normal) {
  return a - normal * (2 * inner(a, normal) / inner(normal, normal));
}

// The rope.
constexpr double lays = 14;              // turns of the strands around the rope's axis
constexpr double strand_offset = 0.086;  // of their axes from the rope's
constexpr double strand_radius = 0.0575;
constexpr int axis_points = 6000;  // of the polygon that stands for the rope's axis

/// The trefoil: twice around an axis while three times around a ring.
Point trefoil(double turn) {
  const double a = 4 * pi * turn, b = 6 * pi * turn, radius = 0.53 + 0.27 * std::cos(b);
  return {radius * std::cos(a), radius * std::sin(a), 0.34 * std::sin(b)};
}

/// The rope's axis by arc length from 0 to 1, with directions across it that turn evenly.
class RopeAxis {
 public:
  struct Place {
    Point centre, across, up;
  };

  RopeAxis() {
    std::vector<double> length(axis_points + 1);
    for (int i = 0; i < axis_points; ++i) {
      const Point step =
          trefoil((i + 1.0) / axis_points) - trefoil(static_cast<double>(i) / axis_points);
      length[i + 1] = length[i] + std::sqrt(inner(step, step));
    }
    length_ = length.back();
    for (int i = 0, k = 0; i <= axis_points; ++i) {
      const double at = length_ * i / axis_points;
      while (k + 1 < axis_points && length[k + 1] < at) ++k;
      const double part = (at - length[k]) / (length[k + 1] - length[k]);
      places_.push_back({trefoil((k + part) / axis_points), {}, {}});
    }
    places_.back() = places_.front();
    transport();
  }

  double length() const { return length_; }

  Place at(double turn) const {
    const double at = (turn - std::floor(turn)) * axis_points;
    const int i = std::min(static_cast<int>(at), axis_points - 1);
    const double part = at - i;
    const auto mix = [part](Point a, Point b) { return a * (1 - part) + b * part; };
    const Place &a = places_[i], &b = places_[i + 1];
    return {mix(a.centre, b.centre), mix(a.across, b.across), mix(a.up, b.up)};
  }

 private:
  Point tangent(int i) const {
    const int n = axis_points;
    return unit(places_[(i + 1) % n].centre - places_[(i + n - 1) % n].centre);
  }

  /// Directions that do not turn around the axis (Wang, Juettler, Zheng, Liu, "Computation of
  /// rotation minimizing frames", 2008), then turned a little more at each place to meet at the
  /// end.
  void transport() {
    std::vector<Point> across{unit(times(tangent(0), {0, 0, 1}))};
    for (int i = 0; i < axis_points; ++i) {
      const Point step = places_[i + 1].centre - places_[i].centre;
      const Point direction = mirrored(tangent(i), step);
      const Point kept = mirrored(across.back(), step);
      across.push_back(mirrored(kept, tangent((i + 1) % axis_points) - direction));
    }
    const Point up = times(tangent(0), across[0]);
    const double missing = -std::atan2(inner(across.back(), up), inner(across.back(), across[0]));
    for (int i = 0; i <= axis_points; ++i) {
      const double angle = missing * i / axis_points;
      const Point u = across[i], v = times(tangent(i % axis_points), u);
      places_[i].across = u * std::cos(angle) + v * std::sin(angle);
      places_[i].up = v * std::cos(angle) - u * std::sin(angle);
    }
  }

  double length_ = 0;
  std::vector<Place> places_;
};

/// One strand: where its rings of vertices are, and the radius around its axis.
struct Strand {
  double phase = 0;           ///< turns around the rope
  int around = 12;            ///< vertices a ring
  std::vector<double> rings;  ///< along its axis, from 0 to below 1; an even number of them
  int spin = 0;               ///< turns of the rings around the axis on their way along it
  double stagger = 0.5;       ///< of every other ring, in vertices: closer to equilateral triangles
  std::function<double(double along, double angle)> radius;  ///< angles spin with the rings
};

Point strand_axis(const RopeAxis& rope, double phase, double turn) {
  const RopeAxis::Place place = rope.at(turn);
  const double angle = 2 * pi * (phase + lays * turn);
  return place.centre +
         (place.across * std::cos(angle) + place.up * std::sin(angle)) * strand_offset;
}

/// Where along the rope a strand has come to at even parts of its own length.
class StrandLength {
 public:
  StrandLength(const RopeAxis& rope, double phase) {
    Point last = strand_axis(rope, phase, 0);
    for (int i = 1; i <= axis_points; ++i) {
      const Point next = strand_axis(rope, phase, static_cast<double>(i) / axis_points);
      const Point step = next - last;
      lengths_.push_back(lengths_.back() + std::sqrt(inner(step, step)));
      last = next;
    }
  }

  double turn_at(double along) const {
    const double at = along * lengths_.back();
    const auto behind = std::upper_bound(lengths_.begin() + 1, lengths_.end() - 1, at);
    const double part = (at - behind[-1]) / (behind[0] - behind[-1]);
    return (static_cast<double>(behind - lengths_.begin()) - 1 + part) / axis_points;
  }

 private:
  std::vector<double> lengths_{0.0};
};

std::vector<Point> ring(const RopeAxis& rope, const StrandLength& length, const Strand& strand,
                        std::size_t index) {
  constexpr double step = 2e-4;
  const double along = strand.rings[index], turn = length.turn_at(along);
  const Point centre = strand_axis(rope, strand.phase, turn);
  const Point direction = unit(strand_axis(rope, strand.phase, turn + step) -
                               strand_axis(rope, strand.phase, turn - step));
  const Point away = centre - rope.at(turn).centre;
  const Point out = unit(away - direction * inner(away, direction)), side = times(direction, out);
  std::vector<Point> points;
  for (int j = 0; j < strand.around; ++j) {
    const double own = 2 * pi * (j + (index % 2 != 0 ? strand.stagger : 0)) / strand.around;
    const double angle = own + 2 * pi * strand.spin * along;
    points.push_back(centre +
                     (out * std::cos(angle) + side * std::sin(angle)) * strand.radius(along, own));
  }
  return points;
}

void add_strand(Mesh& mesh, const RopeAxis& rope, const Strand& strand) {
  const StrandLength length(rope, strand.phase);
  const auto first = static_cast<std::uint32_t>(mesh.vertices.size());
  const auto rings = static_cast<std::uint32_t>(strand.rings.size());
  const auto around = static_cast<std::uint32_t>(strand.around);
  const auto at = [&](std::uint32_t i, std::uint32_t j) {
    return first + i % rings * around + j % around;
  };
  const auto rounded = [](double x) { return static_cast<float>(std::round(x * 65536) / 65536); };
  for (std::uint32_t i = 0; i < rings; ++i) {
    for (const Point& p : ring(rope, length, strand, i)) {
      mesh.vertices.push_back({rounded(p.x), rounded(p.y), rounded(p.z)});
    }
    for (std::uint32_t j = 0; j < around; ++j) {
      const std::uint32_t a = at(i, j), b = at(i, j + 1), c = at(i + 1, j), d = at(i + 1, j + 1);
      // The shorter diagonal, as rings are staggered.
      if (i % 2 == 0) {
        mesh.triangles.insert(mesh.triangles.end(), {{a, b, c}, {b, d, c}});
      } else {
        mesh.triangles.insert(mesh.triangles.end(), {{a, b, d}, {a, d, c}});
      }
    }
  }
}

std::vector<double> even_rings(int count) {
  std::vector<double> rings;
  for (int i = 0; i < count; ++i) rings.push_back(static_cast<double>(i) / count);
  return rings;
}

Strand smooth_strand() {
  return {0, 11, even_rings(210), 0, 0.5, [](double, double) { return strand_radius; }};
}

/// The rings spin with the flutes, so that ridges and grooves run along edges.
Strand fluted_strand() {
  constexpr int flutes = 6;
  return {1 / 3.0, 4 * flutes, even_rings(180), 9, 0, [](double, double angle) {
            return strand_radius * (0.84 + 0.16 * std::cos(flutes * angle));
          }};
}

/// Pearls that touch: balls cut off where the next one begins, with rings closer at the cuts.
Strand pearl_strand() {
  constexpr int pearls = 96, rings_a_pearl = 5;
  constexpr double cut = 1.16;  // angle of a ball's last ring, from its equator
  std::vector<double> rings;
  for (int i = 0; i < pearls; ++i) {
    for (int k = 0; k < rings_a_pearl; ++k) {
      const double latitude = cut * (2.0 * k / rings_a_pearl - 1);
      rings.push_back((i + 0.5 * (1 + std::sin(latitude) / std::sin(cut))) / pearls);
    }
  }
  return {2 / 3.0, 10, rings, 0, 0.5, [](double along, double) {
            const double place = along * pearls, within = 2 * (place - std::floor(place)) - 1;
            const double height = within * std::sin(cut);
            return 1.04 * strand_radius * std::sqrt(1 - height * height);
          }};
}

}  // namespace

Mesh make_knot() {
  const RopeAxis rope;
  Mesh mesh;
  for (const Strand& strand : {smooth_strand(), fluted_strand(), pearl_strand()}) {
    add_strand(mesh, rope, strand);
  }
  return mesh;
}

}  // namespace fieldscope::demo_mesh
