// Whether cameras and pictures of the held datasets belong together, told by the pictures alone: a
// corner of one view is looked for along its ray in a second view; the place in space that this
// gives must be the same corner in a third view. Wrong axes, focal lengths or principal points
// fail.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/data/posed_views.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

struct View {
  PosedCamera camera;
  Image rgb;                        ///< over white
  std::vector<std::uint8_t> solid;  ///< of each pixel: it is not transparent

  /// Red, green and blue, bilinear; pixels' centres lie at one half.
  void add_colour(double column, double row, std::vector<double>& to) const {
    const double x = std::clamp(column - 0.5, 0.0, rgb.width - 1.001);
    const double y = std::clamp(row - 0.5, 0.0, rgb.height - 1.001);
    const int left = static_cast<int>(x), top = static_cast<int>(y);
    const double u = x - left, v = y - top;
    const float* p[] = {rgb.at(left, top), rgb.at(left + 1, top), rgb.at(left, top + 1),
                        rgb.at(left + 1, top + 1)};
    for (int c = 0; c < 3; ++c)
      to.push_back((1 - v) * ((1 - u) * p[0][c] + u * p[1][c]) +
                   v * ((1 - u) * p[2][c] + u * p[3][c]));
  }
  bool holds(PicturePoint p, double border) const {
    return p.column >= border && p.row >= border && p.column <= rgb.width - border &&
           p.row <= rgb.height - border;
  }
};

View view_of(const PosedView& posed) {
  View view{posed.camera, posed.picture(1), {}};
  for (std::size_t i = 0; i < view.rgb.count(); ++i)
    view.solid.push_back(posed.channels == 3 || posed.pixels[4 * i + 3] > 127);
  return view;
}

/// Square patches with `radius` pixels on each side of the middle one.
struct Patches {
  int radius;

  /// Of view a around a pixel.
  std::vector<double> of(const View& a, PicturePoint at) const {
    std::vector<double> values;
    for (int y = -radius; y <= radius; ++y)
      for (int x = -radius; x <= radius; ++x) a.add_colour(at.column + x, at.row + y, values);
    return values;
  }
  /// What b shows of it if it is a piece of a plane parallel to a's picture, `depth` in front of a,
  /// and if all lay shifted on the picture. Empty where it leaves the picture.
  std::vector<double> seen_by(const View& b, const View& a, PicturePoint at, double depth,
                              PicturePoint shift = {}) const {
    std::vector<double> values;
    for (int y = -radius; y <= radius; ++y) {
      for (int x = -radius; x <= radius; ++x) {
        const Ray ray = a.camera.ray({at.column + x, at.row + y});
        const double share = -dot(ray.direction, a.camera.pose.back);
        const auto there = b.camera.project(ray.at(static_cast<float>(depth / share)));
        if (!there) return {};
        const PicturePoint shifted = {there->column + shift.column, there->row + shift.row};
        if (!b.holds(shifted, 0.5)) return {};
        b.add_colour(shifted.column, shifted.row, values);
      }
    }
    return values;
  }
};

/// Normalised cross-correlation, in [-1, 1]; -1 where there is nothing to compare.
double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size() || a.empty()) return -1;
  const auto n = static_cast<double>(a.size());
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += a[i];
    sb += b[i];
    saa += a[i] * a[i];
    sbb += b[i] * b[i];
    sab += a[i] * b[i];
  }
  const double va = saa - sa * sa / n, vb = sbb - sb * sb / n;
  if (va < 1e-4 * n || vb < 1e-4 * n) return -1;  // nearly of one brightness
  return (sab - sa * sb / n) / std::sqrt(va * vb);
}

/// The smaller eigenvalue of the structure tensor over a patch (Shi and Tomasi 1994). Nothing
/// where the patch holds a silhouette, which is at another place for every camera.
double corner_strength(const View& view, int x, int y, int radius) {
  double xx = 0, xy = 0, yy = 0;
  for (int v = y - radius; v <= y + radius; ++v) {
    for (int u = x - radius; u <= x + radius; ++u) {
      if (!view.solid[static_cast<std::size_t>(v) * view.rgb.width + u]) return 0;
      for (int c = 0; c < 3; ++c) {
        const double gx = view.rgb.at(u + 1, v)[c] - view.rgb.at(u - 1, v)[c];
        const double gy = view.rgb.at(u, v + 1)[c] - view.rgb.at(u, v - 1)[c];
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
      }
    }
  }
  return (xx + yy) / 2 - std::hypot((xx - yy) / 2, xy);
}

/// The best corners, apart from each other.
std::vector<PicturePoint> corners_of(const View& view, int radius, std::size_t most) {
  struct Corner {
    double strength;
    PicturePoint at;
  };
  const int border = radius + 2;
  std::vector<Corner> corners;
  for (int y = border; y < view.rgb.height - border; ++y)
    for (int x = border; x < view.rgb.width - border; ++x)
      corners.push_back({corner_strength(view, x, y, radius), {x + 0.5, y + 0.5}});
  std::sort(corners.begin(), corners.end(),
            [](const Corner& a, const Corner& b) { return a.strength > b.strength; });
  std::vector<PicturePoint> kept;
  for (const Corner& corner : corners) {
    const bool apart = std::all_of(kept.begin(), kept.end(), [&](PicturePoint p) {
      return std::hypot(p.column - corner.at.column, p.row - corner.at.row) > 2 * radius;
    });
    if (apart) kept.push_back(corner.at);
    if (kept.size() == most) break;
  }
  return kept;
}

struct Agreement {
  int corners = 0, distinct = 0, agreeing = 0;

  double rate() const { return distinct > 0 ? static_cast<double>(agreeing) / distinct : 0; }
  /// That the cameras belong to the pictures.
  bool good() const { return 5 * distinct >= corners && rate() > 0.8; }
};

/// The depth at which b shows what a does, if there is just one.
std::optional<double> distinct_depth(const View& a, const View& b, PicturePoint at,
                                     const Patches& patches, double near, double far) {
  struct Match {
    double depth, correlation;
    PicturePoint at;
  };
  const std::vector<double> wanted = patches.of(a, at);
  const Ray ray = a.camera.ray(at);
  const double share = -dot(ray.direction, a.camera.pose.back);
  const auto place = [&](double depth) {
    return b.camera.project(ray.at(static_cast<float>(depth / share)));
  };
  std::vector<Match> matches;
  for (double depth = near; depth < far;) {
    double growth = 1.02;  // so large that b sees half a pixel of it
    const auto here = place(depth), there = place(depth * 1.001);
    if (here && there) {
      const double moved = std::hypot(there->column - here->column, there->row - here->row);
      growth = std::clamp(1 + 0.001 * 0.5 / std::max(moved, 1e-9), 1.0005, 1.1);
      const double alike = correlation(wanted, patches.seen_by(b, a, at, depth));
      if (alike > -1) matches.push_back({depth, alike, *here});
    }
    depth *= growth;
  }
  if (matches.empty()) return std::nullopt;
  const auto best = *std::max_element(
      matches.begin(), matches.end(),
      [](const Match& x, const Match& y) { return x.correlation < y.correlation; });
  if (best.correlation < 0.85) return std::nullopt;
  for (const Match& other : matches) {
    const double apart = std::hypot(other.at.column - best.at.column, other.at.row - best.at.row);
    if (apart > 3 && other.correlation > best.correlation - 0.1) return std::nullopt;
  }
  return best.depth;
}

void follow_corners(const View& a, const View& b, const View& c, const Patches& patches,
                    double near, double far, Agreement& agreement) {
  for (const PicturePoint at : corners_of(a, patches.radius, 30)) {
    ++agreement.corners;
    const auto depth = distinct_depth(a, b, at, patches, near, far);
    if (!depth) continue;
    const std::vector<double> wanted = patches.of(a, at);
    double best = -1;
    bool inside = false;
    for (double y = -1.5; y <= 1.5; y += 0.5) {
      for (double x = -1.5; x <= 1.5; x += 0.5) {
        const auto seen = patches.seen_by(c, a, at, *depth, {x, y});
        inside = inside || !seen.empty();
        best = std::max(best, correlation(wanted, seen));
      }
    }
    if (!inside) continue;  // c looks elsewhere
    ++agreement.distinct;
    agreement.agreeing += best > 0.8;
  }
}

/// Something to do to every camera before.
using Change = std::function<void(PosedCamera&)>;

/// How a dataset is looked at.
struct Look {
  int radius;              ///< of patches
  double near;             ///< where the search along rays begins
  std::size_t neighbours;  ///< as many of the nearest views serve as second and third ones
};

struct Triple {
  std::size_t a, b, c;
};

/// Several views, each with a neighbour to one side and a second one to another: with all cameras
/// in a row, some mistakes would not show.
std::vector<Triple> triples_of(const std::vector<View>& all, std::size_t neighbours) {
  std::vector<Triple> triples;
  constexpr std::size_t wanted = 6;
  for (std::size_t k = 0; k < wanted; ++k) {
    const std::size_t a = k * all.size() / wanted;
    const auto apart = [&](std::size_t i) {
      return all[i].camera.pose.origin - all[a].camera.pose.origin;
    };
    std::vector<std::size_t> near_by;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (i != a) near_by.push_back(i);
    std::sort(near_by.begin(), near_by.end(),
              [&](std::size_t i, std::size_t j) { return length(apart(i)) < length(apart(j)); });
    near_by.resize(std::min(near_by.size(), neighbours));
    const std::size_t b = near_by[1];
    const auto aside = [&](std::size_t i) {
      return length(cross(normalised(apart(i)), normalised(apart(b))));
    };
    const auto c =
        std::max_element(near_by.begin(), near_by.end(),
                         [&](std::size_t i, std::size_t j) { return aside(i) < aside(j); });
    triples.push_back({a, b, *c});
  }
  return triples;
}

/// Something to do to every camera before.
using Change = std::function<void(PosedCamera&)>;

Agreement agreement_of(const PosedViews& views, const Look& look, const Change& change) {
  std::vector<View> all;
  for (const auto* list : {&views.training, &views.held_out})
    for (const PosedView& view : *list) all.push_back(view_of(view));
  const std::vector<Triple> triples = triples_of(all, look.neighbours);
  if (change)
    for (View& view : all) change(view.camera);
  Agreement agreement;
  for (const Triple& t : triples)
    follow_corners(all[t.a], all[t.b], all[t.c], {look.radius}, look.near, views.far, agreement);
  return agreement;
}

/// That the dataset agrees as it is read, or does not after a change.
void check(const PosedViews& views, const Look& look, const char* what, bool good,
           const Change& change = {}) {
  const Agreement found = agreement_of(views, look, change);
  const auto text = std::to_string(found.agreeing) + " of " + std::to_string(found.distinct) +
                    " matches of " + std::to_string(found.corners) + " corners";
  EXPECT_EQ(found.good(), good) << what << ": " << text;
  std::printf("%s: %s\n", what, text.c_str());
}

void expect_agreement(const PosedViews& views, const Look& look) {
  check(views, look, "as read", true);
  check(views, look, "x mirrored", false, [](PosedCamera& c) { c.pose.right = c.pose.right * -1; });
  check(views, look, "y mirrored", false, [](PosedCamera& c) { c.pose.up = c.pose.up * -1; });
  check(views, look, "OpenCV's axes", false, [](PosedCamera& c) {
    c.pose.up = c.pose.up * -1;
    c.pose.back = c.pose.back * -1;
  });
  check(views, look, "x and y changed", false,
        [](PosedCamera& c) { std::swap(c.pose.right, c.pose.up); });
}

void expect_to_notice_lenses(const PosedViews& views, const Look& look) {
  check(views, look, "focal length 15% longer", false, [](PosedCamera& c) {
    c.lens.fx *= 1.15;
    c.lens.fy *= 1.15;
  });
  check(views, look, "principal point turned", false,
        [](PosedCamera& c) { std::swap(c.lens.cx, c.lens.cy); });
}

fs::path held(const std::string& name) {
  return fs::path(FIELDSCOPE_SHARED) / "data" / "nerf" / name;
}

TEST(Epipolar, Fern) {
  if (!fs::exists(held("fern"))) GTEST_SKIP() << "no fern here";
  const auto views = load_posed_views(held("fern"), {0, 8}, on_threads());
  const Look look = {4, views->near, 6};
  expect_agreement(*views, look);
  expect_to_notice_lenses(*views, look);
}

// A wrong focal length does not show here: seen from nearby places on a sphere, other depths make
// up for it (the bas-relief ambiguity).
TEST(Epipolar, Lego) {
  if (!fs::exists(held("lego_100"))) GTEST_SKIP() << "no lego_100 here";
  const auto views = load_posed_views(held("lego_100"), {0, 8}, on_threads());
  expect_agreement(*views, {3, views->near, 4});
}

TEST(Epipolar, Fox) {
  if (!fs::exists(held("fox"))) GTEST_SKIP() << "no fox here";
  if (image_extensions().size() == 1) GTEST_SKIP() << "built without stb_image: reads PNG only";
  const auto views = load_posed_views(held("fox"), {400, 8}, on_threads());
  const Look look = {4, 0.15, 6};
  expect_agreement(*views, look);
  expect_to_notice_lenses(*views, look);
}

}  // namespace
}  // namespace fieldscope
