// Minibatches of meshes: where a backend draws and labels them, they are those of the CPU.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/data/assets.h"
#include "engine/task/occupancy_task.h"
#include "engine/train/trainer.h"
#include "tests/devices/support.h"
#include "tests/engine/data/mesh_fixture.h"

namespace fieldscope {
namespace {

using namespace test;

struct Drawn {
  std::vector<double> coordinates, labels;
};

class Points : public testing::TestWithParam<TestedBackend> {
 protected:
  void SetUp() override {
    if (on_gpu()) FIELDSCOPE_NEED_GPU();
    use_test_cache();
    backend_ = make_backend(GetParam().device, pool_, GetParam().precision);
  }
  static bool on_gpu() { return std::string(GetParam().device) == "cuda"; }

  /// The project's own mesh, whole and without a patch of its surface.
  static std::shared_ptr<const MeshDataset> knot(bool open) {
    static std::shared_ptr<const MeshDataset> made[2];
    if (!made[open]) {
      made[0] = load_mesh_dataset(find_asset("assets/demo/knot.ply"));
      Mesh mesh = made[0]->mesh();
      mesh.triangles.erase(mesh.triangles.begin() + 3000, mesh.triangles.begin() + 3300);
      made[1] = dataset_of(mesh);
    }
    return made[open];
  }

  static Drawn draw(Backend& on, const MeshDataset& dataset, const OccupancyPoints& points) {
    const HeldMesh mesh = on.hold(dataset.view());
    // Longer than the minibatch, as for the last of an epoch: what is behind stays.
    Buffer coordinates = upload(on, std::vector<double>(3 * points.size + 3, 7)),
           targets = upload(on, std::vector<double>(points.size + 3, 7));
    const std::size_t before = on.memory_bytes();
    on.draw_points(mesh, points, coordinates, targets);
    EXPECT_EQ(on.memory_bytes(), before);
    Drawn drawn{download(on, coordinates), download(on, targets)};
    for (std::vector<double>* numbers : {&drawn.coordinates, &drawn.labels})
      for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(numbers->back(), 7);
        numbers->pop_back();
      }
    return drawn;
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
  std::unique_ptr<Backend> backend_;
};

/// Coordinates come from a logarithm and a cosine in double: where those of a GPU differ in the
/// last bit, one float in millions does. Labels may differ where the surface runs through a point.
TEST_P(Points, AreThoseOfTheDefinitionWithTheirLabels) {
  FIELDSCOPE_TRACE_SEED();
  const bool to_the_bit = !on_gpu() || coarse_for_certain();
  for (const bool open : {false, true}) {
    const std::shared_ptr<const MeshDataset> dataset = knot(open);
    EXPECT_EQ(dataset->topology().closed(), !open);
    const std::uint64_t key = random_key(fresh_seed(), Stream::points, open);
    std::size_t inside = 0, other_numbers = 0, other_labels = 0, all = 0;
    for (const auto& [first, size, spread] :
         {std::tuple{0u, 30'000u, 0.02}, {49'001u, 999u, 0.01}, {5u, 1u, 0.02}, {7u, 2u, 0.5}}) {
      const Drawn got = draw(*backend_, *dataset, {key, first, size, spread});
      ASSERT_EQ(got.labels.size(), size);
      for (std::size_t i = 0; i < size; ++i, ++all) {
        const Vec3 p = occupancy_point(dataset->surface(), key, first + i, spread);
        const float numbers[] = {p.x, p.y, p.z};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const double number = got.coordinates[3 * i + axis];
          other_numbers += number != numbers[axis];
          ASSERT_NEAR(number, numbers[axis], to_the_bit ? 0 : 3e-7) << first + i;
        }
        const double label = got.labels[i];
        ASSERT_TRUE(label == 0 || label == 1) << label;
        inside += label == 1;
        if ((label == 1) == dataset->solid().inside(p)) continue;
        ++other_labels;
        const MeshTree& tree = dataset->solid().tree();
        EXPECT_TRUE(tree.nearest(p, 1e-5f) || std::abs(tree.winding_number(p, 1.5f) - 0.5) < 1e-4)
            << "point " << first + i << " is not at the surface";
      }
    }
    std::printf("%s knot: of %zu points %zu coordinates and %zu labels are not the CPU's\n",
                open ? "open" : "closed", all, other_numbers, other_labels);
    EXPECT_LE(other_numbers, to_the_bit ? 0 : 5u);
    EXPECT_LE(other_labels, to_the_bit ? 0 : 5u);
    // Half of those near the surface; of the box the knot fills little.
    EXPECT_NEAR(static_cast<double>(inside) / static_cast<double>(all), 0.24, 0.03);
  }
}

TEST_P(Points, ATasksMinibatchesAreTheCpus) {
  const auto cpu = make_cpu_backend(pool_, GetParam().precision);
  const std::shared_ptr<const MeshDataset> dataset = torus_dataset();
  OccupancyTask here(*cpu, dataset, 3, 20'000, 0.02), there(*backend_, dataset, 3, 20'000, 0.02);
  ASSERT_EQ(there.shape().steps_per_epoch(), 3u);
  for (const std::uint64_t step : {0u, 2u, 3u, 5u}) {  // the last of an epoch is smaller
    SCOPED_TRACE("step " + std::to_string(step));
    const Batch &want = here.sample(step), &got = there.sample(step);
    EXPECT_EQ(got.size, step % 3 == 2 ? 10'000u : 20'000u);
    ASSERT_EQ(got.size, want.size);
    const auto numbers = [&](const Backend& on, const Buffer& buffer, std::size_t width) {
      std::vector<double> all = download(on, buffer);
      all.resize(width * want.size);
      return all;
    };
    const auto differ = [](const std::vector<double>& a, const std::vector<double>& b) {
      std::size_t count = 0;
      for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i];
      return count;
    };
    const std::size_t most = !on_gpu() || coarse_for_certain() ? 0 : 5;
    EXPECT_LE(differ(numbers(*backend_, *got.coordinates, 3), numbers(*cpu, *want.coordinates, 3)),
              most);
    EXPECT_LE(differ(numbers(*backend_, *got.targets, 1), numbers(*cpu, *want.targets, 1)), most);
  }
}

TEST_P(Points, AMeshIsCopiedOnlyWhereItIsNotRead) {
  for (const bool open : {false, true}) {
    const std::shared_ptr<const MeshDataset> dataset = knot(open);
    MeshView view = dataset->view();
    EXPECT_EQ(view.solid.grid.cells.empty(), open);
    std::size_t bytes = 0, arrays = 0;
    view.for_arrays([&](const auto& array) {
      bytes += array.size_bytes();
      ++arrays;
    });
    const std::size_t before = backend_->memory_bytes();
    {
      const HeldMesh held = backend_->hold(view);
      const std::size_t taken = backend_->memory_bytes() - before;
      EXPECT_EQ(held.view().solid.tree.nodes.size(), view.solid.tree.nodes.size());
      if (on_gpu()) {
        EXPECT_NE(held.view().solid.tree.nodes.data(), view.solid.tree.nodes.data());
        EXPECT_GE(taken, bytes);
        EXPECT_EQ(backend_->held_bytes(view.bytes()), bytes);
        EXPECT_LE(taken, bytes + 256 * arrays);
      } else {
        EXPECT_EQ(held.view().solid.tree.nodes.data(), view.solid.tree.nodes.data());
        EXPECT_EQ(taken, 0u);
      }
    }
    EXPECT_EQ(backend_->memory_bytes(), before);
  }
}

TEST_P(Points, ThatDoNotFitAreRefused) {
  const HeldMesh mesh = backend_->hold(torus_dataset()->view());
  Buffer coordinates = backend_->allocate(12), targets = backend_->allocate(4);
  EXPECT_NO_THROW(backend_->draw_points(mesh, {1, 0, 4, 0.02}, coordinates, targets));
  EXPECT_NO_THROW(backend_->draw_points(mesh, {1, 0, 0, 0.02}, coordinates, targets));
  Buffer short_one = backend_->allocate(11), short_targets = backend_->allocate(3);
  EXPECT_THROW(backend_->draw_points(mesh, {1, 0, 4, 0.02}, short_one, targets), std::logic_error);
  EXPECT_THROW(backend_->draw_points(mesh, {1, 0, 4, 0.02}, coordinates, short_targets),
               std::logic_error);
}

INSTANTIATE_TEST_SUITE_P(Devices, Points, testing::ValuesIn(tested_backends), name_of_backend);

/// Drawn within a graph, for several steps on the way.
TEST(PointsOnAGpu, GiveTheSameBitsAheadAndOneByOneAndWithoutGraphs) {
  FIELDSCOPE_NEED_GPU();
  RunConfig config;
  config.task = TaskKind::occupancy;
  config.field.hidden = {24, 24};
  config.optimizer.id = "esgd";
  config.training = {{"batch", 15'000}};  // the last of an epoch is smaller
  config.device = "cuda:0";
  config = resolve_config(config);
  const auto weights = [&](std::size_t ahead) {
    const auto backend = make_backend("cuda:0", nullptr, Precision::f32);
    Trainer trainer(config, *backend, torus_dataset());
    for (int step = 0; step < 9; ++step) {
      EXPECT_TRUE(trainer.begin_step());
      if (trainer.steps_begun() > ahead) trainer.end_step();
    }
    while (trainer.steps_begun() > 0) trainer.end_step();
    return trainer.download_weights();
  };
  const std::vector<double> ahead = weights(6);
  EXPECT_EQ(weights(0), ahead);
  const Variable graphs("FIELDSCOPE_CUDA_GRAPHS", "off");
  EXPECT_EQ(weights(6), ahead);
}

}  // namespace
}  // namespace fieldscope
