// An experiment on a small picture that can be read again from its file, and ways to wait for what
// its workers do.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/experiment/experiment.h"
#include "engine/experiment/saved.h"
#include "tests/engine/export/temporary_folder.h"
#include "tests/engine/support.h"

namespace fieldscope::test {

class ExperimentTest : public TemporaryFolderTest {
 protected:
  /// 24 x 16 pixels: 4 steps an epoch.
  static RunConfig config_of(const OptimizerSpec& optimizer,
                             const std::string& activation = "sine") {
    RunConfig config;
    config.field.activation = activation;
    config.field.hidden = {12, 12};
    config.optimizer = optimizer;
    config.seed = 11;
    config.training = {{"batch", 96}};
    return config;
  }
  /// Diverges at its first step: without epsilon, Adam divides 0 by 0 where a unit is always off.
  static RunConfig diverging() { return config_of({"adam", {{"eps", 0}}}, "relu"); }

  std::unique_ptr<Experiment> make(Pacing pacing = Pacing::by_step, bool paused = false,
                                   std::function<void()> on_snapshot = {}) const {
    return std::make_unique<Experiment>(
        dataset_, Experiment::Settings{2, pacing, paused, std::move(on_snapshot)});
  }

  /// Waits long, because sanitizers are slow; a test that passes never waits so long.
  static bool eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  static std::uint64_t step_of(Experiment& experiment, RunId run) {
    return experiment.latest(run).progress.step;
  }
  static bool reaches(Experiment& experiment, RunId run, std::uint64_t step) {
    return eventually([&] { return step_of(experiment, run) >= step; });
  }
  static bool becomes(Experiment& experiment, RunId run, RunStatus status) {
    return eventually([&] { return experiment.latest(run).status == status; });
  }
  /// Takes exactly so many steps with each of the paused runs.
  static void advance(Experiment& experiment, const std::vector<RunId>& runs, std::uint64_t steps) {
    std::vector<std::uint64_t> goals;
    for (RunId run : runs) {
      ASSERT_TRUE(becomes(experiment, run, RunStatus::paused));
      goals.push_back(step_of(experiment, run) + steps);
    }
    for (RunId run : runs) experiment.post(run, StepOnce{steps});
    for (std::size_t i = 0; i < runs.size(); ++i) {
      ASSERT_TRUE(reaches(experiment, runs[i], goals[i]));
      ASSERT_TRUE(becomes(experiment, runs[i], RunStatus::paused));
      ASSERT_EQ(step_of(experiment, runs[i]), goals[i]);
    }
  }
  /// All runs as they are saved and read again, in display order.
  SavedExperiment saved(Experiment& experiment, const std::string& name = "now.fieldscope") {
    return read_experiment(experiment.save(folder_ / name).get());
  }
  std::vector<double> weights_of(Experiment& experiment, std::size_t place) {
    return saved(experiment).runs.at(place).weights;
  }

  std::shared_ptr<const ImageDataset> dataset_ = load_image_dataset(
      std::filesystem::path(FIELDSCOPE_TEST_FIXTURES) / "images" / "photo.png", 24, 16);
};

}  // namespace fieldscope::test
