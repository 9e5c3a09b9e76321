// The keeper's cabin on the lower level: boarded walls, a slate roof, a brick chimney.
#include "tools/demo_scene/scene.h"
#include "tools/demo_scene/shapes.h"

namespace fieldscope::demo_scene {
namespace {

constexpr Vec3 kStand{0.37, -0.15, -0.41};
constexpr Turn kTurn{0.94, -0.3411744421846396};  // the ridge runs along x of the cabin's frame
constexpr double kLong = 0.155, kWide = 0.105, kEaves = 0.145, kRidge = 0.265;
constexpr Vec3 kWhite{0.84, 0.82, 0.77};

Vec3 local(Vec3 p) {
  return kTurn(p - kStand);
}

// Square distance above the slopes of the roof.
double above_slopes(Vec3 q) {
  constexpr double kRise = (kRidge - kEaves) / kWide;
  return (q.z - kRidge + kRise * std::abs(q.y)) / length(1, kRise);
}

double walls(Vec3 p) {
  const Vec3 q = local(p);
  const double body = box(q - Vec3{0, 0, kRidge / 2 - 0.02}, {kLong, kWide, kRidge / 2 + 0.02});
  return std::max(body, above_slopes(q) + 0.004);
}

struct Window {
  double along, up, half_width, half_height;
};

// White boards around, a bar across, panes in between; nullptr colour where there is no window.
bool window_material(double along, double up, const Window& w, Material& out) {
  const double x = (along - w.along) / w.half_width, y = (up - w.up) / w.half_height;
  if (std::abs(x) > 1 || std::abs(y) > 1) return false;
  if (std::abs(x) > 0.68 || std::abs(y) > 0.68 || std::abs(x) < 0.16) {
    out = {.albedo = kWhite, .gloss = 0.2};
  } else {
    out = {.albedo = {0.10, 0.07, 0.03}, .gloss = 1, .polish = 120, .glow = {0.55, 0.33, 0.10}};
  }
  return true;
}

Material walls_material(Vec3 p, Vec3& normal) {
  const Vec3 q = local(p), n = kTurn(normal);
  const bool gable = std::abs(n.x) > 0.7;
  const double along = gable ? q.y : q.x, end = gable ? kWide : kLong;
  if (q.z < 0.02) return {.albedo = {0.36, 0.34, 0.31}};
  Material out;
  if (!gable) {
    const bool front = n.y < 0;
    if (front && std::abs(along) < 0.034 && q.z < 0.115) {
      const bool door = std::abs(along) < 0.023 && q.z < 0.105;
      return {.albedo = door ? Vec3{0.035, 0.16, 0.13} : kWhite, .gloss = 0.3};
    }
    for (const double side : {-0.088, 0.088}) {
      if (window_material(along, q.z, {side, 0.085, 0.034, 0.034}, out)) return out;
    }
  } else if (window_material(along, q.z, {0, 0.095, 0.038, 0.038}, out)) {
    return out;
  }
  if (end - std::abs(along) < 0.014) return {.albedo = kWhite};
  const Cell board = cell_of(along, 0.036);
  const double groove = smoothstep(0.34, 0.46, std::abs(board.offset));
  const double tone = 0.9 + 0.2 * random_of(board.index, gable, 71);
  return {.albedo = Vec3{0.55, 0.055, 0.04} * tone * mix(1, 0.55, groove)};
}

double roof(Vec3 p) {
  const Vec3 q = local(p);
  const double slab = std::abs(above_slopes(q) - 0.006) - 0.011;
  const double sides = std::max(std::abs(q.x) - kLong - 0.022, std::abs(q.y) - kWide - 0.022);
  return std::max({slab, sides, kEaves - 0.04 - q.z});
}

Material roof_material(Vec3 p, Vec3& normal) {
  const Vec3 q = local(p), n = kTurn(normal);
  if (n.z < 0.4) return {.albedo = kWhite};  // barge boards
  if (std::abs(q.y) < 0.012) return {.albedo = {0.16, 0.18, 0.21}, .gloss = 0.4};
  // Courses of slates down the slope, every other one shifted by half a slate.
  const Cell course = cell_of(std::abs(q.y), 0.030);
  const Cell slate =
      cell_of(q.x + (std::fmod(std::abs(course.index), 2) > 0.5 ? 0.019 : 0.0), 0.038);
  const double tone = random_of(slate.index, course.index + (q.y > 0 ? 50 : 0), 72);
  const double edge = std::max(smoothstep(0.30, 0.48, course.offset),
                               0.7 * smoothstep(0.36, 0.48, std::abs(slate.offset)));
  const Vec3 colour = mix(Vec3{0.13, 0.16, 0.21}, Vec3{0.27, 0.31, 0.37}, tone);
  return {.albedo = colour * mix(1, 0.45, edge), .gloss = 0.45, .polish = 20};
}

double chimney(Vec3 p) {
  const Vec3 q = local(p) - Vec3{0.075, 0.04, 0.26};
  return std::min(box(q, {0.024, 0.024, 0.06}), box(q - Vec3{0, 0, 0.052}, {0.031, 0.031, 0.010}));
}

Material chimney_material(Vec3 p, Vec3&) {
  const Vec3 q = local(p) - Vec3{0.075, 0.04, 0.26};
  if (q.z > 0.06) return {.albedo = {0.05, 0.045, 0.04}};
  const Cell course = cell_of(q.z, 0.026);
  const double tone = 0.8 + 0.4 * random_of(course.index, std::floor(q.x * 40 + q.y * 40), 73);
  return {.albedo = Vec3{0.46, 0.17, 0.09} * tone};
}

constexpr Part kParts[] = {
    {kStand + Vec3{0, 0, 0.13}, 0.25, walls, walls_material},
    {kStand + Vec3{0, 0, 0.20}, 0.25, roof, roof_material},
    {kStand + Vec3{0.085, 0.012, 0.27}, 0.09, chimney, chimney_material},
};

}  // namespace

std::span<const Part> cabin_parts() {
  return kParts;
}

}  // namespace fieldscope::demo_scene
