// What grows and what is built between lighthouse and cabin: pines, bushes, steps, a fence.
#include "tools/demo_scene/scene.h"
#include "tools/demo_scene/shapes.h"

namespace fieldscope::demo_scene {
namespace {

struct Pine {
  Vec3 stand;
  double height;
};
constexpr Pine kPines[] = {
    {{0.09, 0.27, -0.22}, 0.38}, {{-0.03, 0.385, -0.22}, 0.27}, {{-0.40, 0.27, -0.22}, 0.25},
    {{0.52, 0.05, -0.42}, 0.27}, {{0.42, 0.10, -0.42}, 0.36},
};

double pine(Vec3 p, const Pine& tree) {
  const Vec3 q = (p - tree.stand) / tree.height;
  const double around = std::atan2(q.y, q.x);
  // Three skirts of branches; the edge of each is scalloped, the next turned by half a scallop.
  double d = cylinder(q, 0.055, -0.1, 0.3);
  for (int i = 0; i < 3; ++i) {
    const double low = 0.16 + 0.25 * i, high = low + 0.40 - 0.03 * i;
    const double wide = 0.33 - 0.075 * i;
    const double scallop = 0.12 * std::cos(9 * around + kPi * i) * length(q.x, q.y);
    const double droop = q.z - scallop * 0.9;
    d = std::min(d, frustum({q.x, q.y, droop}, low, high, wide + scallop * 0.4, 0.012) - 0.012);
  }
  return 0.72 * d * tree.height;
}

template <int kIndex>
double pine_at(Vec3 p) {
  return pine(p, kPines[kIndex]);
}

Material pine_material(Vec3 p, Vec3& normal) {
  if (normal.z < -0.5) return {.albedo = {0.03, 0.055, 0.03}};
  const double tone = 0.5 + 0.5 * noise(p * 12, 81);
  const double upper = smoothstep(-0.2, 0.8, normal.z);
  return {.albedo =
              mix(Vec3{0.030, 0.095, 0.055}, Vec3{0.085, 0.21, 0.075}, 0.6 * tone + 0.4 * upper)};
}

constexpr Part pine_part(double (*distance)(Vec3), const Pine& tree) {
  return {tree.stand + Vec3{0, 0, 0.45 * tree.height}, 0.62 * tree.height, distance, pine_material};
}

double bushes(Vec3 p) {
  constexpr double kBushes[][4] = {// x, y, z, radius
                                   {0.52, -0.27, -0.39, 0.050},
                                   {0.57, -0.20, -0.395, 0.036},
                                   {0.21, -0.03, -0.375, 0.045},
                                   {-0.38, 0.06, -0.19, 0.042},
                                   {-0.31, 0.34, -0.19, 0.05}};
  double d = 1e30;
  for (const auto& b : kBushes) d = std::min(d, ball(p - Vec3{b[0], b[1], b[2]}, b[3]));
  if (d > 0.06) return d - 0.02;
  return 0.7 * (d + 0.012 * noise(p * 26, 82));
}

Material bush_material(Vec3 p, Vec3&) {
  const double tone = 0.5 + 0.5 * noise(p * 26, 82);
  return {.albedo = mix(Vec3{0.20, 0.30, 0.06}, Vec3{0.07, 0.16, 0.04}, tone)};
}

// From the lower level up to the lighthouse.
constexpr Vec3 kBottom{0.145, -0.285, -0.405}, kTop{-0.005, -0.085, -0.205};
constexpr int kSteps = 6;

double steps(Vec3 p) {
  constexpr Turn kTurn{-0.6, 0.8};  // uphill is x
  double d = 1e30;
  for (int i = 0; i < kSteps; ++i) {
    const Vec3 stand = kBottom + (kTop - kBottom) * ((i + 0.5) / kSteps);
    d = std::min(
        d, rounded_box(kTurn(p - stand) + Vec3{-0.03, 0, 0.03}, {0.055, 0.062, 0.047}, 0.008));
  }
  return d;
}

Material steps_material(Vec3 p, Vec3& normal) {
  const double tone = 1 + 0.15 * noise(p * 18, 83);
  return {.albedo = (normal.z > 0.6 ? Vec3{0.58, 0.53, 0.46} : Vec3{0.36, 0.33, 0.29}) * tone};
}

constexpr Vec3 kFenceCentre{-0.15, 0.11, -0.215};
constexpr double kFenceRadius = 0.335, kFenceSpacing = kPi / 13;

constexpr Turn kFenceTurn{-0.663122658240795, -0.748510748171101};  // x goes through its middle

// Six pickets along a part of a circle, and two rails.
double fence(Vec3 p) {
  const Vec3 q = kFenceTurn(p - kFenceCentre);
  constexpr double kLast = 2.5;
  const double around = std::atan2(q.y, q.x);
  const double nearest = std::clamp(std::floor(around / kFenceSpacing) + 0.5, -kLast, kLast);
  const double angle = around - nearest * kFenceSpacing, from_axis = length(q.x, q.y);
  const Vec3 r{from_axis * std::cos(angle) - kFenceRadius, from_axis * std::sin(angle), q.z};
  const double picket = rounded_box(r - Vec3{0, 0, 0.035}, {0.012, 0.015, 0.078}, 0.006);
  const double along = std::clamp(around, -kLast * kFenceSpacing, kLast * kFenceSpacing);
  const Vec3 on_rail{kFenceRadius * std::cos(along), kFenceRadius * std::sin(along), 0};
  const Vec3 across = q - on_rail;
  const double from_rail = length(across.x, across.y);
  const double rails =
      std::min(length(from_rail, q.z - 0.090), length(from_rail, q.z - 0.045)) - 0.0095;
  return 0.9 * std::min(picket, rails);  // the angles at hand are not quite lengths
}

Material paint(Vec3, Vec3&) {
  return {.albedo = {0.84, 0.81, 0.75}, .gloss = 0.2};
}

constexpr Part kParts[] = {
    pine_part(pine_at<0>, kPines[0]),
    pine_part(pine_at<1>, kPines[1]),
    pine_part(pine_at<2>, kPines[2]),
    pine_part(pine_at<3>, kPines[3]),
    pine_part(pine_at<4>, kPines[4]),
    {{0.1, 0.05, -0.29}, 0.62, bushes, bush_material},
    {(kBottom + kTop) * 0.5, 0.25, steps, steps_material},
    {kFenceCentre, 0.38, fence, paint},
};

}  // namespace

std::span<const Part> garden_parts() {
  return kParts;
}

}  // namespace fieldscope::demo_scene
