#include "app/headless/bench_data.h"

#include "engine/data/image.h"
#include "engine/data/posed_views.h"
#include "engine/experiment/presets.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

constexpr std::size_t least_samples = 65536;  ///< a picture of 256x256, as the paper's

int rows_of(std::size_t batch) {
  return static_cast<int>((least_samples + batch - 1) / batch);
}

std::shared_ptr<const Dataset> noise_picture(std::size_t batch) {
  auto dataset = std::make_shared<ImageDataset>();
  dataset->name = "noise";
  Image& image = dataset->image;
  image.width = static_cast<int>(batch);
  image.height = rows_of(batch);
  image.channels = 3;
  image.pixels.resize(image.count() * 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<float>(random_uniform(1, i));
  dataset->original_width = image.width;
  dataset->original_height = image.height;
  return dataset;
}

/// One photograph whose every ray goes through the scene's box from front to back: none is left
/// out of a minibatch, all have the same number of samples.
std::shared_ptr<const Dataset> noise_view(std::size_t batch) {
  constexpr float distance = 4;
  constexpr double tangent = 0.2;  // of half the angle of view; the box' front is at 1/3
  PosedView view;
  view.name = "noise";
  Lens& lens = view.camera.lens;
  lens.width = static_cast<int>(batch);
  lens.height = rows_of(batch);
  lens.cx = lens.width / 2.0;
  lens.cy = lens.height / 2.0;
  lens.fx = lens.cx / tangent;
  lens.fy = lens.cy / tangent;
  view.camera.pose.origin = {0, 0, distance};
  view.pixels.resize(3 * batch * static_cast<std::size_t>(lens.height));
  for (std::size_t i = 0; i < view.pixels.size(); ++i)
    view.pixels[i] = static_cast<std::uint8_t>(256 * random_uniform(1, i));
  auto views = std::make_shared<PosedViews>();
  views->name = "noise";
  views->near = distance - 2;
  views->far = distance + 2;
  views->training = {view};
  views->held_out = {std::move(view)};
  return views;
}

}  // namespace

std::shared_ptr<const Dataset> bench_dataset(TaskKind task, std::size_t batch) {
  switch (task) {
    case TaskKind::image:
      return noise_picture(batch);
    case TaskKind::occupancy:
      return demo_mesh_dataset({});
    case TaskKind::nerf:
      return noise_view(batch);
  }
  return nullptr;
}

}  // namespace fieldscope
