// The knob `precision` of runs on a GPU, fused and layer by layer: what differs, what does not, and
// that it is turned, recorded and replayed like any other.
#include "engine/experiment/saved.h"
#include "engine/train/session.h"
#include "tests/devices/support.h"

namespace fieldscope {
namespace {

using namespace test;

using Numbers = std::vector<double>;

class Precisions : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { FIELDSCOPE_NEED_GPU(); }

  Session session(double precision, const std::string& device = "cuda") {
    RunConfig config;
    config.field.hidden = {32, 32};
    config.training = {{"batch", 64}, {"precision", precision}};
    config.device = device;
    return Session(resolve_config(config), small_dataset(), pool_);
  }
  static Numbers walk(Session& session, int steps) {
    for (int i = 0; i < steps; ++i) session.step();
    return session.weights();
  }
  static SetKnob turn(double precision) {
    return {SetKnob::Target::training, "precision", precision};
  }

  const Variable passes_{"FIELDSCOPE_CUDA_PASSES", GetParam()};
  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
};

TEST_P(Precisions, StepsDifferByTheirRounding) {
  Session cpu = session(0, "cpu");
  const Numbers start = cpu.weights(), want = walk(cpu, 4);
  Numbers way(want.size());
  double errors[3];
  for (int precision = 0; precision < 3; ++precision) {
    Session gpu = session(precision);
    EXPECT_EQ(gpu.weights(), start);
    Numbers weights = walk(gpu, 4);
    for (std::size_t i = 0; i < way.size(); ++i) {
      way[i] = want[i] - start[i];
      weights[i] -= start[i];
    }
    errors[precision] = relative_error(weights, way);
  }
  EXPECT_LT(errors[0], 0.02);
  if (!coarse_for_certain()) return;
  EXPECT_LT(errors[0], errors[1] / 3);
  EXPECT_LT(errors[1], errors[2] / 3);
}

TEST_P(Precisions, OfTheCpuThereIsOne) {
  Session plain = session(0, "cpu"), coarse = session(2, "cpu");
  EXPECT_EQ(walk(plain, 5), walk(coarse, 5));
}

TEST_P(Precisions, QualityIsMeasuredInFloat32) {
  Session fine = session(0), coarse = session(2);
  fine.finish_evaluation();
  coarse.finish_evaluation();
  EXPECT_EQ(fine.history().quality.back().psnr, coarse.history().quality.back().psnr);
}

TEST_P(Precisions, TurnedMidRunRecordedAndReplayed) {
  Session stays = session(0), turns = session(0);
  EXPECT_EQ(walk(stays, 3), walk(turns, 3));
  turns.apply(turn(2));
  EXPECT_EQ(turns.history().events.back().label, "precision bf16");
  EXPECT_EQ(turns.weights(), stays.weights());
  EXPECT_EQ(turns.checkpoint().state, stays.checkpoint().state);
  const Numbers coarse = walk(turns, 3);
  EXPECT_TRUE(!coarse_for_certain() || coarse != walk(stays, 3));
  turns.apply(turn(0));
  walk(turns, 3);
  ASSERT_EQ(turns.edits().size(), 2u);
  EXPECT_EQ(turns.edits()[0], (RecordedEdit{3, turn(2)}));
  const Checkpoint saved = turns.checkpoint();
  EXPECT_EQ(replay(saved, small_dataset(), pool_).weights(), saved.weights);
}

TEST_P(Precisions, GoesAlongToAGpu) {
  Session moves = session(2, "cpu"), stays = session(0, "cpu");
  walk(moves, 2);
  walk(stays, 2);
  for (Session* session : {&moves, &stays}) session->apply(MoveTo{"cuda"});
  EXPECT_EQ(arithmetic_of(moves.config()), Arithmetic::bf16);
  EXPECT_TRUE(!coarse_for_certain() || walk(moves, 2) != walk(stays, 2));
}

TEST_P(Precisions, Float64HasNone) {
  const auto backend = make_backend("cuda", pool_, Precision::f64);
  backend->set_arithmetic(Arithmetic::bf16);
  EXPECT_EQ(backend->arithmetic(), Arithmetic::f32);
}

std::string name_of(const testing::TestParamInfo<const char*>& tested) {
  return tested.param;
}
INSTANTIATE_TEST_SUITE_P(Devices, Precisions, testing::Values("fused", "layers"), name_of);

}  // namespace
}  // namespace fieldscope
