#include "engine/task/ray_marching.h"

#include <algorithm>
#include <cmath>

namespace fieldscope {
namespace {

/// NeRF's code lets the last sample of a ray reach so far.
constexpr float endless = 1e10f;

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
    : backend_(backend), field_(field), weights_(backend.allocate(weights.size())) {
  backend.copy(weights, weights_);
}

RayMarcher::RayMarcher(Backend& backend, const RadianceField& field,
                       std::span<const double> weights)
    : backend_(backend), field_(field), weights_(backend.allocate(weights.size())) {
  backend.upload(weights_, weights);
}

FieldRay RayMarcher::ray(const PosedCamera& camera, PicturePoint at) const {
  return field_ray(*field_.views, field_.settings, camera.ray(at));
}

std::size_t RayMarcher::march(std::span<const FieldRay> rays, std::span<RayColour> seen) {
  const RadianceSettings& settings = field_.settings;
  RaySampler sampler(settings, field_.grid.get());
  rays_.clear();
  places_.clear();
  samples_.clear();
  for (std::size_t i = 0; i < rays.size(); ++i) {
    seen[i] = RayWalk().seen(settings.background);
    const auto samples = sampler.samples(rays[i], [](std::size_t) { return 0.5f; });
    if (samples.empty()) continue;
    rays_.push_back(rays[i]);
    places_.push_back(i);
    samples_.insert(samples_.end(), samples.begin(), samples.end());
  }
  if (rays_.empty()) return 0;
  seen_.resize(rays_.size());
  const RayBundle bundle = {rays_, samples_, settings.samples, settings.density,
                            settings.background};
  const std::size_t evaluations = backend_.march(field_.network, weights_, bundle, seen_);
  for (std::size_t i = 0; i < seen_.size(); ++i) seen[places_[i]] = seen_[i];
  return evaluations;
}

}  // namespace fieldscope
