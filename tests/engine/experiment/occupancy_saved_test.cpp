// Configurations of both tasks as JSON, and experiments on a mesh that are saved, read and
// replayed.
#include <map>

#include <nlohmann/json.hpp>

#include "engine/experiment/json.h"
#include "engine/experiment/presets.h"
#include "engine/export/mesh_file.h"
#include "tests/engine/data/mesh_fixture.h"
#include "tests/engine/experiment/fixture.h"

namespace fieldscope {
namespace {

using namespace test;

TEST(ConfigJson, ComesBackWithItsTask) {
  for (const TaskInfo& task : tasks())
    for (const RunConfig& config : default_comparison(task.kind)) {
      const nlohmann::json json = to_json(config);
      EXPECT_EQ(json.at("task"), std::string(task.id));
      EXPECT_EQ(config_from_json(json), config);
    }
  RunConfig config = default_comparison(TaskKind::occupancy)[0];
  config.training["spread"] = 0.07;
  EXPECT_EQ(config_from_json(to_json(config)), config);
}

TEST(ConfigJson, WithoutATaskItIsAnImageAsItWasBefore) {
  const RunConfig config = default_comparison(TaskKind::image)[0];
  nlohmann::json json = to_json(config);
  json.erase("task");
  EXPECT_EQ(config_from_json(json), config);
  json["task"] = "sculpture";
  EXPECT_THROW(config_from_json(json), UsageError);
}

TEST(HistoryJson, KeepsWhatOccupancyMeasures) {
  History history;
  QualityPoint point;
  point.at.step = 7;
  point.bce = 0.25;
  point.iou = 0.75;
  point.accuracy = 0.875;
  point.uniform_iou = 0.5;
  history.quality.push_back(point);
  nlohmann::json json = to_json(history);
  const QualityPoint back = history_from_json(json).quality.at(0);
  EXPECT_EQ(back.at.step, 7u);
  EXPECT_EQ(back.bce, 0.25);
  EXPECT_EQ(back.iou, 0.75);
  EXPECT_EQ(back.accuracy, 0.875);
  EXPECT_EQ(back.uniform_iou, 0.5);
  EXPECT_TRUE(std::isnan(back.psnr));
  // Saved before there was occupancy: four numbers.
  json["quality"] = {{{7, 1.0, 1.0, 7.0}, 30.0, 0.001, 0.002, 0.1}};
  const QualityPoint old = history_from_json(json).quality.at(0);
  EXPECT_EQ(old.psnr, 30);
  EXPECT_EQ(old.lr, 0.1);
  EXPECT_TRUE(std::isnan(old.iou));
}

class SavedOnAMesh : public ExperimentTest {
 protected:
  static RunConfig ring(const OptimizerSpec& optimizer, const std::string& activation = "sine") {
    RunConfig config = config_of(optimizer, activation);
    config.task = TaskKind::occupancy;
    config.training = {{"batch", 4000}};
    return config;
  }
  void SetUp() override {
    ExperimentTest::SetUp();
    use_test_cache();
    write_ply(folder_ / "ring.ply", torus(0.7f, 0.28f, 20, 10), {});
    mesh_ = load_mesh_dataset(folder_ / "ring.ply");
  }
  std::unique_ptr<Experiment> make_on_mesh() const {
    return std::make_unique<Experiment>(mesh_, Experiment::Settings{2, Pacing::by_step, true, {}});
  }

  std::shared_ptr<const MeshDataset> mesh_;
};

TEST_F(SavedOnAMesh, GoesOnAndReplaysToTheSameBits) {
  const auto first = make_on_mesh();
  const std::vector<RunId> runs = {first->add(ring({"esgd", {{"warmup", 3}}})),
                                   first->add(ring({"adam", {}}, "gaussian"))};
  advance(*first, runs, 9);
  first->post(runs[0], SetKnob{SetKnob::Target::training, "spread", 0.1});
  first->post(runs[1], SetKnob{SetKnob::Target::training, "batch", 700});
  advance(*first, runs, 9);
  const auto path = first->save(folder_ / "ring.fieldscope").get();
  const SavedExperiment kept = read_experiment(path);
  EXPECT_EQ(kept.dataset->task(), TaskKind::occupancy);
  EXPECT_EQ(kept.dataset->path, mesh_->path);
  ASSERT_EQ(kept.runs.size(), 2u);
  EXPECT_EQ(kept.runs[1].config.field.knobs.at("sigma"), 0.09);
  for (const Checkpoint& run : kept.runs) {
    ASSERT_EQ(run.edits.size(), 1u);
    ASSERT_FALSE(run.history.quality.empty());
    EXPECT_FALSE(std::isnan(run.history.quality[0].iou));
    for (const int threads : {1, 3})
      EXPECT_EQ(replay(run, kept.dataset, std::make_shared<ThreadPool>(threads)).weights(),
                run.weights);
  }
  const auto second = make();  // on a picture
  second->add(config_of({"adam", {}}));
  const std::vector<RunId> again = second->load(kept);
  advance(*first, runs, 10);
  advance(*second, again, 10);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(weights_of(*second, i), weights_of(*first, i)) << i;
}

TEST_F(SavedOnAMesh, RunsOfAnotherTaskAreRefused) {
  const auto experiment = make_on_mesh();
  advance(*experiment, {experiment->add(ring({"adam", {}}))}, 1);
  const auto path = experiment->save(folder_ / "ring.fieldscope").get();
  std::string text = bytes_of(path / "experiment.json");
  nlohmann::json document = nlohmann::json::parse(text);
  RunConfig picture = config_of({"adam", {}});
  document["runs"][0]["config"] = to_json(resolve_config(picture));
  file("ring.fieldscope/experiment.json", document.dump());
  EXPECT_THROW(read_experiment(path), DataError);
  file("ring.fieldscope/experiment.json", text);
  EXPECT_NO_THROW(read_experiment(path));
  std::filesystem::remove(folder_ / "ring.ply");
  EXPECT_THROW(read_experiment(path), DataError);
}

TEST_F(SavedOnAMesh, AnotherDatasetTakesTheRunsToItsTask) {
  const auto experiment = make_on_mesh();
  RunConfig config = ring({"adam", {{"beta1", 0.7}}}, "gaussian");
  const RunId run = experiment->add(config);
  advance(*experiment, {run}, 2);
  experiment->set_dataset(dataset_);
  ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
  EXPECT_EQ(experiment->latest(run).config.task, TaskKind::image);
  EXPECT_EQ(experiment->latest(run).config.field.knobs.at("sigma"), 0.05);
  EXPECT_EQ(experiment->latest(run).config.training.at("batch"), 512);
  advance(*experiment, {run}, 2);
  experiment->set_dataset(mesh_);
  ASSERT_TRUE(becomes(*experiment, run, RunStatus::paused));
  EXPECT_EQ(experiment->latest(run).config.task, TaskKind::occupancy);
  EXPECT_EQ(experiment->latest(run).config.field.knobs.at("sigma"), 0.09);
  EXPECT_EQ(experiment->latest(run).config.optimizer.knobs.at("beta1"), 0.7);
  EXPECT_EQ(experiment->latest(run).config.training.at("batch"), 5000);
  advance(*experiment, {run}, 2);
}

}  // namespace
}  // namespace fieldscope
