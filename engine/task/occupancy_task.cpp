#include "engine/task/occupancy_task.h"

#include <algorithm>
#include <cmath>

#include "engine/math/random.h"
#include "engine/task/field_at_points.h"

namespace fieldscope {
namespace {

constexpr std::size_t axes = 3;

/// Counts of a set of points: what is inside, what is told to be, and both.
struct Counts {
  std::size_t points = 0, both = 0, either = 0, right = 0;

  void add(bool inside, bool told) {
    ++points;
    both += inside && told;
    either += inside || told;
    right += inside == told;
  }
  /// Nothing inside, and nothing told to be: they agree.
  double iou() const {
    return either == 0 ? 1 : static_cast<double>(both) / static_cast<double>(either);
  }
};

/// Mean binary cross entropy of one logit, in the form that does not overflow.
double cross_entropy(double logit, bool inside) {
  return std::max(logit, 0.0) - (inside ? logit : 0.0) + std::log1p(std::exp(-std::fabs(logit)));
}

class OccupancyEvaluation final : public Evaluation {
 public:
  /// `points` holds those of dataset->held_out().
  OccupancyEvaluation(Backend& backend, std::shared_ptr<const MeshDataset> dataset,
                      std::shared_ptr<Buffer> points, const Network& network, const Buffer& w)
      : dataset_(std::move(dataset)), points_(std::move(points)), field_(backend, network, w) {}

  bool advance(std::size_t samples) override {
    const std::vector<std::uint8_t>& inside = dataset_->held_out().inside;
    const std::size_t count = std::min(samples, inside.size() - done_);
    const std::span<const float> logits = field_.values(*points_, done_, count);
    // Sums in the order of the points: they do not show how they were sliced.
    for (std::size_t i = 0; i < count; ++i, ++done_) {
      const bool truth = inside[done_] != 0, told = logits[i] > 0;
      entropy_ += cross_entropy(logits[i], truth);
      all_.add(truth, told);
      if (done_ % 2 == 0) uniform_.add(truth, told);
    }
    return done_ == inside.size();
  }

  Result result() override {
    Result result;
    const auto points = static_cast<double>(all_.points);
    result.bce = entropy_ / points;
    // Logits that are not numbers tell nothing.
    if (std::isnan(result.bce)) return result;
    result.iou = all_.iou();
    result.accuracy = static_cast<double>(all_.right) / points;
    result.uniform_iou = uniform_.iou();
    return result;
  }

 private:
  std::shared_ptr<const MeshDataset> dataset_;
  std::shared_ptr<Buffer> points_;
  FieldAtPoints field_;
  std::size_t done_ = 0;
  double entropy_ = 0;
  Counts all_, uniform_;
};

}  // namespace

TaskShape occupancy_shape(const MeshDataset& dataset, std::size_t batch) {
  return {{axes, 1},
          LossKind::bce,
          std::clamp<std::size_t>(batch, 1, occupancy_epoch),
          occupancy_epoch,
          1,
          dataset.view().bytes()};
}

OccupancyTask::OccupancyTask(Backend& backend, std::shared_ptr<const MeshDataset> dataset,
                             std::uint64_t seed, std::size_t batch, double spread)
    : Task(occupancy_shape(*dataset, batch)),
      backend_(backend),
      dataset_(std::move(dataset)),
      seed_(seed),
      spread_(spread),
      mesh_(backend.hold(dataset_->view())),
      batch_coordinates_(backend.allocate(axes * shape().batch)),
      batch_targets_(backend.allocate(shape().batch)) {
  batch_.coordinates = &batch_coordinates_;
  batch_.targets = &batch_targets_;
}

const Batch& OccupancyTask::sample(std::uint64_t step) {
  const std::uint64_t epoch = step / shape().steps_per_epoch();
  const std::uint64_t first = step % shape().steps_per_epoch() * shape().batch;
  batch_.size = shape().samples_of(step);  // the last of an epoch may be smaller
  backend_.draw_points(mesh_,
                       {random_key(seed_, Stream::points, epoch), first, batch_.size, spread_},
                       batch_coordinates_, batch_targets_);
  return batch_;
}

Task::Samples OccupancyTask::draw(std::size_t samples, std::uint64_t key) const {
  Samples drawn;
  drawn.coordinates.resize(axes * samples);
  drawn.targets.resize(samples);
  const MeshView mesh = dataset_->view();
  const OccupancyPoints points = {key, 0, samples, spread_};
  for (std::size_t i = 0; i < samples; ++i)
    points.draw(mesh, i, drawn.coordinates.data(), drawn.targets.data());
  return drawn;
}

std::unique_ptr<Evaluation> OccupancyTask::evaluate(const Network& network, const Buffer& w) {
  if (!held_out_) {
    std::vector<float> coordinates;
    for (const Vec3& p : dataset_->held_out().points)
      coordinates.insert(coordinates.end(), {p.x, p.y, p.z});
    held_out_ = std::make_shared<Buffer>(backend_.allocate(coordinates.size()));
    backend_.upload(*held_out_, std::span<const float>(coordinates));
  }
  return std::make_unique<OccupancyEvaluation>(backend_, dataset_, held_out_, network, w);
}

}  // namespace fieldscope
