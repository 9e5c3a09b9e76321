// NeRF (MATHS section 6): rays of training photographs, samples along them, to the colours that the
// photographs show there (Mildenhall et al. 2020). The field's quality is measured on views that
// were held out.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/data/posed_views.h"
#include "engine/task/ray_marching.h"
#include "engine/task/task.h"
#include "engine/task/view_rendering.h"

namespace fieldscope {

/// `batch` is clamped to the number of rays.
TaskShape radiance_shape(const PosedViews& views, const KnobValues& training);

class RadianceTask final : public Task {
 public:
  /// `training`: see training_knobs(TaskKind::nerf). `pool` lays samples out on several threads;
  /// may be null.
  RadianceTask(Backend& backend, std::shared_ptr<const PosedViews> views, std::uint64_t seed,
               const KnobValues& training, ThreadPool* pool);

  /// Where there is an occupancy grid, looks at the field now and then.
  bool looks(std::uint64_t step) const override;
  void look(std::uint64_t step, const Network& network, const Buffer& weights) override;
  /// Rays that meet nothing, because of the box or of what the grid knows to be empty, are left out
  /// unless the photograph shows something there: the loss is the mean over the others.
  const Batch& sample(std::uint64_t step) override;
  Samples draw(std::size_t samples, std::uint64_t key) const override;
  std::unique_ptr<Evaluation> evaluate(const Network& network, const Buffer& w) override;
  std::vector<double> state() const override;
  void restore_state(std::span<const double> state) override;

  /// As it is to be seen now.
  RadianceField field(const Network& network) const { return {network, views_, settings_, grid_}; }

 private:
  struct Pixel {
    const PosedView* view = nullptr;
    std::size_t pixel = 0;
  };
  Pixel pixel_of(std::size_t ray) const;
  FieldRay ray_of(const Pixel& pixel) const;

  Backend& backend_;
  std::shared_ptr<const PosedViews> views_;
  std::uint64_t seed_;
  RadianceSettings settings_;
  std::size_t measured_views_, measured_pixels_;
  ThreadPool* pool_;
  std::vector<std::size_t> first_rays_;  ///< of each training view, and the number of all
  std::shared_ptr<OccupancyGrid> grid_;

  Buffer batch_coordinates_, batch_targets_, batch_lengths_;  ///< of the present minibatch
  std::vector<float> coordinates_, targets_, lengths_;        ///< the same on their way there
  std::vector<std::size_t> places_;                           ///< of each ray; none: left out
  Batch batch_;
};

/// Renders held-out views one after another and compares them with their photographs, in slices.
class ViewsMeasurement {
 public:
  /// Of views with more than so many pixels the measure is taken on every second, third, ... pixel
  /// along rows and columns, and there is no SSIM (NaN).
  ViewsMeasurement(std::shared_ptr<RayMarcher> marcher, std::vector<std::size_t> which,
                   std::size_t most_pixels = ~std::size_t{0});

  /// Does a slice of about so many evaluations of the field; true when that was the last one.
  bool advance(std::size_t evaluations);
  double share() const;
  /// Those measured so far, in order.
  const std::vector<ViewQuality>& views() const { return measured_; }

 private:
  std::shared_ptr<RayMarcher> marcher_;
  std::vector<std::size_t> which_;
  std::size_t most_pixels_;
  std::unique_ptr<ViewRendering> rendering_;
  std::vector<ViewQuality> measured_;
};

/// Mean over views of PSNR (dB), SSIM and mean squared error; nothing for none. NaN where one is.
Quality mean_of_views(std::span<const ViewQuality> views);

/// `count` of all held-out views, spread evenly; all of them if there are no more.
std::vector<std::size_t> spread_views(std::size_t all, std::size_t count);

}  // namespace fieldscope
