// The lighthouse: foundation, striped tower with door and windows, gallery, lantern, dome.
#include "tools/demo_scene/scene.h"
#include "tools/demo_scene/shapes.h"

namespace fieldscope::demo_scene {
namespace {

constexpr Vec3 kStand{-0.16, 0.12, 0};
constexpr double kGround = -0.20, kGallery = 0.68;
constexpr double kWide = 0.205, kSlim = 0.140;
constexpr Turn kToDoor{0.64,
                       -0.7683749084919419};  // x of the tower's own frame goes out of its door

constexpr Vec3 kCream{0.75, 0.69, 0.59}, kRed{0.66, 0.052, 0.035}, kDark{0.055, 0.07, 0.085};

Vec3 local(Vec3 p) {
  return kToDoor(p - kStand);
}

double tower_radius(double z) {
  const double t = (z - kGround) / (kGallery - kGround);
  return mix(kWide, kSlim, t) + 0.022 * (1 - t) * (1 - t);
}

double foundation(Vec3 p) {
  return cylinder(local(p), 0.245, kGround - 0.08, kGround + 0.045) - 0.01;
}

Material foundation_material(Vec3 p, Vec3&) {
  const Vec3 q = local(p);
  const Cell stone = cell_of(std::atan2(q.y, q.x) + kPi, kPi / 9);
  const double joint = smoothstep(0.40, 0.46, std::abs(stone.offset)) * (q.z < kGround + 0.05);
  const double tone = 0.85 + 0.3 * random_of(stone.index, 0, 61);
  return {.albedo = mix(Vec3{0.40, 0.37, 0.33} * tone, Vec3{0.13, 0.12, 0.11}, joint)};
}

double tower(Vec3 p) {
  const Vec3 q = local(p);
  const double side = length(q.x, q.y) - tower_radius(q.z);
  return 0.96 * extruded(side, std::max(kGround - q.z, q.z - kGallery));
}

Material tower_material(Vec3 p, Vec3&) {
  const double band = (p.z - kGround) / (kGallery - kGround) * 5;
  const bool red = static_cast<int>(std::floor(band)) % 2 == 1;
  const double weather = 1 + 0.05 * noise({p.x * 9, p.y * 9, p.z * 3}, 62);
  return {.albedo = (red ? kRed : kCream) * weather, .gloss = 0.35, .polish = 24};
}

// A door and windows: slabs that stand out of the wall a little.
struct Opening {
  Turn facing;
  double height, half_width, half_height;
};
constexpr Opening kOpenings[] = {
    {{1, 0}, kGround + 0.135, 0.05, 0.085},
    {{1, 0}, 0.245, 0.030, 0.040},
    {{-0.5, 0.8660254037844386}, 0.06, 0.030, 0.040},
    {{-0.5, -0.8660254037844386}, 0.06, 0.030, 0.040},
    {{-1, 0}, 0.42, 0.028, 0.036},
};

double opening(Vec3 p, const Opening& o) {
  const Vec3 q = o.facing(local(p));
  const double out = tower_radius(o.height) - 0.012;
  return box(q - Vec3{out, 0, o.height}, {0.03, o.half_width, o.half_height});
}

double openings(Vec3 p) {
  double d = 1e30;
  for (const Opening& o : kOpenings) d = std::min(d, opening(p, o));
  return d;
}

Material openings_material(Vec3 p, Vec3& normal) {
  const Opening* nearest = kOpenings;
  for (const Opening& o : kOpenings) {
    if (opening(p, o) < opening(p, *nearest)) nearest = &o;
  }
  const Vec3 q = nearest->facing(local(p));
  const Vec3 n = nearest->facing(kToDoor(normal));
  const double side = std::abs(q.y) / nearest->half_width;
  const double up = (q.z - nearest->height) / nearest->half_height;
  const bool frame = side > 0.68 || up > 0.74 || (nearest != kOpenings && up < -0.74) || n.x < 0.7;
  if (frame) return {.albedo = Vec3{0.86, 0.84, 0.78}, .gloss = 0.3};
  if (nearest == kOpenings) return {.albedo = {0.035, 0.16, 0.13}, .gloss = 0.5};
  return {.albedo = {0.03, 0.05, 0.075}, .gloss = 1, .polish = 120, .mirror = true};
}

double gallery(Vec3 p) {
  const Vec3 q = local(p);
  return std::min(0.75 * frustum(q, kGallery - 0.075, kGallery, kSlim + 0.005, 0.205) - 0.004,
                  cylinder(q, 0.222, kGallery, kGallery + 0.02) - 0.008);
}

Material gallery_material(Vec3 p, Vec3& normal) {
  if (normal.z > 0.7) return {.albedo = {0.25, 0.24, 0.24}};
  const bool edge = p.z > kGallery - 0.004;
  return {.albedo = edge ? kDark * 1.6 : kCream, .gloss = 0.4};
}

double railing(Vec3 p) {
  const Vec3 q = local(p);
  constexpr double kRadius = 0.212;
  const double rails = std::min(torus(q - Vec3{0, 0, kGallery + 0.125}, kRadius, 0.0115),
                                torus(q - Vec3{0, 0, kGallery + 0.075}, kRadius, 0.008));
  const Cell post = cell_of(std::atan2(q.y, q.x), kPi / 6);
  const double angle = post.offset * kPi / 6, from_axis = length(q.x, q.y);
  const Vec3 r{from_axis * std::cos(angle) - kRadius, from_axis * std::sin(angle), q.z};
  return std::min(rails, cylinder(r, 0.0105, kGallery, kGallery + 0.125));
}

Material iron(Vec3, Vec3&) {
  return {.albedo = kDark, .gloss = 0.5, .polish = 30};
}

double lantern(Vec3 p) {
  return cylinder(local(p), 0.102, kGallery, 0.885);
}

Material lantern_material(Vec3 p, Vec3&) {
  const Vec3 q = local(p);
  const Cell pane = cell_of(std::atan2(q.y, q.x), kPi / 4);
  const double up = (p.z - 0.745) / (0.885 - 0.745);
  if (up < 0) return {.albedo = kRed, .gloss = 0.5};
  if (std::abs(pane.offset) > 0.40 || std::abs(up - 0.02) < 0.07)
    return {.albedo = kDark, .gloss = 0.5};
  // The lamp behind the glass: brightest at its height.
  const double lamp = 1 - smoothstep(0.1, 0.62, std::abs(up - 0.5));
  const Vec3 glow = mix(Vec3{0.50, 0.24, 0.05}, Vec3{1.7, 1.15, 0.42}, lamp);
  return {.albedo = {0.12, 0.10, 0.05}, .gloss = 1, .polish = 160, .glow = glow};
}

double dome(Vec3 p) {
  const Vec3 q = local(p) - Vec3{0, 0, 0.895};
  const double cap = extruded(0.78 * ellipsoid(q, {0.128, 0.128, 0.135}), -q.z);
  const double eave = torus(q, 0.128, 0.017);
  return std::min(cap, eave);
}

Material dome_material(Vec3, Vec3&) {
  return {.albedo = Vec3{0.62, 0.065, 0.03}, .gloss = 0.9, .polish = 45};
}

double finial(Vec3 p) {
  const Vec3 q = local(p);
  return std::min(ball(q - Vec3{0, 0, 1.05}, 0.034), capsule(q, {0, 0, 1.0}, {0, 0, 1.16}, 0.0105));
}

Material finial_material(Vec3, Vec3&) {
  return {.albedo = {0.93, 0.58, 0.20}, .gloss = 1, .polish = 40, .metal = true};
}

constexpr Vec3 at(double z) {
  return {kStand.x, kStand.y, z};
}
constexpr Part kParts[] = {
    {at(-0.22), 0.28, foundation, foundation_material},
    {at(0.24), 0.50, tower, tower_material},
    {at(0.15), 0.39, openings, openings_material},
    {at(0.66), 0.25, gallery, gallery_material},
    {at(0.76), 0.25, railing, iron},
    {at(0.78), 0.15, lantern, lantern_material},
    {at(0.93), 0.19, dome, dome_material},
    {at(1.07), 0.12, finial, finial_material},
};

}  // namespace

std::span<const Part> lighthouse_parts() {
  return kParts;
}

}  // namespace fieldscope::demo_scene
