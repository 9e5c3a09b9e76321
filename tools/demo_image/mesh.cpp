#include "tools/demo_image/mesh.h"

#include <array>
#include <map>

namespace fieldscope::demo_image {

void Mesh::paint(Material material, Vec3 tint) {
  material_ = material;
  tint_ = tint;
}

void Mesh::triangle(Vec3 a, Vec3 b, Vec3 c) {
  const Vec3 n = normalize(cross(b - a, c - a));
  smooth_triangle(a, b, c, n, n, n);
}

void Mesh::smooth_triangle(Vec3 a, Vec3 b, Vec3 c, Vec3 na, Vec3 nb, Vec3 nc) {
  const auto p = [&](Vec3 v) { return placement_.point(v); };
  const auto d = [&](Vec3 v) { return placement_.direction(v); };
  triangles_.push_back({p(a), p(b), p(c), d(na), d(nb), d(nc), tint_, material_});
}

void Mesh::quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d) {
  triangle(a, b, c);
  triangle(a, c, d);
}

void Mesh::box(Vec3 l, Vec3 h) {
  quad({l.x, l.y, l.z}, {l.x, h.y, l.z}, {h.x, h.y, l.z}, {h.x, l.y, l.z});
  quad({l.x, l.y, h.z}, {h.x, l.y, h.z}, {h.x, h.y, h.z}, {l.x, h.y, h.z});
  quad({l.x, l.y, l.z}, {l.x, l.y, h.z}, {l.x, h.y, h.z}, {l.x, h.y, l.z});
  quad({h.x, l.y, l.z}, {h.x, h.y, l.z}, {h.x, h.y, h.z}, {h.x, l.y, h.z});
  quad({l.x, h.y, l.z}, {l.x, h.y, h.z}, {h.x, h.y, h.z}, {h.x, h.y, l.z});
  quad({l.x, l.y, l.z}, {h.x, l.y, l.z}, {h.x, l.y, h.z}, {l.x, l.y, h.z});
}

void Mesh::rod(Vec3 from, Vec3 to, float radius, int sides) {
  Vec3 s, t;
  make_basis(normalize(to - from), s, t);
  const auto around = [&](int i) {
    const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(sides);
    return s * std::cos(angle) + t * std::sin(angle);
  };
  for (int i = 0; i < sides; ++i) {
    const Vec3 u = around(i), v = around(i + 1);
    smooth_triangle(from + u * radius, from + v * radius, to + v * radius, u, v, v);
    smooth_triangle(from + u * radius, to + v * radius, to + u * radius, u, v, u);
  }
}

void Mesh::lathe(const std::vector<std::pair<float, float>>& profile, int sides) {
  for (std::size_t k = 0; k + 1 < profile.size(); ++k) {
    const float r0 = profile[k].first, y0 = profile[k].second;
    const float r1 = profile[k + 1].first, y1 = profile[k + 1].second;
    const auto point = [&](int i, float r, float y) {
      const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(sides);
      return Vec3{r * std::cos(angle), y, r * std::sin(angle)};
    };
    const auto outward = [&](int i) {
      const Vec3 d = point(i, 1, 0);
      return normalize(Vec3{d.x * (y1 - y0), r0 - r1, d.z * (y1 - y0)});
    };
    for (int i = 0; i < sides; ++i) {
      const Vec3 a = point(i, r0, y0), b = point(i + 1, r0, y0);
      const Vec3 c = point(i + 1, r1, y1), d = point(i, r1, y1);
      smooth_triangle(a, d, c, outward(i), outward(i), outward(i + 1));
      smooth_triangle(a, c, b, outward(i), outward(i + 1), outward(i + 1));
    }
  }
}

void Mesh::ball(Vec3 centre, int levels, const std::function<float(Vec3)>& radius) {
  const float g = 1.618034f;
  std::vector<Vec3> directions{{-1, g, 0}, {1, g, 0}, {-1, -g, 0}, {1, -g, 0},
                               {0, -1, g}, {0, 1, g}, {0, -1, -g}, {0, 1, -g},
                               {g, 0, -1}, {g, 0, 1}, {-g, 0, -1}, {-g, 0, 1}};
  for (Vec3& d : directions) d = normalize(d);
  using Face = std::array<int, 3>;
  std::vector<Face> faces{{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                          {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                          {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                          {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
  for (int level = 0; level < levels; ++level) {
    std::map<std::pair<int, int>, int> middles;
    const auto middle = [&](int a, int b) {
      const auto [where, added] =
          middles.try_emplace(std::minmax(a, b), static_cast<int>(directions.size()));
      if (added) {
        directions.push_back(normalize(directions[static_cast<std::size_t>(a)] +
                                       directions[static_cast<std::size_t>(b)]));
      }
      return where->second;
    };
    std::vector<Face> finer;
    for (const auto& [a, b, c] : faces) {
      const int ab = middle(a, b), bc = middle(b, c), ca = middle(c, a);
      finer.insert(finer.end(),
                   {Face{a, ab, ca}, Face{b, bc, ab}, Face{c, ca, bc}, Face{ab, bc, ca}});
    }
    faces = std::move(finer);
  }
  std::vector<Vec3> points;
  for (const Vec3 d : directions) points.push_back(centre + d * radius(d));
  std::vector<Vec3> normals(points.size());
  const auto at = [](auto& v, int i) -> auto& {
    return v[static_cast<std::size_t>(i)];
  };
  for (const auto& [a, b, c] : faces) {
    const Vec3 n = cross(at(points, b) - at(points, a), at(points, c) - at(points, a));
    for (const int v : {a, b, c}) at(normals, v) += n;
  }
  for (Vec3& n : normals) n = normalize(n);
  for (const auto& [a, b, c] : faces) {
    smooth_triangle(at(points, a), at(points, b), at(points, c), at(normals, a), at(normals, b),
                    at(normals, c));
  }
}

}  // namespace fieldscope::demo_image
