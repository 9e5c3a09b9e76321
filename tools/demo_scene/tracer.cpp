#include "tools/demo_scene/tracer.h"

#include <limits>

#include "tools/demo_image/parallel.h"
#include "tools/demo_scene/scene.h"

namespace fieldscope::demo_scene {
namespace {

constexpr Vec3 kSunLight{2.30, 1.92, 1.42};
constexpr double kSunWidth = 0.075;  // tangent of its radius: shadows soften with distance
const Vec3 kToSun = normalize({-0.52, -0.62, 0.80});

// What shines from everywhere else, seen in mirrors: brighter near the horizon, dark below it.
Vec3 surroundings(Vec3 d) {
  const Vec3 sky =
      mix(Vec3{0.86, 0.90, 0.95}, Vec3{0.22, 0.42, 0.75}, std::sqrt(std::max(d.z, 0.0)));
  return mix(Vec3{0.16, 0.15, 0.15}, sky, smoothstep(-0.12, 0.06, d.z));
}

// And its light on a matt surface that faces `n`.
Vec3 ambient(Vec3 n) {
  const double up = 0.5 + 0.5 * n.z;
  const double towards_sun = 0.5 + 0.5 * (n.x * kToSun.x + n.y * kToSun.y);
  return mix(Vec3{0.32, 0.30, 0.28}, Vec3{0.60, 0.70, 0.88}, up) * mix(0.85, 1.05, towards_sun);
}

struct Nearest {
  double distance = std::numeric_limits<double>::infinity();
  const Part* part = nullptr;
};

Nearest nearest(Vec3 p) {
  Nearest best;
  best.distance = 4;
  for (const Part& part : scene()) {
    const Vec3 apart = p - part.centre;
    const double reach = best.distance + part.radius;
    if (reach <= 0 || dot(apart, apart) >= reach * reach) continue;
    const double d = part.distance(p);
    if (d < best.distance) best = {d, &part};
  }
  return best;
}

struct Hit {
  const Part* part = nullptr;
  Vec3 position;
};

// Where a ray is inside the ball that holds the scene.
bool clip(const Ray& ray, double& from, double& to) {
  const double b = dot(ray.origin, ray.direction);
  const double inside = b * b - dot(ray.origin, ray.origin) + kReach * kReach;
  if (inside <= 0) return false;
  from = std::max(from, -b - std::sqrt(inside));
  to = -b + std::sqrt(inside);
  return from < to;
}

Hit trace(const Ray& ray, double from) {
  constexpr double kClose = 2e-4;
  double to = 0;
  if (!clip(ray, from, to)) return {};
  double t = from;
  for (int i = 0; i < 400 && t < to; ++i) {
    const Nearest near = nearest(ray.at(t));
    if (near.distance < kClose) return {near.part, ray.at(t)};
    t += near.distance;
  }
  return {};
}

Vec3 normal_of(const Part& part, Vec3 p) {
  // Differences along the corners of a tetrahedron.
  constexpr double kStep = 6e-4;
  Vec3 sum;
  for (const Vec3 k : {Vec3{1, -1, -1}, Vec3{-1, -1, 1}, Vec3{-1, 1, -1}, Vec3{1, 1, 1}}) {
    sum += k * part.distance(p + k * kStep);
  }
  return normalize(sum);
}

// The share of the sun that is seen from p: the narrowest gap beside the ray, against the sun's
// disc. Smooth and without noise, so that all views agree on it.
double sunshine(Vec3 p) {
  const Ray ray{p, kToSun};
  double from = 0.004, to = 0;
  if (!clip(ray, from, to)) return 1;
  double open = 1;
  for (double t = from; t < to && open > -1;) {
    const double d = nearest(ray.at(t)).distance;
    open = std::min(open, d / (kSunWidth * t));
    t += std::clamp(d, 0.004, 0.08);
  }
  open = std::max(open, -1.0);
  return 0.25 * (1 + open) * (1 + open) * (2 - open);
}

// How open the surroundings are: distances around, against those above an empty plane.
double openness(Vec3 p, Vec3 n) {
  const Vec3 helper = std::abs(n.z) < 0.9 ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  const Vec3 s = normalize(cross(helper, n)), t = cross(n, s);
  double sum = 0, total = 0;
  const auto look = [&](Vec3 d, double slope) {
    for (const double reach : {0.03, 0.09, 0.22}) {
      const double free = clamp01(nearest(p + d * reach).distance / (0.8 * reach * slope));
      sum += free * slope;
      total += slope;
    }
  };
  look(n, 1);
  for (int i = 0; i < 5; ++i) {
    const double angle = 2 * kPi * i / 5;
    look(n * 0.6 + s * (0.8 * std::cos(angle)) + t * (0.8 * std::sin(angle)), 0.6);
  }
  return sum / total;
}

Vec3 shade(const Hit& hit, Vec3 view, bool mirrors) {
  const Vec3 flat = normal_of(*hit.part, hit.position);
  Vec3 n = flat;
  const Material m = hit.part->material(hit.position, n);
  const Vec3 out = hit.position + flat * 0.003;
  const double front = dot(n, kToSun);
  const double sun = front > 0 || m.gloss > 0 ? sunshine(out) : 0;
  const double open = openness(out, flat);
  // Light that other matt surfaces pass on is warmer than the sky's.
  const Vec3 fill = mix(Vec3{0.29, 0.25, 0.21}, ambient(n), open) * open;
  const Vec3 light = kSunLight * (std::max(front, 0.0) * sun) + fill;
  Vec3 colour = m.glow + (m.metal ? Vec3{} : m.albedo * light);
  if (m.gloss <= 0) return colour;

  const Vec3 mirrored = reflect(view, n);
  const double grazing = 1 - clamp01(-dot(view, n)), squared = grazing * grazing;
  const double fresnel = m.metal ? 1 : m.gloss * (0.04 + 0.60 * squared * squared * grazing);
  const Vec3 tint = m.metal ? m.albedo : Vec3{1, 1, 1};
  Vec3 seen = surroundings(mirrored) * mix(0.3, 1, open);
  if (m.mirror && mirrors && dot(mirrored, flat) > 0) {
    const Hit other = trace({out, mirrored}, 0);
    if (other.part != nullptr) seen = shade(other, mirrored, false);
  }
  const double glint = std::pow(std::max(dot(mirrored, kToSun), 0.0), m.polish) * sun;
  colour = mix(colour, seen * tint, fresnel);
  return colour +
         tint * kSunLight * (0.028 * m.gloss * std::sqrt(m.polish) * glint * (m.metal ? 4 : 1));
}

// Film-like: deep shades and a soft shoulder (Narkowicz's fit of the ACES curve).
double tone(double x) {
  x *= 0.62;
  return clamp01(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14));
}

std::uint8_t srgb(double x) {
  const double e = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::clamp(255 * e + 0.5, 0.0, 255.0));
}

}  // namespace

std::vector<std::uint8_t> render(const Camera& camera, const Settings& settings) {
  const int size = settings.size, side = settings.samples, count = side * side;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) *
                                  4);
  demo_image::parallel_rows(size, settings.threads, [&](int y) {
    for (int x = 0; x < size; ++x) {
      Vec3 sum;
      int covered = 0;
      for (int k = 0; k < count; ++k) {
        const Ray ray =
            camera.ray((x + (k % side + 0.5) / side) / size, (y + (k / side + 0.5) / side) / size);
        const Hit hit = trace(ray, 0);
        if (hit.part == nullptr) continue;
        const Vec3 c = shade(hit, ray.direction, true);
        // Each sample by itself, so that a highlight brighter than white leaves no jagged edge.
        sum += Vec3{tone(c.x), tone(c.y), tone(c.z)};
        ++covered;
      }
      if (covered == 0) continue;
      std::uint8_t* pixel = &bytes[static_cast<std::size_t>(y * size + x) * 4];
      const Vec3 mean = sum / covered;
      pixel[0] = srgb(mean.x);
      pixel[1] = srgb(mean.y);
      pixel[2] = srgb(mean.z);
      pixel[3] = static_cast<std::uint8_t>((covered * 255 + count / 2) / count);
    }
  });
  return bytes;
}

}  // namespace fieldscope::demo_scene
