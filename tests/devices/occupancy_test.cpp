// A mesh learned on a GPU: the same numbers as on the CPU as far as rounding goes, surfaces drawn
// there, and a run that moves half-way.
#include <chrono>
#include <thread>

#include "engine/experiment/experiment.h"
#include "engine/geometry/surface_samples.h"
#include "engine/task/surface.h"
#include "engine/train/session.h"
#include "tests/devices/support.h"
#include "tests/engine/data/mesh_fixture.h"

namespace fieldscope {
namespace {

using namespace test;

class OccupancyOnAGpu : public testing::Test {
 protected:
  void SetUp() override { FIELDSCOPE_NEED_GPU(); }

  static RunConfig config(const std::string& optimizer, const std::string& device) {
    RunConfig config;
    config.task = TaskKind::occupancy;
    config.field.hidden = {24, 24};
    config.field.knobs = {{"omega", 8}};
    config.optimizer.id = optimizer;
    config.training = {{"batch", 1000}, {"precision", 0}};  // the CPU's
    config.device = device;
    return resolve_config(config);
  }
  Session session(const RunConfig& config) const { return {config, torus_dataset(), pool_}; }
  static void take(Session& session, int steps) {
    for (int i = 0; i < steps; ++i) session.step();
  }
  std::shared_ptr<const Surface> draw(const std::string& device, Session& session) const {
    const auto backend = make_backend(device, pool_, Precision::f32);
    SurfaceDrawing drawing(*backend, session.network(), session.weights(), torus_dataset(),
                           {{32, 24, 0.5f}, SectionPlane{2, 0.1f}});
    while (!drawing.advance(5000)) {
    }
    return drawing.take();
  }
  template <class Condition>
  static bool eventually(const Condition& condition) {
    for (int i = 0; i < 4000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
};

TEST_F(OccupancyOnAGpu, TrainsAsTheCpuDoes) {
  for (const char* optimizer : {"adam", "esgd"}) {
    SCOPED_TRACE(optimizer);
    Session cpu = session(config(optimizer, "cpu")), gpu = session(config(optimizer, "cuda"));
    EXPECT_EQ(gpu.config().training.at("batch"), 1000);
    const std::vector<double> start = cpu.weights();
    EXPECT_EQ(gpu.weights(), start);
    take(cpu, 4);
    take(gpu, 4);
    gpu.settle();
    EXPECT_NEAR(gpu.loss(), cpu.loss(), 1e-3 * cpu.loss());
    std::vector<double> way = cpu.weights(), other = gpu.weights();
    for (std::size_t i = 0; i < way.size(); ++i) {
      way[i] -= start[i];
      other[i] -= start[i];
    }
    EXPECT_LT(relative_error(other, way), 0.02);
  }
}

TEST_F(OccupancyOnAGpu, TheSameWeightsAreMeasuredAlike) {
  Session cpu = session(config("adam", "cpu")), gpu = session(config("adam", "cuda"));
  cpu.finish_evaluation();  // of the initial weights
  gpu.finish_evaluation();
  const Quality here = *cpu.snapshot().quality, there = *gpu.snapshot().quality;
  EXPECT_NEAR(there.iou, here.iou, 1e-3);
  EXPECT_NEAR(there.uniform_iou, here.uniform_iou, 1e-3);
  EXPECT_NEAR(there.accuracy, here.accuracy, 1e-3);
  EXPECT_NEAR(there.bce, here.bce, 1e-4 * here.bce);
}

TEST_F(OccupancyOnAGpu, TheSameSeedGivesTheSameBits) {
  Session first = session(config("esgd", "cuda")), again = session(config("esgd", "cuda"));
  take(first, 8);
  take(again, 8);
  EXPECT_EQ(first.weights(), again.weights());
}

TEST_F(OccupancyOnAGpu, DrawsTheSameSurface) {
  Session run = session(config("adam", "cpu"));
  take(run, 30);
  const std::shared_ptr<const Surface> cpu = draw("cpu", run), gpu = draw("cuda:0", run);
  ASSERT_FALSE(cpu->mesh.triangles.empty());
  EXPECT_TRUE(topology_of(gpu->mesh).solid());
  const SurfaceDistances apart =
      surface_distances(cpu->mesh, MeshTree(cpu->mesh), gpu->mesh, MeshTree(gpu->mesh), 5000, 1);
  EXPECT_LT(apart.chamfer(), 1e-4);
  EXPECT_NEAR(gpu->mean_error, cpu->mean_error, 1e-3 * cpu->mean_error);
  for (std::size_t i = 0; i < cpu->section->probabilities.size(); ++i)
    ASSERT_NEAR(gpu->section->probabilities[i], cpu->section->probabilities[i], 1e-4);
}

TEST_F(OccupancyOnAGpu, ARunMovesHalfWay) {
  Session stays = session(config("esgd", "cpu")), moves = session(config("esgd", "cpu"));
  take(stays, 9);
  for (const char* device : {"cuda:0", "cpu", "cuda:0"}) {
    take(moves, 3);  // points that are drawn where it is
    moves.apply(MoveTo{device});
    EXPECT_EQ(moves.config().device, device);
    EXPECT_EQ(moves.config().training.at("batch"), 1000);
  }
  EXPECT_LT(relative_error(moves.weights(), stays.weights()), 1e-3);
  EXPECT_EQ(moves.progress().epoch, stays.progress().epoch);
}

TEST_F(OccupancyOnAGpu, ItsPresetIsAllPointsInOneStep) {
  RunConfig preset = config("adam", "cpu");
  preset.training.clear();
  preset.device = "cuda:0";
  Session run = session(resolve_config(preset));
  EXPECT_EQ(run.steps_per_epoch(), 1u);
  take(run, 2);
  EXPECT_EQ(run.progress().epoch, 2);
}

TEST_F(OccupancyOnAGpu, SurfacesFollowARunAcrossAMove) {
  Experiment experiment(torus_dataset(), {});
  const RunId run = experiment.add(config("adam", "cuda"));
  experiment.post(run, ShowSurface{16, 32, {}});
  ASSERT_TRUE(eventually([&] { return experiment.latest(run).surface_at.step > 0; }));
  experiment.post(run, Edit(MoveTo{"cpu"}));
  ASSERT_TRUE(eventually([&] { return experiment.latest(run).config.device == "cpu"; }))
      << experiment.latest(run).message;
  const std::uint64_t step = experiment.latest(run).progress.step;
  ASSERT_TRUE(eventually([&] { return experiment.latest(run).surface_at.step > step; }));
  experiment.post(run, Edit(MoveTo{"cuda"}));
  experiment.post(run, Pause{});
  ASSERT_TRUE(eventually([&] {
    const Snapshot& now = experiment.latest(run);
    return now.config.device == "cuda:0" && now.surface->resolution == 32 && !now.surface_busy &&
           now.surface_at.step == now.progress.step;
  }));
  EXPECT_EQ(experiment.latest(run).surface_problem, "");
}

}  // namespace
}  // namespace fieldscope
