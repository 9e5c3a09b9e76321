// Volume rendering of rays through a radiance field (MATHS section 2): samples along each ray, the
// field at them, their quadrature. In rounds from near to far, so that what lies behind something
// opaque is never evaluated. One thread at a time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/data/posed_views.h"
#include "engine/geometry/field_ray.h"
#include "engine/geometry/posed_camera.h"
#include "engine/math/knob.h"
#include "engine/math/volume_rendering.h"
#include "engine/task/occupancy_grid.h"

namespace fieldscope {

/// How rays become colours: what the training knobs of a NeRF run say.
struct RadianceSettings {
  int samples = 64;                 ///< of the field along a ray
  bool device_coordinates = false;  ///< normalised ones, for forward-facing scenes
  DensityActivation density = DensityActivation::softplus;
  double density_scale = 1;  ///< the density is so many times the activation
  float background = 1;      ///< brightness behind everything: 1 white, 0 black
};

/// `training` holds training_knobs(TaskKind::nerf), or as much of them as differs from the presets.
RadianceSettings radiance_settings(const PosedViews& views, const KnobValues& training);

/// What a ray of the camera is to the field. Near and far are the dataset's, cut to the box.
FieldRay field_ray(const PosedViews& views, const RadianceSettings& settings, const Ray& ray);

struct RayColour {
  float colour[3] = {0, 0, 0};
  float opacity = 0;
  float depth = 0;  ///< distance from the camera in scene units; 0 where there is nothing
};

class RayMarcher {
 public:
  /// Weights w[P] of a network of this task, copied. With a `grid` (shared, not changed meanwhile)
  /// samples fall where it says there may be something.
  RayMarcher(Backend& backend, const Network& network, const Buffer& weights,
             std::shared_ptr<const PosedViews> views, const RadianceSettings& settings,
             std::shared_ptr<const OccupancyGrid> grid);
  /// The same with weights on the host.
  RayMarcher(Backend& backend, const Network& network, std::span<const double> weights,
             std::shared_ptr<const PosedViews> views, const RadianceSettings& settings,
             std::shared_ptr<const OccupancyGrid> grid);

  const RadianceSettings& settings() const { return settings_; }
  FieldRay ray(const PosedCamera& camera, PicturePoint at) const;
  /// Of each ray; `seen` is as long as `rays`. Returns the evaluations of the field that it took.
  std::size_t march(std::span<const FieldRay> rays, std::span<RayColour> seen);

 private:
  Backend& backend_;
  Network network_;
  std::shared_ptr<const PosedViews> views_;
  RadianceSettings settings_;
  std::shared_ptr<const OccupancyGrid> grid_;
  Buffer weights_, coordinates_, outputs_;
  std::vector<float> at_, raw_;
};

}  // namespace fieldscope
