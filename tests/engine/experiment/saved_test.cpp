// Saved experiments: going on as if never stopped, replaying to the same bits, and damaged files.
#include "engine/experiment/saved.h"

#include <map>

#include <gtest/gtest.h>

#include "engine/data/view_paths.h"
#include "engine/experiment/presets.h"
#include "engine/math/error.h"
#include "tests/engine/experiment/fixture.h"

namespace fieldscope {
namespace {

using namespace test;

/// A file does not keep the order.
template <class State>
std::map<std::string, std::vector<double>> by_name(const State& state) {
  return {state.begin(), state.end()};
}

class SavedExperiments : public ExperimentTest {
 protected:
  /// Two runs with switches in between, paused.
  std::unique_ptr<Experiment> eventful() {
    auto experiment = make(Pacing::by_step, true);
    const std::vector<RunId> runs = {
        experiment->add(config_of({"esgd", {{"warmup", 9}, {"refresh_every", 4}}})),
        experiment->add(config_of({"adam", {}}, "wavelet"))};
    advance(*experiment, runs, 11);
    experiment->post(runs[0], SwitchOptimizer{{"adam", {{"lr", 0.001}}}});
    experiment->post(runs[1], SwitchActivation{{"gaussian", {{"sigma", 0.2}}, {12, 12}}});
    advance(*experiment, runs, 6);
    experiment->post(runs[0], SetKnob{SetKnob::Target::activation, "omega", 17.3});
    experiment->post(runs[1], SetKnob{SetKnob::Target::training, "batch", 50});
    experiment->post(runs[1], SwitchOptimizer{{"esgd", {{"bias_correction", 1}}}});
    advance(*experiment, runs, 13);
    return experiment;
  }
};

TEST_F(SavedExperiments, GoOnAsIfNeverStopped) {
  const auto first = eventful();
  const auto path = first->save(folder_ / "a.fieldscope").get();
  EXPECT_EQ(path, folder_ / "a.fieldscope");
  advance(*first, first->runs(), 25);

  const auto second = make(Pacing::freely, false);
  second->add(config_of({"sgd", {{"lr", 0.1}}}));
  const auto ids = second->load(read_experiment(path));
  EXPECT_EQ(second->runs(), ids);
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(second->pacing(), Pacing::by_step);
  const auto image = std::dynamic_pointer_cast<const ImageDataset>(second->dataset());
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(image->image.pixels, dataset_->image.pixels);
  for (RunId run : ids) {
    ASSERT_TRUE(becomes(*second, run, RunStatus::paused));
    EXPECT_EQ(step_of(*second, run), 30u);
  }
  advance(*second, ids, 25);
  const SavedExperiment a = saved(*first, "b.fieldscope"), b = saved(*second, "c.fieldscope");
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(a.runs[i].weights, b.runs[i].weights) << i;
    EXPECT_EQ(by_name(a.runs[i].state), by_name(b.runs[i].state)) << i;
    EXPECT_EQ(a.runs[i].config, b.runs[i].config) << i;
    EXPECT_EQ(a.runs[i].initial, b.runs[i].initial) << i;
    EXPECT_EQ(a.runs[i].edits, b.runs[i].edits) << i;
    EXPECT_EQ(a.runs[i].optimizer_step, b.runs[i].optimizer_step) << i;
    EXPECT_EQ(a.runs[i].progress.step, 55u) << i;
    EXPECT_EQ(a.runs[i].progress.epoch, b.runs[i].progress.epoch) << i;
    EXPECT_EQ(a.runs[i].history.loss.size(), b.runs[i].history.loss.size()) << i;
    EXPECT_EQ(a.runs[i].history.events.size(), b.runs[i].history.events.size()) << i;
  }
}

TEST_F(SavedExperiments, ReplayToTheSameBits) {
  const auto experiment = eventful();
  const SavedExperiment kept = saved(*experiment);
  for (const Checkpoint& run : kept.runs) {
    ASSERT_GE(run.edits.size(), 2u);
    for (int threads : {1, 3}) {
      Session again = replay(run, kept.dataset, std::make_shared<ThreadPool>(threads));
      EXPECT_EQ(again.weights(), run.weights);
      EXPECT_EQ(by_name(again.checkpoint().state), by_name(run.state));
    }
    Checkpoint other = run;
    other.edits.pop_back();
    EXPECT_NE(replay(other, kept.dataset, std::make_shared<ThreadPool>(1)).weights(), run.weights);
  }
}

TEST_F(SavedExperiments, WhateverHappensLiveReplays) {
  // Switched while it trains, so that nobody knows at which step.
  const auto experiment = make();
  const RunId a = experiment->add(config_of({"esgd", {}})),
              b = experiment->add(config_of({"adam", {}}));
  ASSERT_TRUE(reaches(*experiment, a, 40));
  experiment->post_all(SwitchOptimizer{{"sgd", {{"lr", 0.05}, {"momentum", 0.5}}}});
  ASSERT_TRUE(reaches(*experiment, b, 120));
  experiment->post(b, SwitchActivation{{"relu_pe", {}, {12, 12}}});
  const RunId child = experiment->fork(a, {"esgd", {}});
  ASSERT_TRUE(reaches(*experiment, child, step_of(*experiment, a) + 60));
  const SavedExperiment kept = saved(*experiment);
  ASSERT_EQ(kept.runs.size(), 3u);
  for (const Checkpoint& run : kept.runs)
    EXPECT_EQ(replay(run, kept.dataset, std::make_shared<ThreadPool>(1)).weights(), run.weights);
}

TEST_F(SavedExperiments, HoldEverythingExactly) {
  const auto experiment = eventful();
  const SavedExperiment once = saved(*experiment);
  write_experiment(folder_ / "again.fieldscope", once);
  const SavedExperiment twice = read_experiment(folder_ / "again.fieldscope");
  ASSERT_EQ(twice.runs.size(), once.runs.size());
  for (std::size_t i = 0; i < once.runs.size(); ++i) {
    EXPECT_EQ(twice.runs[i].weights, once.runs[i].weights);
    EXPECT_EQ(twice.runs[i].state, once.runs[i].state);
    EXPECT_EQ(twice.runs[i].edits, once.runs[i].edits);
    EXPECT_EQ(twice.runs[i].progress.train_seconds, once.runs[i].progress.train_seconds);
    const History &a = once.runs[i].history, &b = twice.runs[i].history;
    ASSERT_EQ(a.quality.size(), b.quality.size());
    for (std::size_t q = 0; q < a.quality.size(); ++q)
      EXPECT_EQ(a.quality[q].psnr, b.quality[q].psnr);
    ASSERT_EQ(a.loss.size(), b.loss.size());
    for (std::size_t q = 0; q < a.loss.size(); ++q) EXPECT_EQ(a.loss[q].mean, b.loss[q].mean);
    ASSERT_EQ(a.events.size(), b.events.size());
    for (std::size_t q = 0; q < a.events.size(); ++q)
      EXPECT_EQ(a.events[q].label, b.events[q].label);
  }
}

TEST_F(SavedExperiments, SavingAgainReplacesTheFolder) {
  const auto experiment = make(Pacing::by_seconds, true);
  const RunId a = experiment->add(config_of({"adam", {}})),
              b = experiment->add(config_of({"sgd", {{"lr", 0.1}}}));
  const auto path = folder_ / "a.fieldscope";
  experiment->save(path).get();
  EXPECT_EQ(read_experiment(path).pacing, Pacing::by_seconds);
  experiment->remove(b);
  advance(*experiment, {a}, 3);
  experiment->save(path).get();
  EXPECT_EQ(read_experiment(path).runs.size(), 1u);
  EXPECT_EQ(read_experiment(path).runs[0].progress.step, 3u);
  EXPECT_EQ(files(), 1u);  // nothing half-written beside it
  EXPECT_FALSE(std::filesystem::exists(path / "run-1.safetensors"));
}

TEST_F(SavedExperiments, ADamagedOneIsRefusedByName) {
  const auto experiment = eventful();
  const auto path = experiment->save(folder_ / "a.fieldscope").get();
  const std::string document = bytes_of(path / "experiment.json");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string bytes = document;
    const auto at = bytes.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    bytes.replace(at, from.size(), to);
    file("a.fieldscope/experiment.json", bytes);
    std::string said = "(accepted)";
    try {
      read_experiment(path);
    } catch (const DataError& error) {
      said = error.what();
    }
    EXPECT_NE(said.find("fieldscope"), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    return said;
  };
  EXPECT_NE(changed("\"fieldscope\": 1", "\"fieldscope\": 2").find("version"), std::string::npos);
  EXPECT_NE(changed("\"esgd\"", "\"esgg\"").find("choose one of esgd, "), std::string::npos);
  changed("\"seed\"", "\"sead\"");
  changed("\"edits\": [", "\"edits\": [3,");
  const auto hidden = document.find("12", document.find("\"hidden\""));
  const auto before = document.substr(hidden - 40, 40);
  changed(before + "12", before + "13");  // other weights than are in the file
  changed(document, document.substr(0, document.size() / 2));
  changed(document, "");
  EXPECT_THROW(read_experiment(folder_ / "missing.fieldscope"), DataError);
  file("a.fieldscope/experiment.json", document);
  EXPECT_NO_THROW(read_experiment(path));
  std::filesystem::remove(path / "run-1.safetensors");
  EXPECT_THROW(read_experiment(path), DataError);
}

TEST_F(SavedExperiments, KeepTheCameraPathOfAScene) {
  Experiment::Settings settings;
  settings.threads = 1;
  settings.start_paused = true;
  const auto scene = demo_scene_dataset();
  Experiment experiment(scene, settings);
  const CameraPath orbit = built_in_path(*scene, BuiltInPath::orbit, 5);
  const auto bare = read_experiment(experiment.save(folder_ / "bare.fieldscope").get());
  EXPECT_FALSE(bare.camera_path);
  experiment.set_camera_path(CameraPathFile{orbit, 24});

  Experiment again(dataset_, settings);
  again.load(read_experiment(experiment.save(folder_ / "scene.fieldscope").get()));
  const auto& kept = again.camera_path();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->frames_per_second, 24);
  EXPECT_TRUE(kept->path.closed());
  ASSERT_EQ(kept->path.keys().size(), orbit.keys().size());
  for (std::size_t i = 0; i < orbit.keys().size(); ++i) {
    const CameraKey &was = orbit.keys()[i], &is = kept->path.keys()[i];
    EXPECT_LT(length(is.pose.origin - was.pose.origin), 1e-4f);
    EXPECT_NEAR(is.time, was.time, 1e-6);
  }
  again.set_dataset(dataset_);
  EXPECT_FALSE(again.camera_path());
}

}  // namespace
}  // namespace fieldscope
