// Volume rendering of rays through a radiance field (MATHS section 2): samples along each ray, the
// field at them, their quadrature. One thread at a time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/data/posed_views.h"
#include "engine/geometry/posed_camera.h"
#include "engine/math/knob.h"
#include "engine/math/volume_rendering.h"
#include "engine/task/occupancy_grid.h"

namespace fieldscope {

/// How rays become colours: what the training knobs of a NeRF run say.
struct RadianceSettings {
  std::size_t samples = 64;         ///< of the field along a ray
  bool device_coordinates = false;  ///< normalised ones, for forward-facing scenes
  DensityActivation density = DensityActivation::softplus;
  double density_scale = 1;  ///< the density is so many times the activation
  float background = 1;      ///< brightness behind everything: 1 white, 0 black
  bool grid = false;         ///< samples fall where the OccupancyGrid says there may be something
  /// Nothing shines through from behind the scene: the last sample of a ray is infinitely long, as
  /// in NeRF's code. Not where the photographs are cut out and have a background.
  bool closed = true;
  /// Rays of a camera that is none of the photographs': nearer or farther than all of these it sees
  /// all of the box.
  bool free_camera = false;
};

/// `training` holds training_knobs(TaskKind::nerf).
RadianceSettings radiance_settings(const PosedViews& views, const KnobValues& training);

/// What a ray of a camera is to the field. Near and far are the dataset's, cut to the box.
FieldRay field_ray(const PosedViews& views, const RadianceSettings& settings, const Ray& ray);

/// Where a ray's samples lie. `offset(i)` in [0, 1) is each one's place in its stratum. None where
/// there is nothing to meet.
class RaySampler {
 public:
  /// `grid` may be null.
  RaySampler(const RadianceSettings& settings, const OccupancyGrid* grid)
      : settings_(settings), grid_(grid) {}

  template <class Offset>
  std::span<const RaySample> samples(const FieldRay& ray, const Offset& offset) {
    if (!lay_strata(ray)) return {};
    for (std::size_t i = 0; i < settings_.samples; ++i) samples_[i].t = place(i, offset(i));
    measure(ray);
    return samples_;
  }

 private:
  bool lay_strata(const FieldRay& ray);
  float place(std::size_t stratum, float offset);
  void measure(const FieldRay& ray);

  RadianceSettings settings_;
  const OccupancyGrid* grid_;
  std::vector<OccupancyGrid::Stretch> stretches_;
  std::size_t stretch_ = 0;  ///< that the last sample lay in
  float before_ = 0;         ///< the length of those before it
  float total_ = 0;          ///< of all
  std::vector<RaySample> samples_;
};

/// A radiance field, as it is to be seen: plain host data, but for the weights.
struct RadianceField {
  Network network;
  std::shared_ptr<const PosedViews> views;
  RadianceSettings settings;
  std::shared_ptr<const OccupancyGrid> grid;  ///< null: none; never changes
};

class RayMarcher {
 public:
  /// Weights w[P] of the field's network, copied.
  RayMarcher(Backend& backend, const RadianceField& field, const Buffer& weights);
  /// The same with weights on the host.
  RayMarcher(Backend& backend, const RadianceField& field, std::span<const double> weights);

  const RadianceField& field() const { return field_; }
  FieldRay ray(const PosedCamera& camera, PicturePoint at) const;
  /// Of each ray; `seen` is as long as `rays`. Returns the evaluations of the field that it took.
  std::size_t march(std::span<const FieldRay> rays, std::span<RayColour> seen);

 private:
  Backend& backend_;
  RadianceField field_;
  Buffer weights_;
  std::vector<FieldRay> rays_;  ///< those that meet something,
  std::vector<std::size_t> places_;
  std::vector<RaySample> samples_;
  std::vector<RayColour> seen_;
};

}  // namespace fieldscope
