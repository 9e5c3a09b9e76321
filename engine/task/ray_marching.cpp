#include "engine/task/ray_marching.h"

#include <algorithm>
#include <cmath>

namespace fieldscope {
namespace {

/// NeRF's code lets the last sample of a ray reach so far.
constexpr float endless = 1e10f;
/// Light that no longer matters.
constexpr double dark = 1e-3;
/// Samples of each ray in a round.
constexpr std::size_t round_samples = 16;

float value(const KnobValues& knobs, const char* id) {
  return static_cast<float>(knobs.at(id));
}

/// t in which origin + t direction lies in [-1, 1]^3, within [near, far].
void cut_to_box(FieldRay& ray) {
  const float origin[3] = {ray.origin.x, ray.origin.y, ray.origin.z};
  const float direction[3] = {ray.direction.x, ray.direction.y, ray.direction.z};
  for (int k = 0; k < 3; ++k) {
    if (direction[k] == 0) {
      if (std::fabs(origin[k]) > 1) ray.far = ray.near;
      continue;
    }
    const float a = (-1 - origin[k]) / direction[k], b = (1 - origin[k]) / direction[k];
    ray.near = std::max(ray.near, std::min(a, b));
    ray.far = std::min(ray.far, std::max(a, b));
  }
  ray.far = std::max(ray.near, ray.far);
}

/// Mildenhall et al. 2020, appendix C, with the cameras about `scene.origin`.
FieldRay in_device_coordinates(const ForwardFacing& scene, const Ray& ray) {
  FieldRay to;
  to.device_coordinates = true;
  to.near = 0;
  to.far = 1;
  to.view = ray.direction;
  Vec3 o = ray.origin - scene.origin;
  const Vec3 d = ray.direction;
  if (d.z > -1e-3f) {  // along the near plane or back: it never gets there
    to.far = 0;
    return to;
  }
  const float to_plane = -(scene.near + o.z) / d.z;
  o = o + d * to_plane;
  to.origin = {-scene.fx * o.x / o.z, -scene.fy * o.y / o.z, 1 + 2 * scene.near / o.z};
  to.direction = {-scene.fx * (d.x / d.z - o.x / o.z), -scene.fy * (d.y / d.z - o.y / o.z),
                  -2 * scene.near / o.z};
  to.length = length(to.direction);
  to.distance_near = to_plane;
  to.slope = o.z / d.z;
  return to;
}

}  // namespace

RadianceSettings radiance_settings(const PosedViews& views, const KnobValues& training) {
  RadianceSettings settings;
  settings.samples = static_cast<std::size_t>(training.at("samples"));
  settings.device_coordinates = views.forward_facing.has_value() && value(training, "space") == 0;
  settings.density =
      value(training, "density") == 0 ? DensityActivation::softplus : DensityActivation::exp;
  settings.density_scale = training.at("density_scale");
  settings.background = value(training, "background") == 0 ? 1.0f : 0.0f;
  settings.closed = !views.has_alpha;
  const float grid = value(training, "grid");  // auto, off, on
  settings.grid = grid == 0 ? !settings.closed : grid == 2;
  return settings;
}

FieldRay field_ray(const PosedViews& views, const RadianceSettings& settings, const Ray& ray) {
  if (settings.device_coordinates) return in_device_coordinates(*views.forward_facing, ray);
  FieldRay to;
  to.origin = ray.origin;
  to.direction = to.view = ray.direction;
  to.near = views.near;
  to.far = views.far;
  if (settings.free_camera && !views.forward_facing) {
    constexpr float very_near = 0.02f, half_diagonal = 1.7320508f;
    to.near = std::min(to.near, very_near);
    to.far = std::max(to.far, length(ray.origin) + half_diagonal);
  }
  cut_to_box(to);
  return to;
}

// ---- samples ------------------------------------------------------------------------------------

bool RaySampler::lay_strata(const FieldRay& ray) {
  stretch_ = 0;
  before_ = 0;
  samples_.resize(settings_.samples);
  if (grid_ != nullptr) {
    total_ = grid_->stretches(ray, stretches_);
  } else {
    stretches_.assign(1, {ray.near, ray.far});
    total_ = ray.far - ray.near;
  }
  return total_ > 0;
}

/// Strata are equal parts of the stretches put together.
float RaySampler::place(std::size_t stratum, float offset) {
  const float along =
      (static_cast<float>(stratum) + offset) * total_ / static_cast<float>(settings_.samples);
  while (stretch_ + 1 < stretches_.size() &&
         along >= before_ + stretches_[stretch_].end - stretches_[stretch_].begin) {
    before_ += stretches_[stretch_].end - stretches_[stretch_].begin;
    ++stretch_;
  }
  const OccupancyGrid::Stretch& in = stretches_[stretch_];
  return std::clamp(in.begin + (along - before_), in.begin, in.end);
}

/// A sample reaches to the next one; but not over what the grid says is empty, where each has its
/// own stratum.
void RaySampler::measure(const FieldRay& ray) {
  const float unit = ray.length * static_cast<float>(settings_.density_scale);
  const std::size_t count = samples_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const float own = total_ / static_cast<float>(count);
    const float reach =
        grid_ != nullptr ? own : (i + 1 < count ? samples_[i + 1].t : ray.far) - samples_[i].t;
    samples_[i].length = reach * unit;
  }
  if (settings_.closed) samples_[count - 1].length = endless;
}

// ---- marching -----------------------------------------------------------------------------------

RayMarcher::RayMarcher(Backend& backend, const RadianceField& field, const Buffer& weights)
    : field_(field), values_(backend, field.network, weights) {}

RayMarcher::RayMarcher(Backend& backend, const RadianceField& field,
                       std::span<const double> weights)
    : field_(field), values_(backend, field.network, weights) {}

FieldRay RayMarcher::ray(const PosedCamera& camera, PicturePoint at) const {
  return field_ray(*field_.views, field_.settings, camera.ray(at));
}

/// What the field gives at samples [first, first + count) of each walk.
std::span<const float> RayMarcher::evaluate(std::span<const FieldRay> rays, std::size_t first,
                                            std::size_t count) {
  inputs_.clear();
  for (const Walk& walk : walks_) {
    const FieldRay& ray = rays[walk.ray];
    for (std::size_t i = 0; i < count; ++i) {
      const auto input = field_input(ray.at(samples_[walk.first + first + i].t), ray.view);
      inputs_.insert(inputs_.end(), input.begin(), input.end());
    }
  }
  return values_.values(std::span<const float>(inputs_));
}

std::size_t RayMarcher::march(std::span<const FieldRay> rays, std::span<RayColour> seen) {
  const RadianceSettings& settings = field_.settings;
  RaySampler sampler(settings, field_.grid.get());
  samples_.clear();
  walks_.clear();
  for (std::size_t i = 0; i < rays.size(); ++i) {
    seen[i] = RayColour();
    std::fill_n(seen[i].colour, 3, settings.background);
    const auto samples = sampler.samples(rays[i], [](std::size_t) { return 0.5f; });
    if (samples.empty()) continue;
    Walk walk;
    walk.ray = i;
    walk.first = samples_.size();
    walks_.push_back(walk);
    samples_.insert(samples_.end(), samples.begin(), samples.end());
  }
  std::size_t evaluations = 0;
  for (std::size_t first = 0; first < settings.samples && !walks_.empty(); first += round_samples) {
    const std::size_t count = std::min(round_samples, settings.samples - first);
    const float* raw = evaluate(rays, first, count).data();
    evaluations += walks_.size() * count;
    const bool last = first + count == settings.samples;
    std::erase_if(walks_, [&](Walk& walk) {
      const FieldRay& ray = rays[walk.ray];
      for (std::size_t i = 0; i < count; ++i, raw += radiance_outputs) {
        const RaySample& sample = samples_[walk.first + first + i];
        const double alpha = opacity_of(settings.density, raw[3], sample.length);
        const double weight = walk.transmittance * alpha;
        for (int k = 0; k < 3; ++k) walk.colour[k] += weight * logistic_jet(raw[k]).f;
        walk.depth += weight * ray.distance(sample.t);
        walk.transmittance *= 1 - alpha + transmittance_floor;
      }
      // Not a number: dark for good, and shown as such.
      if (!last && walk.transmittance > dark) return false;
      RayColour& to = seen[walk.ray];
      const double opacity = 1 - walk.transmittance;
      for (int k = 0; k < 3; ++k)
        to.colour[k] =
            static_cast<float>(walk.colour[k] + walk.transmittance * settings.background);
      to.opacity = static_cast<float>(std::clamp(opacity, 0.0, 1.0));
      constexpr double nothing = 1e-2;
      to.depth = opacity > nothing ? static_cast<float>(walk.depth / opacity) : 0;
      return true;
    });
  }
  return evaluations;
}

}  // namespace fieldscope
