#include "tools/demo_image/bvh.h"

#include <array>
#include <numeric>

namespace fieldscope::demo_image {
namespace {

constexpr int kBins = 16;
constexpr std::uint32_t kLeaf = 4;

struct Box {
  Vec3 low{1e30f, 1e30f, 1e30f}, high{-1e30f, -1e30f, -1e30f};
  void add(Vec3 p) { add(Box{p, p}); }
  void add(const Box& b) {  // componentwise, so that an empty box adds nothing
    low = {std::min(low.x, b.low.x), std::min(low.y, b.low.y), std::min(low.z, b.low.z)};
    high = {std::max(high.x, b.high.x), std::max(high.y, b.high.y), std::max(high.z, b.high.z)};
  }
  float area() const {
    const Vec3 d = high - low;
    return d.x < 0 ? 0 : d.x * d.y + d.y * d.z + d.z * d.x;
  }
};

Box box_of(const Triangle& t) {
  Box box;
  for (const Vec3 p : {t.a, t.b, t.c}) box.add(p);
  return box;
}

float axis_of(Vec3 v, int axis) {
  return axis == 0 ? v.x : axis == 1 ? v.y : v.z;
}

struct Split {
  int axis = -1;
  float place = 0, cost = 1e30f;
};

// Surface area heuristic over equal bins along one axis.
void try_axis(int axis, const Box& centres_box, const std::uint32_t* begin,
              const std::uint32_t* end, const std::vector<Vec3>& centres,
              const std::vector<Triangle>& source, Split& best) {
  const float low = axis_of(centres_box.low, axis);
  const float extent = axis_of(centres_box.high, axis) - low;
  if (extent < 1e-6f) return;
  std::array<Box, kBins> boxes;
  std::array<int, kBins> counts{};
  for (const auto* k = begin; k != end; ++k) {
    const float where = (axis_of(centres[*k], axis) - low) / extent;
    const auto bin = static_cast<std::size_t>(std::min(kBins - 1, static_cast<int>(where * kBins)));
    boxes[bin].add(box_of(source[*k]));
    ++counts[bin];
  }
  std::array<float, kBins> right_cost{};
  Box right;
  int count = 0;
  for (std::size_t b = kBins - 1; b > 0; --b) {
    right.add(boxes[b]);
    count += counts[b];
    right_cost[b] = right.area() * static_cast<float>(count);
  }
  Box left;
  count = 0;
  for (std::size_t b = 0; b + 1 < kBins; ++b) {
    left.add(boxes[b]);
    count += counts[b];
    const float cost = left.area() * static_cast<float>(count) + right_cost[b + 1];
    if (cost < best.cost) {
      best = {axis, low + extent * static_cast<float>(b + 1) / kBins, cost};
    }
  }
}

// Möller and Trumbore's test.
bool hit_triangle(const Ray& ray, const Triangle& tri, float t_max, Bvh::Hit& hit) {
  const Vec3 e1 = tri.b - tri.a, e2 = tri.c - tri.a;
  const Vec3 p = cross(ray.direction, e2);
  const float det = dot(e1, p);
  if (std::abs(det) < 1e-14f) return false;
  const float inverse = 1 / det;
  const Vec3 s = ray.origin - tri.a;
  const float u = dot(s, p) * inverse;
  if (u < 0 || u > 1) return false;
  const Vec3 q = cross(s, e1);
  const float v = dot(ray.direction, q) * inverse;
  if (v < 0 || u + v > 1) return false;
  const float t = dot(e2, q) * inverse;
  if (t <= 1e-4f || t >= t_max) return false;
  hit = {t, u, v, &tri};
  return true;
}

// Distance at which the ray enters the box, or a value beyond t_max.
float enter(const Ray& ray, Vec3 inverse, Vec3 low, Vec3 high, float t_max) {
  const Vec3 a = (low - ray.origin) * inverse, b = (high - ray.origin) * inverse;
  const float t0 = std::max({std::min(a.x, b.x), std::min(a.y, b.y), std::min(a.z, b.z), 0.0f});
  const float t1 = std::min({std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z), t_max});
  return t0 <= t1 ? t0 : 1e30f;
}

float safe_inverse(float d) {
  return 1 / (std::abs(d) < 1e-9f ? (d < 0 ? -1e-9f : 1e-9f) : d);
}

}  // namespace

Bvh::Bvh(std::vector<Triangle> triangles) {
  std::vector<std::uint32_t> order(triangles.size());
  std::iota(order.begin(), order.end(), 0u);
  std::vector<Vec3> centres;
  centres.reserve(triangles.size());
  for (const Triangle& t : triangles) centres.push_back((t.a + t.b + t.c) / 3.0f);
  nodes_.reserve(triangles.size());
  build(0, static_cast<std::uint32_t>(triangles.size()), order, centres, triangles);
  triangles_.reserve(triangles.size());
  for (const std::uint32_t k : order) triangles_.push_back(triangles[k]);
}

void Bvh::build(std::uint32_t first, std::uint32_t count, std::vector<std::uint32_t>& order,
                const std::vector<Vec3>& centres, const std::vector<Triangle>& source) {
  std::uint32_t* begin = order.data() + first;
  std::uint32_t* end = begin + count;
  Box box, centres_box;
  for (const auto* k = begin; k != end; ++k) {
    box.add(box_of(source[*k]));
    centres_box.add(centres[*k]);
  }
  const std::size_t self = nodes_.size();
  nodes_.push_back({box.low, box.high, first, count});
  if (count <= kLeaf) return;
  Split best;
  for (int axis = 0; axis < 3; ++axis) {
    try_axis(axis, centres_box, begin, end, centres, source, best);
  }
  if (best.axis < 0) return;
  const auto* middle = std::partition(
      begin, end, [&](std::uint32_t k) { return axis_of(centres[k], best.axis) < best.place; });
  const auto left = static_cast<std::uint32_t>(middle - begin);
  if (left == 0 || left == count) return;
  nodes_[self].count = 0;
  build(first, left, order, centres, source);
  nodes_[self].first = static_cast<std::uint32_t>(nodes_.size());
  build(first + left, count - left, order, centres, source);
}

template <bool kAny>
Bvh::Hit Bvh::traverse(const Ray& ray, float t_max) const {
  const Vec3 inverse{safe_inverse(ray.direction.x), safe_inverse(ray.direction.y),
                     safe_inverse(ray.direction.z)};
  std::array<std::uint32_t, 96> stack{};
  std::size_t depth = 0;
  Hit best;
  std::uint32_t k = 0;
  if (enter(ray, inverse, nodes_[0].low, nodes_[0].high, t_max) > 1e29f) return best;
  for (;;) {
    const Node& node = nodes_[k];
    if (node.count > 0) {
      for (std::uint32_t i = 0; i < node.count; ++i) {
        if (hit_triangle(ray, triangles_[node.first + i], t_max, best)) {
          if constexpr (kAny) return best;
          t_max = best.t;
        }
      }
    } else {
      std::uint32_t near = k + 1, far = node.first;
      float t_near = enter(ray, inverse, nodes_[near].low, nodes_[near].high, t_max);
      float t_far = enter(ray, inverse, nodes_[far].low, nodes_[far].high, t_max);
      if (t_far < t_near) {
        std::swap(near, far);
        std::swap(t_near, t_far);
      }
      if (t_near < 1e29f) {
        if (t_far < 1e29f && depth < stack.size()) stack[depth++] = far;
        k = near;
        continue;
      }
    }
    if (depth == 0) return best;
    k = stack[--depth];
  }
}

Bvh::Hit Bvh::nearest(const Ray& ray, float t_max) const {
  return traverse<false>(ray, t_max);
}

bool Bvh::occluded(const Ray& ray, float t_max) const {
  return traverse<true>(ray, t_max).triangle != nullptr;
}

}  // namespace fieldscope::demo_image
