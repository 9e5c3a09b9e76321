// What people brought to the water: a sailing boat, a jetty with a rowing boat, a buoy, and a
// parasol with a blanket on the beach.
#include "tools/demo_scene/scene.h"
#include "tools/demo_scene/shapes.h"

namespace fieldscope::demo_scene {
namespace {

constexpr Vec3 kCream{0.78, 0.72, 0.60}, kMustard{0.80, 0.45, 0.06}, kRed{0.66, 0.052, 0.035};

// A hull whose bow is +y, `half_length` long, `half_beam` wide at the deck that is at height 0 and
// rises towards the ends; narrower below.
double hull(Vec3 q, double half_length, double half_beam, double depth) {
  const double radius = (half_length * half_length + half_beam * half_beam) / (2 * half_beam);
  const double sheer = 0.9 * q.y * q.y;
  const double below = std::max(sheer - q.z, 0.0);
  const double side = length(std::abs(q.x) + radius - half_beam, q.y) - radius + 0.35 * below;
  return 0.85 * std::max({side, q.z - sheer, -depth - q.z});
}

constexpr Vec3 kBoat{-0.70, -0.27, kSea + 0.055};
constexpr Turn kBoatTurn{0.8660254037844386, 0.5};

double boat(Vec3 p) {
  return hull(kBoatTurn(p - kBoat), 0.19, 0.062, 0.08);
}

Material boat_material(Vec3 p, Vec3& normal) {
  const Vec3 q = kBoatTurn(p - kBoat);
  if (normal.z > 0.6) {
    const Cell plank = cell_of(q.x, 0.024);
    return {.albedo = Vec3{0.52, 0.30, 0.14} *
                      mix(1, 0.6, smoothstep(0.3, 0.45, std::abs(plank.offset)))};
  }
  const double down = 0.9 * q.y * q.y - q.z;
  return {.albedo = down < 0.016 ? kCream : Vec3{0.035, 0.12, 0.24}, .gloss = 0.7, .polish = 40};
}

double mast(Vec3 p) {
  const Vec3 q = kBoatTurn(p - kBoat);
  return std::min(capsule(q, {0, 0.035, -0.02}, {0, 0.035, 0.53}, 0.011),
                  capsule(q, {0, 0.035, 0.062}, {-0.015, -0.165, 0.062}, 0.010));
}

Material spar(Vec3, Vec3&) {
  return {.albedo = {0.38, 0.21, 0.09}, .gloss = 0.3};
}

// Sails swell away from the wind: thin, and bent by a function of where on the sail a point is.
double sail(Vec3 q, const double (&corner)[3][2], double belly) {
  const double mid = (corner[0][1] + corner[1][1] + corner[2][1]) / 3;
  const double fall = 1 - std::min(std::abs(q.z - mid) / 0.35, 1.0);
  const double along = (q.y - corner[0][0]) / 0.2;
  const double bent = q.x + belly * fall * (1 - along * along * 0.7);
  return 0.85 * extruded(triangle(q.y, q.z, corner), std::abs(bent) - 0.007);
}

double mainsail(Vec3 p) {
  constexpr double kCorners[3][2] = {{0.022, 0.08}, {0.022, 0.50}, {-0.165, 0.08}};
  return sail(kBoatTurn(p - kBoat), kCorners, 0.030);
}

double jib(Vec3 p) {
  constexpr double kCorners[3][2] = {{0.052, 0.09}, {0.185, 0.065}, {0.052, 0.42}};
  return sail(kBoatTurn(p - kBoat), kCorners, 0.022);
}

Material mainsail_material(Vec3 p, Vec3&) {
  const double z = p.z - kBoat.z;
  const bool band = z > 0.19 && z < 0.26;
  return {.albedo = band ? kMustard : kCream};
}

Material jib_material(Vec3, Vec3&) {
  return {.albedo = {0.62, 0.10, 0.045}};
}

constexpr Vec3 kJetty{0.60, -0.12, kSea + 0.075};
constexpr Turn kJettyTurn{0.9578262852211513, -0.28734788556634544};  // out to sea is x

double jetty(Vec3 p) {
  const Vec3 q = kJettyTurn(p - kJetty);
  // Planks of a period, cut out of one long deck.
  const Cell plank = cell_of(q.x, 0.042);
  const double index = std::clamp(plank.index, -1.0, 6.0);
  const double deck = rounded_box(q - Vec3{index * 0.042, 0, 0}, {0.0165, 0.060, 0.010}, 0.003);
  const double beam = box({q.x - 0.105, std::abs(q.y) - 0.043, q.z + 0.018}, {0.15, 0.010, 0.009});
  const Vec3 r{q.x - std::clamp(std::floor(q.x / 0.12 + 0.5), 0.0, 2.0) * 0.12,
               std::abs(q.y) - 0.058, q.z};
  return std::min({deck, beam, cylinder(r, 0.013, -0.1, 0.035)});
}

Material jetty_material(Vec3 p, Vec3& normal) {
  const Vec3 q = kJettyTurn(p - kJetty);
  const double tone = 0.85 + 0.3 * random_of(cell_of(q.x, 0.042).index, 0, 91);
  return {.albedo = Vec3{0.46, 0.33, 0.21} * tone * (normal.z > 0.5 ? 1 : 0.7)};
}

constexpr Vec3 kRowing{0.80, 0.02, kSea + 0.045};

double rowing_boat(Vec3 p) {
  const Vec3 q = kJettyTurn(p - kRowing);
  const Vec3 along{-q.y, q.x, q.z};
  const double outside = hull(along, 0.12, 0.048, 0.06);
  const double inside = hull(along + Vec3{0, 0, -0.012}, 0.105, 0.036, 0.035);
  const double bench = box(along - Vec3{0, -0.01, -0.006}, {0.045, 0.014, 0.007});
  return std::min(std::max(outside, -inside), std::max(bench, outside));
}

Material rowing_material(Vec3 p, Vec3& normal) {
  const Vec3 q = kJettyTurn(p - kRowing);
  const double outside = hull({-q.y, q.x, q.z}, 0.12, 0.048, 0.06);
  if (outside < -0.004 || normal.z > 0.8) return {.albedo = {0.55, 0.34, 0.16}};
  return {.albedo = {0.05, 0.36, 0.33}, .gloss = 0.6, .polish = 40};
}

constexpr Vec3 kBuoy{-0.42, 0.68, kSea};

double buoy(Vec3 p) {
  const Vec3 q = p - kBuoy;
  return 0.9 *
         std::min({ellipsoid(q, {0.055, 0.055, 0.035}), frustum(q, 0.0, 0.13, 0.042, 0.018) - 0.004,
                   ball(q - Vec3{0, 0, 0.15}, 0.022)});
}

Material buoy_material(Vec3 p, Vec3&) {
  const double z = p.z - kBuoy.z;
  const bool light = z > 0.055 && z < 0.10;
  const Vec3 top{0.80, 0.52, 0.08};
  return {.albedo = z > 0.135 ? top : (light ? kCream : kRed), .gloss = 0.7, .polish = 40};
}

// A whale dives: the fluke, seen from behind, hangs at its ends.
constexpr Vec3 kWhale{-0.06, 0.79, kSea};
constexpr Turn kWhaleTurn{0.9578262852211513, 0.28734788556634544};

double whale(Vec3 p) {
  Vec3 q = kWhaleTurn(p - kWhale);
  q.x = std::abs(q.x);
  const double stock = capsule(q, {0, -0.06, -0.05}, {0, 0, 0.10}, 0.026);
  // The lobe's own frame leans outwards and back.
  const Vec3 r = q - Vec3{0.062, 0.018, 0.140 - 1.6 * q.x * q.x};
  const double lobe =
      ellipsoid({0.92 * r.x + 0.39 * r.z, r.y, 0.92 * r.z - 0.39 * r.x}, {0.098, 0.018, 0.044});
  return 0.8 * smooth_union(stock, lobe, 0.045);
}

Material whale_material(Vec3 p, Vec3&) {
  const double pale = smoothstep(0.1, 0.4, noise(p * 11, 92)) * (p.z > kSea + 0.08);
  return {.albedo = mix(Vec3{0.055, 0.085, 0.12}, Vec3{0.22, 0.27, 0.31}, pale),
          .gloss = 0.9,
          .polish = 35};
}

constexpr Vec3 kParasol{-0.10, -0.535, -0.56};

// Leans towards the sun.
Vec3 leaning(Vec3 p) {
  const Vec3 q = p - kParasol;
  return {q.x + 0.20 * q.z, q.y + 0.12 * q.z, q.z};
}

double parasol(Vec3 p) {
  const Vec3 q = leaning(p) - Vec3{0, 0, 0.10};
  const double shell = std::abs(ball(q, 0.135)) - 0.008;
  return 0.85 * std::max(shell, 0.062 - q.z);
}

Material parasol_material(Vec3 p, Vec3&) {
  const Vec3 q = leaning(p);
  const double sector = std::floor((std::atan2(q.y, q.x) / kPi + 1) * 5);
  const bool light = std::fmod(sector, 2) > 0.5 && length(q.x, q.y) > 0.018;
  return {.albedo = light ? kCream : kMustard};
}

double pole(Vec3 p) {
  return 0.85 * capsule(leaning(p), {0, 0, -0.05}, {0, 0, 0.255}, 0.010);
}

constexpr Vec3 kBlanket{-0.235, -0.52, -0.549};
constexpr Turn kBlanketTurn{0.9, 0.4358898943540674};

double blanket(Vec3 p) {
  const Vec3 q = kBlanketTurn(p - kBlanket);
  return 0.85 *
         rounded_box({q.x, q.y, q.z + 0.03 * q.x - 0.16 * q.y}, {0.080, 0.056, 0.008}, 0.004);
}

Material blanket_material(Vec3 p, Vec3&) {
  const Vec3 q = kBlanketTurn(p - kBlanket);
  const double check = std::floor(q.x / 0.032) + std::floor(q.y / 0.032);
  return {.albedo = std::fmod(std::abs(check), 2) > 0.5 ? kRed : kCream};
}

constexpr Part kParts[] = {
    {kBoat, 0.25, boat, boat_material},
    {kBoat + Vec3{0, 0, 0.26}, 0.31, mast, spar},
    {kBoat + Vec3{0, 0, 0.28}, 0.28, mainsail, mainsail_material},
    {kBoat + Vec3{0, 0, 0.24}, 0.30, jib, jib_material},
    {kJetty + Vec3{0.10, -0.03, -0.03}, 0.24, jetty, jetty_material},
    {kRowing, 0.15, rowing_boat, rowing_material},
    {kBuoy + Vec3{0, 0, 0.07}, 0.13, buoy, buoy_material},
    {kWhale + Vec3{0, 0, 0.06}, 0.19, whale, whale_material},
    {kParasol + Vec3{-0.04, -0.03, 0.19}, 0.17, parasol, parasol_material},
    {kParasol + Vec3{-0.02, -0.01, 0.10}, 0.19, pole, spar},
    {kBlanket, 0.11, blanket, blanket_material},
};

}  // namespace

std::span<const Part> seaside_parts() {
  return kParts;
}

}  // namespace fieldscope::demo_scene
