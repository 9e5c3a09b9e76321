#include "tools/demo_image/render.h"

#include "tools/demo_image/materials.h"
#include "tools/demo_image/noise.h"
#include "tools/demo_image/parallel.h"

namespace fieldscope::demo_image {
namespace {

constexpr Vec3 kEye{0, 6.0f, 0};
constexpr float kHalfView = 0.364f;  // tangent of half the field of view (40 degrees)
constexpr float kRise = 0.24f;       // the lens is shifted up, not tilted: uprights stay upright

// Low-discrepancy numbers, turned differently in each pixel; no state, so rows are independent.
struct Sampler {
  std::uint32_t pixel;
  int index, count;

  struct Pair {
    float u, v;
  };
  Pair pair(std::uint32_t dimension) const {
    // A stride prime to the count visits the samples in another order in each dimension.
    constexpr int kStrides[] = {1, 7, 11, 13, 17, 19, 23, 29};
    const int k = static_cast<int>(
        (static_cast<std::uint32_t>(index) * static_cast<std::uint32_t>(kStrides[dimension % 8]) +
         hash(pixel, dimension) % 64u) %
        static_cast<std::uint32_t>(count));
    const auto wrap = [](float x) { return x - std::floor(x); };
    const float i = static_cast<float>(k);
    return {wrap(hash01(pixel, dimension, 1) + 0.7548776662f * i),
            wrap(hash01(pixel, dimension, 2) + 0.5698402910f * i)};
  }
};

Vec3 towards_sun(const Sampler& sampler, std::uint32_t dimension) {
  Vec3 s, t;
  make_basis(sun_direction(), s, t);
  const auto [u, v] = sampler.pair(dimension);
  const float r = 0.014f * std::sqrt(u), angle = 2 * kPi * v;
  return normalize(sun_direction() + s * (r * std::cos(angle)) + t * (r * std::sin(angle)));
}

Vec3 around_normal(Vec3 n, const Sampler& sampler, std::uint32_t dimension) {
  Vec3 s, t;
  make_basis(n, s, t);
  const auto [u, v] = sampler.pair(dimension);
  const float r = std::sqrt(u), angle = 2 * kPi * v;
  return normalize(s * (r * std::cos(angle)) + t * (r * std::sin(angle)) + n * std::sqrt(1 - u));
}

// Light from the sky or, below the horizon, from the water.
Vec3 surroundings(Vec3 d) {
  if (d.y < 0) return {0.13f, 0.17f, 0.21f};
  return clear_sky(d) * 0.82f;
}

class Tracer {
 public:
  Tracer(const Scene& scene, const Sampler& sampler) : scene_(scene), sampler_(sampler) {}

  Vec3 radiance(const Ray& ray, int depth) const {
    const Hit hit = intersect(scene_, ray);
    switch (hit.kind) {
      case Hit::Kind::kNone:
        return scene_.sky.radiance(ray.direction);
      case Hit::Kind::kWater:
        return through_air(ray, hit.t, water(ray, hit.t, depth));
      case Hit::Kind::kMountain:
        return through_air(ray, hit.t, mountain(ray.at(hit.t)));
      case Hit::Kind::kShore:
        return solid(shore_surface(scene_.shore, ray.at(hit.t), depth == 0), ray, depth);
      case Hit::Kind::kProp:
        return solid(prop_surface(hit.prop, ray, depth == 0), ray, depth);
    }
    return {};
  }

 private:
  std::uint32_t dimension(int depth, int use) const {
    return static_cast<std::uint32_t>(depth * 4 + use + 1);
  }

  // Sunlight on a surface, with its shadow.
  Vec3 sunlight(const Surface& s, std::uint32_t dim) const {
    const Vec3 sun = towards_sun(sampler_, dim);
    const float front = std::max(dot(s.normal, sun), 0.0f);
    const float lit = mix(front, std::abs(dot(s.normal, sun)), s.translucency);
    const bool behind = dot(s.facing, sun) <= 0;
    if (lit <= 0 || (behind && s.translucency <= 0)) return {};
    const Vec3 side = behind ? -s.facing : s.facing;
    const Ray ray{s.position + side * 0.004f, sun};
    if (blocked_near(scene_, ray, 60)) return {};
    return sun_light() * lit;
  }

  // Light from everywhere else: one bounce where the eye looks directly, an estimate elsewhere.
  Vec3 skylight(const Surface& s, int depth) const {
    if (depth > 0) return (surroundings(s.normal) + Vec3{0.36f, 0.36f, 0.40f}) * 0.42f;
    const Vec3 d = around_normal(s.normal, sampler_, dimension(depth, 1));
    if (dot(d, s.facing) <= 0) return surroundings(d) * 0.3f;
    const Ray ray{s.position + s.facing * 0.004f, d};
    Bvh::Hit prop = scene_.props.nearest(ray, 14);
    const float ground =
        scene_.shore.intersect(ray, 0.02f, prop.triangle != nullptr ? prop.t : 14, 2.6f);
    Surface other;
    if (ground > 0) {
      other = shore_surface(scene_.shore, ray.at(ground), false);
    } else if (prop.triangle != nullptr) {
      other = prop_surface(prop, ray, false);
    } else {
      return surroundings(d);
    }
    const Vec3 light = sunlight(other, dimension(depth, 2)) + Vec3{0.17f, 0.19f, 0.24f};
    return other.albedo * light + other.emission * 0.5f;
  }

  Vec3 solid(const Surface& s, const Ray& ray, int depth) const {
    Vec3 out = s.emission + s.albedo * (sunlight(s, dimension(depth, 0)) + skylight(s, depth));
    if (s.gloss > 0 && depth == 0) {
      const float facing = clamp01(-dot(ray.direction, s.normal));
      const float fresnel = s.gloss * (0.04f + 0.96f * std::pow(1 - facing, 5.0f));
      const Vec3 mirrored = reflect(ray.direction, s.normal);
      out = mix(out, surroundings(mirrored), fresnel);
      const float glint = std::pow(std::max(dot(mirrored, sun_direction()), 0.0f), 60.0f);
      out += sun_light() * (0.5f * s.gloss * glint);
    }
    return out;
  }

  Vec3 mountain(Vec3 p) const {
    const Surface s = mountain_surface(scene_, p);
    const Vec3 sun = towards_sun(sampler_, 20);
    const float lit = std::max(dot(s.normal, sun), 0.0f);
    Vec3 light;
    if (lit > 0 && !blocked_far(scene_, {p + s.facing * 3.0f, sun})) light = sun_light() * lit;
    const float raised = p.y - scene_.smoothed.height(p.x, p.z);
    const float open = mix(0.45f, 1.1f, smoothstep(-160, 110, raised));
    const Vec3 fill =
        mix(Vec3{0.22f, 0.23f, 0.30f}, Vec3{0.27f, 0.36f, 0.56f}, 0.5f + 0.5f * s.normal.y);
    return s.albedo * (light + fill * open);
  }

  Vec3 water(const Ray& ray, float t, int depth) const {
    const Vec3 p = ray.at(t);
    const Vec3 n = water_normal(p, t);
    const float facing = std::max(-dot(ray.direction, n), 0.02f);
    const float fresnel = 0.02f + 0.98f * std::pow(1 - facing, 5.0f);
    Vec3 mirrored = reflect(ray.direction, n);
    mirrored = normalize({mirrored.x, std::max(mirrored.y, 0.004f), mirrored.z});
    const Vec3 above =
        depth < 2 ? radiance({p + Vec3{0, 0.01f, 0}, mirrored}, depth + 1) : surroundings(mirrored);
    return mix(below(p, ray.direction, n), above, fresnel);
  }

  // The colour of the water body; near the shore the bed shows through.
  Vec3 below(Vec3 p, Vec3 d, Vec3 n) const {
    const Vec3 deep{0.012f, 0.060f, 0.075f};
    if (!scene_.shore.contains(p.x, p.z)) return deep;
    const Vec3 bent = normalize(d * 0.75f - n * 0.42f);
    const float depth = -scene_.shore.height(p.x, p.z);
    if (depth < 0.01f) return deep;
    const float way = depth / std::max(-bent.y, 0.3f);
    const Vec3 bed = p + bent * way;
    Surface s =
        shore_surface(scene_.shore, {bed.x, scene_.shore.height(bed.x, bed.z), bed.z}, false);
    const Vec3 clear = exp(Vec3{-0.75f, -0.23f, -0.21f} * (way + depth));
    const Vec3 light =
        sun_light() * (0.6f * std::max(s.normal.y * 0.3f, 0.0f)) + Vec3{0.4f, 0.42f, 0.45f};
    const Vec3 scattered{0.016f, 0.085f, 0.09f};
    const Vec3 shown = s.albedo * 1.6f * light * clear;
    const Vec3 body = mix(scattered, deep, smoothstep(1.0f, 4.5f, depth));
    const Vec3 veil = body * (Vec3{1, 1, 1} - clear);
    // A thin line of foam where the swell meets the rock.
    const float foam =
        (1 - smoothstep(0.0f, 0.22f, depth + 0.16f * fbm2(p.x * 2.2f, p.z * 2.2f, 4, 771))) *
        smoothstep(-0.3f, 0.2f, fbm2(p.x * 0.6f, p.z * 0.6f, 3, 772));
    return mix(shown + veil, Vec3{0.75f, 0.68f, 0.62f}, 0.7f * foam);
  }

  // Air fades the distance to the horizon's colour; mist lies low over the fjord.
  Vec3 through_air(const Ray& ray, float t, Vec3 colour) const {
    const Vec3 air = exp(Vec3{-2.0e-5f, -3.1e-5f, -5.0e-5f} * t);
    const float y0 = std::max(ray.origin.y, 0.0f), y1 = std::max(ray.at(t).y, 0.0f);
    constexpr float kDepth = 130;
    const float rise = y1 - y0;
    const float mean = std::abs(rise) < 1
                           ? std::exp(-y0 / kDepth)
                           : kDepth * (std::exp(-y0 / kDepth) - std::exp(-y1 / kDepth)) / rise;
    const float mist = std::exp(-1.15e-4f * std::max(t - 250, 0.0f) * mean);
    const Vec3 haze = haze_colour(ray.direction);
    return mix(haze, colour * air + haze * (Vec3{1, 1, 1} - air), mist);
  }

  const Scene& scene_;
  Sampler sampler_;
};

void blur_rows(const std::vector<Vec3>& in, std::vector<Vec3>& out, int size, float sigma) {
  // Transposes as it goes: twice makes a round blur.
  const int reach = static_cast<int>(std::ceil(3 * sigma));
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      Vec3 sum;
      float total = 0;
      for (int k = std::max(-reach, -x); k <= std::min(reach, size - 1 - x); ++k) {
        const float w = std::exp(-0.5f * static_cast<float>(k * k) / (sigma * sigma));
        sum += in[static_cast<std::size_t>(y * size + x + k)] * w;
        total += w;
      }
      out[static_cast<std::size_t>(x * size + y)] = sum / total;
    }
  }
}

float encode_srgb(float x) {
  return x <= 0.0031308f ? 12.92f * x : 1.055f * std::pow(x, 1 / 2.4f) - 0.055f;
}

// A film-like shoulder, then a little contrast and warmth.
Vec3 grade(Vec3 c) {
  c = c * 1.12f;
  const auto shoulder = [](float x) { return x * (1 + x / 6.0f) / (0.62f + x); };
  c = {shoulder(c.x), shoulder(c.y), shoulder(c.z)};
  const float grey = 0.2126f * c.x + 0.7152f * c.y + 0.0722f * c.z;
  c = mix(Vec3{grey, grey, grey}, c, 1.16f);
  const auto finish = [](float x) {
    const float e = encode_srgb(clamp01(x));
    return mix(e, e * e * (3 - 2 * e), 0.38f);
  };
  return {finish(c.x), finish(c.y), finish(c.z)};
}

}  // namespace

std::vector<Vec3> render(const Scene& scene, const Settings& settings) {
  const int size = settings.size, side = settings.samples;
  std::vector<Vec3> image(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  parallel_rows(size, settings.threads, [&](int y) {
    for (int x = 0; x < size; ++x) {
      Vec3 sum;
      const std::uint32_t pixel =
          hash(static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 99);
      for (int k = 0; k < side * side; ++k) {
        const Sampler sampler{pixel, k, side * side};
        const auto [ju, jv] = sampler.pair(0);
        const float u = (static_cast<float>(k % side) + ju) / static_cast<float>(side);
        const float v = (static_cast<float>(k / side) + jv) / static_cast<float>(side);
        const float sx = 2 * (static_cast<float>(x) + u) / static_cast<float>(size) - 1;
        const float sy = 1 - 2 * (static_cast<float>(y) + v) / static_cast<float>(size);
        const Ray ray{kEye, normalize({sx * kHalfView, (sy + kRise) * kHalfView, 1})};
        const Vec3 c = Tracer(scene, sampler).radiance(ray, 0);
        // A bound on single samples keeps rare bright paths from speckling.
        sum += {std::min(c.x, 12.0f), std::min(c.y, 12.0f), std::min(c.z, 12.0f)};
      }
      image[static_cast<std::size_t>(y * size + x)] = sum / static_cast<float>(side * side);
    }
  });
  return image;
}

std::vector<std::uint8_t> develop(const std::vector<Vec3>& radiance, int size) {
  std::vector<Vec3> bright(radiance.size()), turned(radiance.size()), glow(radiance.size());
  for (std::size_t k = 0; k < radiance.size(); ++k) {
    const Vec3 c = radiance[k];
    const float peak = std::max({c.x, c.y, c.z});
    bright[k] = c * (std::max(peak - 2.2f, 0.0f) / std::max(peak, 1e-6f));
  }
  std::vector<std::uint8_t> bytes;
  bytes.reserve(radiance.size() * 3);
  std::vector<Vec3> sum = radiance;
  struct Lobe {
    float width, strength;
  };
  for (const auto& [width, strength] :
       {Lobe{0.006f, 0.35f}, Lobe{0.022f, 0.30f}, Lobe{0.07f, 0.25f}}) {
    blur_rows(bright, turned, size, std::max(width * static_cast<float>(size), 0.3f));
    blur_rows(turned, glow, size, std::max(width * static_cast<float>(size), 0.3f));
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += glow[k] * strength;
  }
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const float u = 2 * (static_cast<float>(x) + 0.5f) / static_cast<float>(size) - 1;
      const float v = 2 * (static_cast<float>(y) + 0.5f) / static_cast<float>(size) - 1;
      const float vignette = 1 - 0.10f * (u * u + v * v) * (u * u + v * v) * 0.5f;
      const Vec3 c = grade(sum[static_cast<std::size_t>(y * size + x)] * vignette);
      // Half a level of ordered-by-hash dither keeps the sky's gradient free of steps.
      const float dither =
          hash01(static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 98) - 0.5f;
      for (const float channel : {c.x, c.y, c.z}) {
        bytes.push_back(
            static_cast<std::uint8_t>(std::clamp(channel * 255 + 0.5f + dither, 0.0f, 255.0f)));
      }
    }
  }
  return bytes;
}

}  // namespace fieldscope::demo_image
