// Saved experiments: a folder NAME.fieldscope with experiment.json (dataset, configurations, seeds,
// edits, curves) and one safetensors file a run (weights by their PyTorch names, optimizer state as
// `optimizer.<name>`). Configuration, seed and edits alone replay a run bit-exactly on the CPU.
// A scene's camera path lies beside them as camera_path.json.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/experiment/experiment.h"
#include "engine/train/session.h"

namespace fieldscope {

struct SavedExperiment {
  std::shared_ptr<const Dataset> dataset;
  Pacing pacing = Pacing::by_step;
  std::vector<Checkpoint> runs;
  std::optional<CameraPathFile> camera_path;  ///< only of posed views
};

/// Replaces `folder` by a whole saved experiment or leaves it as it was. Throws DataError.
void write_experiment(const std::filesystem::path& folder, const SavedExperiment& experiment);

/// Reads it back, the dataset from where it was read at first. Throws DataError naming the file.
SavedExperiment read_experiment(const std::filesystem::path& folder);

/// Trains from `saved`'s initial configuration, seed and edits up to where it stands.
/// `dataset` as saved; `after_step` is told how it goes. On the devices that the run was on, or all
/// of it on `device`, where one is named. Throws as Session does.
Session replay(const Checkpoint& saved, std::shared_ptr<const Dataset> dataset,
               std::shared_ptr<ThreadPool> pool,
               const std::function<void(const Session&)>& after_step = {},
               const std::string& device = {});

}  // namespace fieldscope
