#include <algorithm>
#include <cmath>

#include "engine/geometry/mesh_tree.h"

namespace fieldscope {
namespace {

constexpr int bins = 16;

Vec3 least(Vec3 a, Vec3 b) {
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::min(a.z, b.z)};
}
Vec3 greatest(Vec3 a, Vec3 b) {
  return {std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z)};
}

struct Box {
  Vec3 low{INFINITY, INFINITY, INFINITY}, high{-INFINITY, -INFINITY, -INFINITY};

  void include(Vec3 p) {
    low = least(low, p);
    high = greatest(high, p);
  }
  void include(const Box& box) {
    low = least(low, box.low);
    high = greatest(high, box.high);
  }
  /// Half of its surface; 0 of an empty one.
  float area() const {
    const Vec3 d = high - low;
    return d.x < 0 ? 0 : d.x * d.y + d.y * d.z + d.z * d.x;
  }
};

/// A triangle on its way into a leaf.
struct Item {
  Box box;
  std::uint32_t triangle = 0;

  std::array<float, 3> centre() const {  // twice
    const Vec3 sum = box.low + box.high;
    return {sum.x, sum.y, sum.z};
  }
};

using Tensor2 = std::array<double, 6>;   // xx yy zz xy xz yz
using Tensor3 = std::array<double, 10>;  // xxx yyy zzz xxy xxz xyy yyz xzz yzz xyz

/// The symmetric part of a x n.
Tensor2 product(const std::array<double, 3>& a, const std::array<double, 3>& n) {
  return {a[0] * n[0],
          a[1] * n[1],
          a[2] * n[2],
          (a[0] * n[1] + a[1] * n[0]) / 2,
          (a[0] * n[2] + a[2] * n[0]) / 2,
          (a[1] * n[2] + a[2] * n[1]) / 2};
}

/// The symmetric part of m x n.
Tensor3 product(const Tensor2& m, const std::array<double, 3>& n) {
  const auto [xx, yy, zz, xy, xz, yz] = m;
  const auto [x, y, z] = n;
  return {xx * x,
          yy * y,
          zz * z,
          (xx * y + 2 * xy * x) / 3,
          (xx * z + 2 * xz * x) / 3,
          (yy * x + 2 * xy * y) / 3,
          (yy * z + 2 * yz * y) / 3,
          (zz * x + 2 * xz * z) / 3,
          (zz * y + 2 * yz * z) / 3,
          (xy * z + xz * y + yz * x) / 3};
}

template <std::size_t n>
void add(std::array<double, n>& sum, const std::array<double, n>& term, double factor = 1) {
  for (std::size_t i = 0; i < n; ++i) sum[i] += factor * term[i];
}

/// Integrals over a surface of 1, u and u x u times its normal, u being the offset from `centre`,
/// the centre of its area.
struct Moments {
  double area = 0;
  std::array<double, 3> centre{}, dipole{};
  Tensor2 quadrupole{};
  Tensor3 octupole{};

  void add_shifted(const Moments& part) {
    std::array<double, 3> s = part.centre;
    add(s, centre, -1);
    add(dipole, part.dipole);
    add(quadrupole, part.quadrupole);
    add(quadrupole, product(s, part.dipole));
    add(octupole, part.octupole);
    add(octupole, product(part.quadrupole, s), 2);
    add(octupole, product(product(s, s), part.dipole));
  }
};

Moments merged(const Moments& a, const Moments& b) {
  Moments sum;
  sum.area = a.area + b.area;
  const double part = sum.area > 0 ? b.area / sum.area : 0.5;
  add(sum.centre, a.centre, 1 - part);
  add(sum.centre, b.centre, part);
  sum.add_shifted(a);
  sum.add_shifted(b);
  return sum;
}

Moments moments_of(Vec3 a, Vec3 b, Vec3 c) {
  Moments moments;
  const Vec3 n = cross(b - a, c - a) * 0.5f, centre = (a + b + c) * (1 / 3.f);
  moments.area = length(n);
  moments.centre = {centre.x, centre.y, centre.z};
  moments.dipole = {n.x, n.y, n.z};
  Tensor2 spread{};
  for (const Vec3 corner : {a - centre, b - centre, c - centre}) {
    const std::array<double, 3> u{corner.x, corner.y, corner.z};
    add(spread, product(u, u), 1.0 / 12);
  }
  moments.octupole = product(spread, moments.dipole);
  return moments;
}

Tensor2 without_trace(Tensor2 m) {
  const double trace = (m[0] + m[1] + m[2]) / 3;
  for (int i = 0; i < 3; ++i) m[i] -= trace;
  return m;
}

Tensor3 without_trace(Tensor3 t) {
  const auto [xxx, yyy, zzz, xxy, xxz, xyy, yyz, xzz, yzz, xyz] = t;
  const double x = (xxx + xyy + xzz) / 5, y = (xxy + yyy + yzz) / 5, z = (xxz + yyz + zzz) / 5;
  return {xxx - 3 * x, yyy - 3 * y, zzz - 3 * z, xxy - y, xxz - z,
          xyy - x,     yyz - z,     xzz - x,     yzz - y, xyz};
}

}  // namespace

/// Builds the nodes of ranges of triangles, from the root down: binned surface area heuristic
/// (Wald, "On fast construction of SAH-based bounding volume hierarchies", 2007).
class MeshTreeBuilder {
 public:
  MeshTreeBuilder(const Mesh& mesh, MeshTree& tree) : mesh_(mesh), tree_(tree) {
    items_.resize(mesh.triangles.size());
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
      items_[i].triangle = i;
      for (const std::uint32_t v : mesh.triangles[i]) items_[i].box.include(mesh.vertices[v]);
    }
    tree.nodes_.reserve(items_.size() / 2 + 1);
    tree.far_fields_.reserve(items_.size() / 2 + 1);
    tree.blocks_.reserve(items_.size() / 4 + 1);
    if (!items_.empty()) build(0, items_.size(), 0);
  }

 private:
  using Block = MeshTree::Block;

  Moments build(std::size_t begin, std::size_t end, int depth) {
    const std::size_t self = tree_.nodes_.size();
    tree_.nodes_.emplace_back();
    tree_.far_fields_.emplace_back();
    Box box, centres;
    for (std::size_t i = begin; i < end; ++i) {
      box.include(items_[i].box);
      centres.include(items_[i].box.low + items_[i].box.high);
    }
    Moments moments;
    if (end - begin <= Block::places) {
      tree_.nodes_[self].block = static_cast<std::uint32_t>(tree_.blocks_.size());
      moments = add_block(begin, end);
    } else {
      const std::size_t middle = split(begin, end, centres, depth);
      moments = build(begin, middle, depth + 1);
      moments = merged(moments, build(middle, end, depth + 1));
    }
    tree_.nodes_[self].low = box.low;
    tree_.nodes_[self].high = box.high;
    tree_.nodes_[self].next = static_cast<std::uint32_t>(tree_.nodes_.size());
    set_far_field(tree_.far_fields_[self], moments, begin, end);
    tree_.far_fields_[self].next = tree_.nodes_[self].next;
    return moments;
  }

  Moments add_block(std::size_t begin, std::size_t end) {
    Block& block = tree_.blocks_.emplace_back();
    block.count = static_cast<std::uint32_t>(end - begin);
    Moments moments;
    for (std::uint32_t place = 0; place < Block::places; ++place) {
      const bool used = place < block.count;
      const Item& item = items_[used ? begin + place : begin];
      block.triangles[place] = item.triangle;
      for (int k = 0; k < 3; ++k) {
        const Vec3 v = mesh_.vertices[mesh_.triangles[item.triangle][used ? k : 0]];
        block.corners[k][0][place] = v.x;
        block.corners[k][1][place] = v.y;
        block.corners[k][2][place] = v.z;
      }
      if (!used) continue;
      const Moments one =
          moments_of(block.corner(0, place), block.corner(1, place), block.corner(2, place));
      moments = place == 0 ? one : merged(moments, one);
    }
    return moments;
  }

  /// Reorders the range; what comes before the result is one part. Beyond a depth that no sensible
  /// mesh reaches it halves, so that stacks of a fixed size do.
  std::size_t split(std::size_t begin, std::size_t end, const Box& centres, int depth) {
    const Vec3 extent = centres.high - centres.low;
    const int axis = extent.x >= extent.y && extent.x >= extent.z ? 0
                     : extent.y >= extent.z                       ? 1
                                                                  : 2;
    const float low = std::array{centres.low.x, centres.low.y, centres.low.z}[axis];
    const float size = std::array{extent.x, extent.y, extent.z}[axis];
    const auto first = items_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = items_.begin() + static_cast<std::ptrdiff_t>(end);
    const std::size_t half = begin + (end - begin) / 2;
    if (!(size > 0) || depth > 40) {
      std::nth_element(
          first, items_.begin() + static_cast<std::ptrdiff_t>(half), last,
          [axis](const Item& a, const Item& b) { return a.centre()[axis] < b.centre()[axis]; });
      return half;
    }
    const auto bin_of = [axis, low, scale = bins / size](const Item& item) {
      return std::min(static_cast<int>((item.centre()[axis] - low) * scale), bins - 1);
    };
    const int cut = cheapest_cut(begin, end, bin_of);
    const auto middle =
        std::partition(first, last, [&](const Item& item) { return bin_of(item) < cut; });
    return static_cast<std::size_t>(middle - items_.begin());
  }

  /// The bin before which to cut. The first and the last one are never empty.
  template <class BinOf>
  int cheapest_cut(std::size_t begin, std::size_t end, BinOf&& bin_of) const {
    std::array<Box, bins> boxes;
    std::array<std::size_t, bins> counts{};
    for (std::size_t i = begin; i < end; ++i) {
      const int bin = bin_of(items_[i]);
      boxes[bin].include(items_[i].box);
      ++counts[bin];
    }
    std::array<float, bins> behind{};  // cost of all bins from this one on
    Box box;
    std::size_t count = 0;
    for (int bin = bins - 1; bin > 0; --bin) {
      box.include(boxes[bin]);
      count += counts[bin];
      behind[bin] = box.area() * static_cast<float>(count);
    }
    box = {};
    count = 0;
    int best = 1;
    float least_cost = INFINITY;
    for (int bin = 1; bin < bins; ++bin) {
      box.include(boxes[bin - 1]);
      count += counts[bin - 1];
      const float cost = box.area() * static_cast<float>(count) + behind[bin];
      if (cost < least_cost) {
        least_cost = cost;
        best = bin;
      }
    }
    return best;
  }

  void set_far_field(WindingTree::FarField& far, const Moments& moments, std::size_t begin,
                     std::size_t end) const {
    const auto single = [](double number) { return static_cast<float>(number); };
    far.centre = {single(moments.centre[0]), single(moments.centre[1]), single(moments.centre[2])};
    far.dipole = {single(moments.dipole[0]), single(moments.dipole[1]), single(moments.dipole[2])};
    // What solid_angle() multiplies products of directions with: how often each one occurs in the
    // symmetric tensor, times the factor of the derivative of 1/r.
    const Tensor2 quadrupole = without_trace(moments.quadrupole);
    for (int i = 0; i < 6; ++i) far.quadrupole[i] = single(-3.0 * (i < 3 ? 1 : 2) * quadrupole[i]);
    const Tensor3 octupole = without_trace(moments.octupole);
    for (int i = 0; i < 10; ++i) {
      far.octupole[i] = single(7.5 * (i < 3 ? 1 : i < 9 ? 3 : 6) * octupole[i]);
    }
    for (std::size_t i = begin; i < end; ++i) {
      for (const std::uint32_t v : mesh_.triangles[items_[i].triangle]) {
        const Vec3 offset = mesh_.vertices[v] - far.centre;
        far.radius_squared = std::max(far.radius_squared, dot(offset, offset));
      }
    }
  }

  const Mesh& mesh_;
  MeshTree& tree_;
  std::vector<Item> items_;
};

MeshTree::MeshTree(const Mesh& mesh) {
  MeshTreeBuilder(mesh, *this);
}

}  // namespace fieldscope
