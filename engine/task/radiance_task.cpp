#include "engine/task/radiance_task.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/data/image_quality.h"
#include "engine/math/random.h"
#include "engine/task/grid_survey.h"

namespace fieldscope {
namespace {

constexpr std::size_t left_out = std::numeric_limits<std::size_t>::max();
/// Steps from one look at the field to the next, for the occupancy grid.
constexpr std::uint64_t look_every = 16;

std::size_t pixels_of(const PosedView& view) {
  return static_cast<std::size_t>(view.camera.lens.width) *
         static_cast<std::size_t>(view.camera.lens.height);
}

std::vector<std::size_t> count_rays(const PosedViews& views) {
  std::vector<std::size_t> first = {0};
  for (const PosedView& view : views.training) first.push_back(first.back() + pixels_of(view));
  return first;
}

class RadianceEvaluation final : public Evaluation {
 public:
  explicit RadianceEvaluation(ViewsMeasurement measurement)
      : measurement_(std::move(measurement)) {}

  bool advance(std::size_t samples) override { return measurement_.advance(samples); }
  Result result() override {
    Result result;
    static_cast<Quality&>(result) = mean_of_views(measurement_.views());
    result.views = measurement_.views();
    return result;
  }

 private:
  ViewsMeasurement measurement_;
};

}  // namespace

TaskShape radiance_shape(const PosedViews& views, const KnobValues& training) {
  std::size_t rays = 0;
  for (const PosedView& view : views.training) rays += pixels_of(view);
  TaskShape shape;
  shape.field.coordinates = radiance_coordinates;
  shape.field.outputs = radiance_outputs;
  shape.field.view_coordinates = 3;
  shape.field.head = training.at("network") != 0;
  shape.loss = LossKind::volume;
  shape.batch = std::clamp<std::size_t>(static_cast<std::size_t>(training.at("batch")), 1, rays);
  shape.epoch = rays;
  shape.evaluations = static_cast<std::size_t>(training.at("samples"));
  return shape;
}

RadianceTask::RadianceTask(Backend& backend, std::shared_ptr<const PosedViews> views,
                           std::uint64_t seed, const KnobValues& training, ThreadPool* pool)
    : Task(radiance_shape(*views, training)),
      backend_(backend),
      views_(std::move(views)),
      seed_(seed),
      settings_(radiance_settings(*views_, training)),
      measured_views_(static_cast<std::size_t>(training.at("eval_views"))),
      measured_pixels_(static_cast<std::size_t>(training.at("eval_pixels"))),
      pool_(pool),
      first_rays_(count_rays(*views_)) {
  if (settings_.grid) grid_ = std::make_shared<OccupancyGrid>();
  const std::size_t rays = shape().batch, samples = rays * settings_.samples;
  coordinates_.resize(radiance_coordinates * samples);
  lengths_.resize(samples);
  targets_.resize(3 * rays);
  places_.resize(rays);
  batch_coordinates_ = backend.allocate(coordinates_.size());
  batch_lengths_ = backend.allocate(lengths_.size());
  batch_targets_ = backend.allocate(targets_.size());
  batch_.coordinates = &batch_coordinates_;
  batch_.targets = &batch_targets_;
  batch_.rays = {&batch_lengths_, settings_.samples, settings_.density,
                 static_cast<double>(settings_.background)};
}

RadianceTask::Pixel RadianceTask::pixel_of(std::size_t ray) const {
  const auto next = std::upper_bound(first_rays_.begin(), first_rays_.end(), ray);
  const auto view = static_cast<std::size_t>(next - first_rays_.begin()) - 1;
  return {&views_->training[view], ray - first_rays_[view]};
}

FieldRay RadianceTask::ray_of(const Pixel& pixel) const {
  const std::size_t width = static_cast<std::size_t>(pixel.view->camera.lens.width);
  const PicturePoint centre = {static_cast<double>(pixel.pixel % width) + 0.5,
                               static_cast<double>(pixel.pixel / width) + 0.5};
  return field_ray(*views_, settings_, pixel.view->camera.ray(centre));
}

bool RadianceTask::looks(std::uint64_t step) const {
  return grid_ && step % look_every == 0 && step > 0;
}

/// A copy of the grid is renewed: who renders with the old one goes on with that.
void RadianceTask::look(std::uint64_t step, const Network& network, const Buffer& weights) {
  const std::uint64_t turn = step / look_every;
  FieldAtPoints field(backend_, network, weights);
  auto renewed = std::make_shared<OccupancyGrid>(*grid_);
  renew_grid(field, settings_, turn, random_key(seed_, Stream::grid, turn), {0, 0, 1}, *renewed);
  grid_ = std::move(renewed);
}

const Batch& RadianceTask::sample(std::uint64_t step) {
  const Minibatch rays = shape().minibatch(seed_, step);
  const std::uint64_t key = random_key(seed_, Stream::points, step);
  const std::size_t samples = settings_.samples;
  const auto lay_out = [&](std::size_t begin, std::size_t end) {
    RaySampler sampler(settings_, grid_.get()), everywhere(settings_, nullptr);
    for (std::size_t i = begin; i < end; ++i) {
      const Pixel pixel = pixel_of(rays.item(i));
      const FieldRay ray = ray_of(pixel);
      const auto offset = [&](std::size_t k) {
        return static_cast<float>(random_uniform(key, i * samples + k));
      };
      auto along = sampler.samples(ray, offset);
      // The photograph knows better than a grid that has found nothing: without this, a field that
      // has once become empty would never see again what is missing.
      if (along.empty() && grid_ != nullptr && pixel.view->covered(pixel.pixel))
        along = everywhere.samples(ray, offset);
      places_[i] = along.empty() ? left_out : i;
      if (along.empty()) continue;
      float* at = coordinates_.data() + i * samples * radiance_coordinates;
      for (std::size_t k = 0; k < samples; ++k, at += radiance_coordinates) {
        put_field_input(ray.at(along[k].t), ray.view, at);
        lengths_[i * samples + k] = along[k].length;
      }
      const auto colour = pixel.view->colour(pixel.pixel, settings_.background);
      std::copy(colour.begin(), colour.end(),
                targets_.begin() + static_cast<std::ptrdiff_t>(3 * i));
    }
  };
  constexpr std::size_t piece = 16;
  const std::size_t pieces = (rays.size + piece - 1) / piece;
  const auto one = [&](std::size_t i) { lay_out(i * piece, std::min(rays.size, (i + 1) * piece)); };
  if (pool_ != nullptr) {
    pool_->parallel_for(pieces, one);
  } else {
    lay_out(0, rays.size);
  }
  // Close ranks.
  std::size_t count = 0;
  const auto move = [&](std::vector<float>& numbers, std::size_t width, std::size_t from) {
    std::copy_n(numbers.begin() + static_cast<std::ptrdiff_t>(from * width), width,
                numbers.begin() + static_cast<std::ptrdiff_t>(count * width));
  };
  for (std::size_t i = 0; i < rays.size; ++i) {
    if (places_[i] == left_out) continue;
    if (i != count) {
      move(coordinates_, samples * radiance_coordinates, i);
      move(lengths_, samples, i);
      move(targets_, 3, i);
    }
    ++count;
  }
  if (count == 0) {  // one ray through nothing, which has no gradient
    std::fill_n(coordinates_.begin(), samples * radiance_coordinates, 0.0f);
    std::fill_n(lengths_.begin(), samples, 0.0f);
    std::fill_n(targets_.begin(), 3, settings_.background);
    count = 1;
  }
  batch_.size = count * samples;
  backend_.upload(batch_coordinates_, std::span<const float>(coordinates_));
  backend_.upload(batch_lengths_, std::span<const float>(lengths_));
  backend_.upload(batch_targets_, std::span<const float>(targets_));
  return batch_;
}

/// Rays of pixels spread over all training views. Those through nothing are passed over.
Task::Samples RadianceTask::draw(std::size_t samples, std::uint64_t key) const {
  const std::size_t each = settings_.samples, all = first_rays_.back();
  const std::size_t rays = std::clamp<std::size_t>(samples / each, 1, all);
  Samples drawn;
  drawn.ray_samples = each;
  drawn.density = settings_.density;
  drawn.background = settings_.background;
  RaySampler sampler(settings_, grid_.get());
  for (std::size_t i = 0; i < rays; ++i) {
    const std::size_t first = i * all / rays, last = (i + 1) * all / rays;
    FieldRay ray;
    std::span<const RaySample> along;
    Pixel pixel;
    constexpr std::size_t tries = 32;
    for (std::size_t k = 0; k < tries && along.empty(); ++k) {
      pixel = pixel_of(first + random_below(key, i * tries + k, last - first));
      ray = ray_of(pixel);
      along = sampler.samples(ray, [&](std::size_t s) {
        return static_cast<float>(random_uniform(mix_bits(key), i * each + s));
      });
    }
    for (const RaySample& sample : along) {
      double input[radiance_coordinates];
      put_field_input(ray.at(sample.t), ray.view, input);
      drawn.coordinates.insert(drawn.coordinates.end(), std::begin(input), std::end(input));
      drawn.lengths.push_back(sample.length);
    }
    if (along.empty()) {
      drawn.coordinates.resize(drawn.coordinates.size() + each * radiance_coordinates);
      drawn.lengths.resize(drawn.lengths.size() + each);
    }
    for (const float c : pixel.view->colour(pixel.pixel, settings_.background))
      drawn.targets.push_back(c);
  }
  return drawn;
}

std::unique_ptr<Evaluation> RadianceTask::evaluate(const Network& network, const Buffer& w) {
  auto marcher = std::make_shared<RayMarcher>(backend_, field(network), w);
  return std::make_unique<RadianceEvaluation>(
      ViewsMeasurement(std::move(marcher), spread_views(views_->held_out.size(), measured_views_),
                       measured_pixels_));
}

std::vector<double> RadianceTask::state() const {
  if (!grid_) return {};
  return {grid_->densities().begin(), grid_->densities().end()};
}

void RadianceTask::restore_state(std::span<const double> state) {
  if (!grid_ || state.size() != OccupancyGrid::cells) return;
  auto restored = std::make_shared<OccupancyGrid>();
  restored->restore(state);
  grid_ = std::move(restored);
}

// ---- held-out views -----------------------------------------------------------------------------

namespace {

int stride_for(const Lens& lens, std::size_t most_pixels) {
  const auto pixels = [&](int stride) {
    return static_cast<std::size_t>((lens.width + stride - 1) / stride) *
           static_cast<std::size_t>((lens.height + stride - 1) / stride);
  };
  int stride = 1;
  while (pixels(stride) > most_pixels) ++stride;
  return stride;
}

Image every_nth(const Image& image, int n) {
  if (n == 1) return image;
  Image some{(image.width + n - 1) / n, (image.height + n - 1) / n, image.channels, {}};
  some.pixels.reserve(some.count() * static_cast<std::size_t>(some.channels));
  for (int y = 0; y < image.height; y += n)
    for (int x = 0; x < image.width; x += n) {
      const auto at = image.pixels.begin() +
                      (static_cast<std::ptrdiff_t>(y) * image.width + x) * image.channels;
      some.pixels.insert(some.pixels.end(), at, at + image.channels);
    }
  return some;
}

}  // namespace

ViewsMeasurement::ViewsMeasurement(std::shared_ptr<RayMarcher> marcher,
                                   std::vector<std::size_t> which, std::size_t most_pixels)
    : marcher_(std::move(marcher)), which_(std::move(which)), most_pixels_(most_pixels) {}

bool ViewsMeasurement::advance(std::size_t evaluations) {
  if (measured_.size() == which_.size()) return true;
  const std::size_t index = which_[measured_.size()];
  const PosedView& view = marcher_->field().views->held_out[index];
  const int stride = stride_for(view.camera.lens, most_pixels_);
  if (!rendering_) rendering_ = std::make_unique<ViewRendering>(marcher_, view.camera, stride);
  rendering_->advance(evaluations);
  if (rendering_->view().stride == 0) return false;
  ViewQuality quality;
  quality.view = index;
  auto rendered = std::make_shared<RenderedView>(rendering_->view());
  const Image truth = every_nth(view.picture(marcher_->field().settings.background), stride),
              seen = every_nth(rendered->picture(), stride);
  quality.psnr = psnr(seen, truth);
  quality.ssim = stride == 1 ? ssim(seen, truth) : std::nan("");
  quality.rendered = std::move(rendered);
  measured_.push_back(std::move(quality));
  rendering_.reset();
  return measured_.size() == which_.size();
}

double ViewsMeasurement::share() const {
  double under_way = 0;  // of the first pass, which is all of it
  if (rendering_) {
    const PosedView& view = marcher_->field().views->held_out[which_[measured_.size()]];
    const double stride = stride_for(view.camera.lens, most_pixels_);
    under_way = std::min(1.0, rendering_->share() * stride * stride);
  }
  return (static_cast<double>(measured_.size()) + under_way) / static_cast<double>(which_.size());
}

Quality mean_of_views(std::span<const ViewQuality> views) {
  Quality mean;
  if (views.empty()) return mean;
  const auto count = static_cast<double>(views.size());
  mean.psnr = mean.mse = mean.ssim = 0;
  for (const ViewQuality& view : views) {
    mean.psnr += view.psnr / count;
    mean.mse += std::pow(10, -view.psnr / 10) / count;
    mean.ssim += view.ssim / count;
  }
  return mean;
}

std::vector<std::size_t> spread_views(std::size_t all, std::size_t count) {
  count = std::clamp<std::size_t>(count, 1, all);
  std::vector<std::size_t> which(count);
  for (std::size_t i = 0; i < count; ++i) which[i] = i * all / count;
  return which;
}

}  // namespace fieldscope
