// One run without a window.

#include "app/headless/run.h"

#include <gtest/gtest.h>

#include "engine/backend/cpu/thread_pool.h"

namespace fieldscope {
namespace {

std::shared_ptr<const ImageDataset> picture(int side) {
  auto dataset = std::make_shared<ImageDataset>();
  dataset->name = "flat";
  dataset->image = {side, side, 1, std::vector<float>(static_cast<std::size_t>(side) * side, 0.5f)};
  return dataset;
}

TEST(TrainRun, PeakMemoryIsThePeak) {
  RunPlan plan;
  plan.config.field.hidden = {64, 64};
  plan.config.training["batch"] = 16;
  plan.config = resolve_config(plan.config);
  const auto pool = std::make_shared<ThreadPool>(1);
  Session session(plan.config, picture(128), pool);
  session.finish_evaluation();
  const Snapshot after = session.snapshot();
  // The buffers of the evaluation are gone again.
  EXPECT_GT(after.peak_memory_bytes, after.memory_bytes);

  ProgressLine silent(ProgressLine::Mode::silent, "");
  const InterruptGuard interrupt;
  const RunResult result =
      train_run(plan, picture(128), pool, {Budget::Kind::steps, 1}, silent, interrupt);
  EXPECT_EQ(result.status, "finished");
  EXPECT_GE(result.peak_memory_bytes, after.peak_memory_bytes);
}

}  // namespace
}  // namespace fieldscope
