#include "engine/experiment/presets.h"

#include "engine/data/assets.h"

namespace fieldscope {

std::shared_ptr<const ImageDataset> demo_image_dataset(int longest) {
  const auto file = load_image_dataset(find_asset("assets/demo/lighthouse.png"), 0, 0, longest);
  auto demo = std::make_shared<ImageDataset>(*file);
  demo->name = "lighthouse (demo)";
  demo->path.clear();  // the demo is found again by being the demo, wherever it is installed
  return demo;
}

std::vector<RunConfig> default_comparison() {
  RunConfig esgd, adam;
  esgd.optimizer.id = "esgd";
  adam.optimizer.id = "adam";
  return {resolve_config(esgd), resolve_config(adam)};
}

}  // namespace fieldscope
