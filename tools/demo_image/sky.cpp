#include "tools/demo_image/sky.h"

#include "tools/demo_image/noise.h"
#include "tools/demo_image/parallel.h"

namespace fieldscope::demo_image {
namespace {

// The part of the sky that the camera and its reflections see, in radians.
constexpr float kAzimuth = 0.42f, kLowest = 0.005f, kHighest = 0.50f;

constexpr float kCloudBase = 1750, kCloudTop = 3300;

// Heaped clouds: a smooth body, its surface puffed up by octaves of |noise|, flat below.
float cloud_density(Vec3 p, int octaves) {
  const float level = (p.y - kCloudBase) / (kCloudTop - kCloudBase);
  if (level <= 0 || level >= 1) return 0;
  const float cover = fbm2(p.x / 5600, p.z / 7000, 2, 5306);
  const float body = noise3({p.x / 1700, p.y / 1300, p.z / 1700}, 5316);
  const float thin = smoothstep(0, 0.07f, level) * (1 - smoothstep(0.2f, 1.0f, level));
  float density = 0.62f * cover + 0.72f * body - 0.02f + 0.35f * (thin - 1);
  if (density < -0.25f) return 0;  // no puff reaches this far
  Vec3 q = p / 800;
  float strength = 0.46f;
  for (int i = 0; i < octaves; ++i) {
    density += strength * (std::abs(noise3(q, 321 + static_cast<std::uint32_t>(i))) - 0.24f);
    q = 2.13f * Vec3{0.8f * q.x - 0.6f * q.z, q.y, 0.6f * q.x + 0.8f * q.z};
    strength *= 0.56f;
  }
  return clamp01(density * 7) * smoothstep(0, 0.05f, level);
}

Vec3 cloud_sun(float level) {
  return mix(Vec3{2.5f, 1.16f, 0.60f}, Vec3{2.75f, 1.58f, 0.88f}, level);
}

// High thin streaks, combed by the wind.
float cirrus(Vec3 d) {
  const float t = 7000 / std::max(d.y, 0.03f);
  const float x = d.x * t / 9000, z = d.z * t / 9000;
  const float u = 0.85f * x + 0.5f * z, v = -0.5f * x + 0.85f * z;
  const float bend = fbm2(u * 0.7f, v * 0.7f, 3, 331);
  const float streak = fbm2(u * 0.9f + 0.5f * bend, v * 4.2f + 1.6f * bend, 6, 332, 0.58f);
  return smoothstep(-0.05f, 1.0f, streak + 0.45f * bend) * smoothstep(0.05f, 0.2f, d.y);
}

}  // namespace

Vec3 sun_direction() {
  return normalize({-0.80f, 0.235f, -0.36f});
}

Vec3 sun_light() {
  return {2.35f, 1.42f, 0.72f};
}

Vec3 clear_sky(Vec3 d) {
  const float y = std::max(d.y, 0.0f);
  const float side = clamp01(0.5f - 0.9f * d.x);  // 1 towards the sun's side
  const Vec3 horizon = mix(Vec3{0.70f, 0.49f, 0.52f}, Vec3{1.10f, 0.69f, 0.40f}, side);
  const Vec3 middle = mix(Vec3{0.30f, 0.44f, 0.68f}, Vec3{0.50f, 0.60f, 0.72f}, side);
  const Vec3 zenith{0.045f, 0.145f, 0.40f};
  const Vec3 low = mix(middle, horizon, std::exp(-y * 9.0f));
  return mix(zenith, low, std::exp(-y * 2.6f));
}

Vec3 haze_colour(Vec3 direction) {
  const Vec3 flat = normalize({direction.x, 0.03f, direction.z});
  return clear_sky(flat) * Vec3{0.60f, 0.66f, 0.82f};
}

Sky::Sky(int rows, int threads)
    : columns_(static_cast<int>(static_cast<float>(rows) * 2 * kAzimuth / (kHighest - kLowest))),
      rows_(rows),
      map_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows)) {
  constexpr int kSteps = 96;
  const auto march = [&](Vec3 d, float jitter) {
    Texel out;
    const float t0 = kCloudBase / d.y, t1 = std::min(kCloudTop / d.y, t0 + 16000);
    const float step = (t1 - t0) / kSteps;
    for (int i = 0; i < kSteps && out.transmittance > 0.01f; ++i) {
      const float t = t0 + step * (static_cast<float>(i) + jitter);
      const Vec3 p = d * t;
      const float density = cloud_density(p, 6);
      if (density <= 0) continue;
      float shade = 0, reach = 40;
      Vec3 q = p;
      for (int k = 0; k < 6; ++k) {
        q += sun_direction() * reach;
        shade += reach * cloud_density(q, k < 3 ? 4 : 2);
        reach *= 1.7f;
      }
      const float level = (p.y - kCloudBase) / (kCloudTop - kCloudBase);
      // Direct light, plus a slower decay for light scattered many times inside.
      const float lit = 0.80f * std::exp(-shade * 0.0085f) + 0.20f * std::exp(-shade * 0.0013f);
      const Vec3 fill = mix(Vec3{0.21f, 0.23f, 0.38f}, Vec3{0.26f, 0.36f, 0.60f}, level);
      const Vec3 colour = cloud_sun(level) * (0.80f * lit) + fill * 0.62f;
      const float alpha = 1 - std::exp(-density * step * 0.0075f);
      const float air = std::exp(-t / 26000);
      out.light += mix(haze_colour(d) * 1.15f, colour, air) * (alpha * out.transmittance);
      out.transmittance *= 1 - alpha;
    }
    return out;
  };
  parallel_rows(rows_, threads, [&](int row) {
    for (int column = 0; column < columns_; ++column) {
      const float azimuth = mix(-kAzimuth, kAzimuth,
                                (static_cast<float>(column) + 0.5f) / static_cast<float>(columns_));
      const float elevation =
          mix(kLowest, kHighest, (static_cast<float>(row) + 0.5f) / static_cast<float>(rows_));
      const Vec3 d{std::cos(elevation) * std::sin(azimuth), std::sin(elevation),
                   std::cos(elevation) * std::cos(azimuth)};
      const float jitter =
          hash01(static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(row), 5);
      Texel texel = march(d, jitter);
      const float veil = 0.5f * cirrus(d);
      texel.light += Vec3{1.35f, 0.86f, 0.74f} * (veil * texel.transmittance);
      texel.transmittance *= 1 - veil;
      map_[static_cast<std::size_t>(row * columns_ + column)] = texel;
    }
  });
}

Sky::Texel Sky::clouds(Vec3 d) const {
  const float azimuth = std::atan2(d.x, d.z), elevation = std::asin(std::clamp(d.y, -1.0f, 1.0f));
  const float u = (azimuth + kAzimuth) / (2 * kAzimuth) * static_cast<float>(columns_) - 0.5f;
  const float v = (elevation - kLowest) / (kHighest - kLowest) * static_cast<float>(rows_) - 0.5f;
  if (v > static_cast<float>(rows_) || d.z < 0) return {};  // sideways the map's edge goes on
  const float cu = std::clamp(u, 0.0f, static_cast<float>(columns_) - 1.01f);
  const float cv = std::clamp(v, 0.0f, static_cast<float>(rows_) - 1.01f);
  const int i = static_cast<int>(cu), j = static_cast<int>(cv);
  const auto at = [&](int a, int b) {
    return map_[static_cast<std::size_t>((j + b) * columns_ + i + a)];
  };
  const auto blend = [](Texel p, Texel q, float t) {
    return Texel{mix(p.light, q.light, t), mix(p.transmittance, q.transmittance, t)};
  };
  const float a = cu - static_cast<float>(i), b = cv - static_cast<float>(j);
  return blend(blend(at(0, 0), at(1, 0), a), blend(at(0, 1), at(1, 1), a), b);
}

Vec3 Sky::radiance(Vec3 direction) const {
  const Texel cloud = clouds(direction);
  return clear_sky(direction) * cloud.transmittance + cloud.light;
}

}  // namespace fieldscope::demo_image
