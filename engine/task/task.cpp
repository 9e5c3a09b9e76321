#include "engine/task/task.h"

#include <stdexcept>

#include "engine/task/image_task.h"
#include "engine/task/occupancy_task.h"
#include "engine/task/radiance_task.h"

namespace fieldscope {

TaskShape task_shape(const Dataset& dataset, const KnobValues& training) {
  const auto batch = static_cast<std::size_t>(training.at("batch"));
  if (const auto* image = dynamic_cast<const ImageDataset*>(&dataset))
    return image_shape(*image, batch);
  if (const auto* mesh = dynamic_cast<const MeshDataset*>(&dataset))
    return occupancy_shape(*mesh, batch);
  if (const auto* views = dynamic_cast<const PosedViews*>(&dataset))
    return radiance_shape(*views, training);
  throw std::logic_error("task_shape: a dataset of a kind that no task learns");
}

std::unique_ptr<Task> make_task(Backend& backend, std::shared_ptr<const Dataset> dataset,
                                std::uint64_t seed, const KnobValues& training, ThreadPool* pool) {
  const auto batch = static_cast<std::size_t>(training.at("batch"));
  if (auto image = std::dynamic_pointer_cast<const ImageDataset>(dataset))
    return std::make_unique<ImageTask>(backend, std::move(image), seed, batch);
  if (auto mesh = std::dynamic_pointer_cast<const MeshDataset>(dataset))
    return std::make_unique<OccupancyTask>(backend, std::move(mesh), seed, batch,
                                           training.at("spread"));
  if (auto views = std::dynamic_pointer_cast<const PosedViews>(dataset))
    return std::make_unique<RadianceTask>(backend, std::move(views), seed, training, pool);
  throw std::logic_error("make_task: a dataset of a kind that no task learns");
}

}  // namespace fieldscope
