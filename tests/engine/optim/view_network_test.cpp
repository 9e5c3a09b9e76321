// Every optimizer on a network whose maps are not one behind the other: a trunk, a density that
// reads it, and a head that reads it with a view direction.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/optim/registry.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;
using Numbers = std::vector<double>;

struct Walk {
  Numbers weights, losses;
};

Walk walk(const Field& field, const OptimizerSpec& spec, int threads, std::uint64_t steps) {
  constexpr std::size_t batch = 160;
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(threads), Precision::f32);
  const Buffer x = upload(*backend, random_numbers(1, 6 * batch));
  const Buffer t = upload(*backend, random_numbers(2, 4 * batch));
  FieldObjective objective(*backend, field.network(), LossKind::mse);
  objective.set_batch({&x, &t, batch});
  Buffer w = upload(*backend, field.initial_weights(3)), g = backend->allocate(w.size());
  const auto optimizer =
      find_optimizer(spec.id).make(*backend, layout_of(field.network()), spec.knobs);
  Walk result;
  for (std::uint64_t step = 0; step < steps; ++step) {
    objective.set_probe_key(random_key(7, Stream::probes, step));
    result.losses.push_back(optimizer->step(objective, w, g, step));
  }
  result.weights = download(*backend, w);
  return result;
}

TEST(OptimizersOfViewNetworks, StepsAreFiniteAndTheSameForAnyNumberOfThreads) {
  for (const char* activation : {"sine", "wavelet", "relu_pe"}) {
    const Field field = make_field(activation, {33, 20}, {6, 4, 3, true});
    const Numbers start = field.initial_weights(3);
    for (const OptimizerEntry& entry : optimizers()) {
      SCOPED_TRACE(std::string(entry.id) + " " + activation);
      const OptimizerSpec spec = resolve_optimizer({std::string(entry.id), {}}, activation);
      const Walk one = walk(field, spec, 1, 4);
      for (const double weight : one.weights) ASSERT_TRUE(std::isfinite(weight));
      EXPECT_EQ(walk(field, spec, 3, 4).weights, one.weights);
      for (const ParameterTensor& tensor : field.tensors()) {
        bool moved = false;
        for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i)
          moved = moved || static_cast<float>(start[i]) != static_cast<float>(one.weights[i]);
        EXPECT_TRUE(moved) << tensor.name;
      }
    }
  }
}

TEST(OptimizersOfViewNetworks, ThoseThatGoByMapsLowerTheLoss) {
  const Field field = make_field("sine", {33, 20}, {6, 4, 3, true}, {{"omega", 5}});
  for (const OptimizerSpec& given :
       {OptimizerSpec{"kfac", {{"lr", 1e-3}, {"refresh_every", 5}}},
        OptimizerSpec{"shampoo", {{"lr", 1e-2}}}, OptimizerSpec{"muon", {{"lr", 1e-3}}},
        OptimizerSpec{"soap", {{"lr", 1e-3}}}}) {
    const Walk way = walk(field, resolve_optimizer(given, "sine"), 2, 60);
    EXPECT_LT(way.losses.back(), 0.9 * way.losses.front()) << given.id;
  }
}

}  // namespace
}  // namespace fieldscope
