#include "engine/geometry/mesh_tree.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fieldscope {
namespace {

constexpr int stack_size = 96;  // depth of the tree, which halves from a depth of 40 on, plus one

float distance_squared(Vec3 p, Vec3 low, Vec3 high) {
  const Vec3 d{std::max({low.x - p.x, p.x - high.x, 0.f}),
               std::max({low.y - p.y, p.y - high.y, 0.f}),
               std::max({low.z - p.z, p.z - high.z, 0.f})};
  return dot(d, d);
}

Vec3 closest_of_segment(Vec3 p, Vec3 a, Vec3 b) {
  const Vec3 along = b - a;
  const float size = dot(along, along);
  if (!(size > 0)) return a;
  return a + along * std::clamp(dot(p - a, along) / size, 0.f, 1.f);
}

/// The foot of the perpendicular where it lies in the triangle, else the closest point of an edge.
Vec3 closest_of_triangle(Vec3 p, Vec3 a, Vec3 b, Vec3 c) {
  const Vec3 n = cross(b - a, c - a);
  const float size = dot(n, n);
  if (size > 0 && dot(cross(b - a, p - a), n) >= 0 && dot(cross(c - b, p - b), n) >= 0 &&
      dot(cross(a - c, p - c), n) >= 0) {
    return p - n * (dot(p - a, n) / size);
  }
  Vec3 best = closest_of_segment(p, a, b);
  float least = dot(p - best, p - best);
  for (const auto& [from, to] : {std::pair{b, c}, std::pair{c, a}}) {
    const Vec3 q = closest_of_segment(p, from, to);
    const float squared = dot(p - q, p - q);
    if (squared < least) {
      least = squared;
      best = q;
    }
  }
  return best;
}

/// Where a ray enters the box, infinite where it misses it or comes to it later than `at_most`.
float entry(Vec3 origin, Vec3 inverse, Vec3 low, Vec3 high, float at_most) {
  float near = 0, far = at_most;
  const auto slab = [&](float o, float i, float l, float h) {
    // 0 times infinity is not a number: such comparisons fail and leave the interval as it is.
    const float t0 = (l - o) * i, t1 = (h - o) * i;
    const float first = t1 < t0 ? t1 : t0, last = t1 < t0 ? t0 : t1;
    near = first > near ? first : near;
    far = last < far ? last : far;
  };
  slab(origin.x, inverse.x, low.x, high.x);
  slab(origin.y, inverse.y, low.y, high.y);
  slab(origin.z, inverse.z, low.z, high.z);
  return near <= far ? near : INFINITY;
}

/// Distance along the ray, infinite where it misses the triangle (Moeller, Trumbore, "Fast, minimum
/// storage ray/triangle intersection", 1997); in double, so that hardly any slips through an edge.
double hit(Vec3 origin, Vec3 direction, Vec3 a, Vec3 b, Vec3 c) {
  using Wide = std::array<double, 3>;
  const auto between = [](Vec3 to, Vec3 from) {
    return Wide{double{to.x} - from.x, double{to.y} - from.y, double{to.z} - from.z};
  };
  const auto times = [](const Wide& u, const Wide& v) {
    return Wide{u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
  };
  const auto inner = [](const Wide& u, const Wide& v) {
    return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  };
  const Wide ab = between(b, a), ac = between(c, a), from = between(origin, a);
  const Wide d = between(direction, {});
  const Wide p = times(d, ac), q = times(from, ab);
  const double determinant = inner(ab, p);
  if (determinant == 0) return INFINITY;
  const double u = inner(from, p) / determinant, v = inner(d, q) / determinant;
  const double t = inner(ac, q) / determinant;
  return u >= 0 && v >= 0 && u + v <= 1 && t >= 0 ? t : INFINITY;
}

}  // namespace

double MeshTree::winding_number(Vec3 p, float accuracy) const {
  return winding().winding_number(p, accuracy);
}

bool MeshTree::inside(Vec3 p) const {
  return winding().inside(p);
}

Nearest MeshTree::nearest(Vec3 p, float at_most) const {
  Nearest best;
  float least = at_most * at_most;
  struct Waiting {
    std::uint32_t node;
    float squared;
  };
  std::array<Waiting, stack_size> stack;
  int waiting = 0;
  if (!nodes_.empty()) stack[waiting++] = {0, distance_squared(p, nodes_[0].low, nodes_[0].high)};
  while (waiting > 0) {
    const auto [i, squared] = stack[--waiting];
    if (!(squared < least)) continue;
    if (nodes_[i].next == i + 1) {
      const Block& block = blocks_[nodes_[i].block];
      for (std::uint32_t k = 0; k < block.count; ++k) {
        const Vec3 q =
            closest_of_triangle(p, block.corner(0, k), block.corner(1, k), block.corner(2, k));
        const float distance = dot(q - p, q - p);
        if (distance < least) {
          least = distance;
          best = {q, std::sqrt(distance), block.triangles[k]};
        }
      }
      continue;
    }
    Waiting closer{i + 1, distance_squared(p, nodes_[i + 1].low, nodes_[i + 1].high)};
    const std::uint32_t second = nodes_[i + 1].next;
    Waiting other{second, distance_squared(p, nodes_[second].low, nodes_[second].high)};
    if (other.squared < closer.squared) std::swap(closer, other);
    stack[waiting++] = other;
    stack[waiting++] = closer;
  }
  return best;
}

std::optional<RayHit> MeshTree::first_hit(Vec3 origin, Vec3 direction) const {
  direction = normalised(direction);
  const Vec3 inverse{1 / direction.x, 1 / direction.y, 1 / direction.z};
  std::optional<RayHit> best;
  float least = INFINITY;
  std::array<std::uint32_t, stack_size> stack;
  int waiting = 0;
  if (!nodes_.empty()) stack[waiting++] = 0;
  const auto enters = [&](std::uint32_t i) {
    return entry(origin, inverse, nodes_[i].low, nodes_[i].high, least);
  };
  while (waiting > 0) {
    const std::uint32_t i = stack[--waiting];
    if (enters(i) == INFINITY) continue;
    if (nodes_[i].next == i + 1) {
      const Block& block = blocks_[nodes_[i].block];
      for (std::uint32_t k = 0; k < block.count; ++k) {
        const auto t = static_cast<float>(
            hit(origin, direction, block.corner(0, k), block.corner(1, k), block.corner(2, k)));
        if (t < least) {
          least = t;
          best = RayHit{origin + direction * t, t, block.triangles[k]};
        }
      }
      continue;
    }
    const std::uint32_t second = nodes_[i + 1].next;
    const bool first_is_closer = enters(i + 1) <= enters(second);
    stack[waiting++] = first_is_closer ? second : i + 1;
    stack[waiting++] = first_is_closer ? i + 1 : second;
  }
  return best;
}

}  // namespace fieldscope
