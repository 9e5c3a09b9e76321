// A saved experiment trained again: the same bits, or a plain no.

#include <cstdint>
#include <cstring>

#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/experiment/saved.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

class Replay : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    saved_ = folder_ / "a.fieldscope";
    const auto dataset = load_image_dataset(
        std::filesystem::path(FIELDSCOPE_TEST_FIXTURES) / "images" / "rgb.jpg", 24, 16);
    SavedExperiment experiment;
    experiment.dataset = dataset;
    for (const char* optimizer : {"esgd", "adam"}) {
      RunConfig config;
      config.field.hidden = {16, 16};
      config.optimizer.id = optimizer;
      config.training = {{"batch", 64}};
      Session session(resolve_config(config), dataset, std::make_shared<ThreadPool>(1));
      for (int step = 0; step < 40; ++step) {
        if (step == 10) session.apply(SetKnob{SetKnob::Target::optimizer, "lr", 0.003});
        if (step == 20) session.apply(SwitchOptimizer{{"sgd", {{"lr", 0.1}, {"momentum", 0.5}}}});
        session.step();
      }
      experiment.runs.push_back(session.checkpoint());
    }
    write_experiment(saved_, experiment);
  }

  int replayed() {
    Options options;
    options.files = {saved_.string()};
    options.threads = 2;
    options.quiet = true;
    testing::internal::CaptureStdout();
    const int code = run_replay(options);
    said_ = testing::internal::GetCapturedStdout();
    return code;
  }

  std::filesystem::path saved_;
  std::string said_;
};

TEST_F(Replay, GivesTheSameBitsThroughEverySwitch) {
  EXPECT_EQ(replayed(), ExitCode::done) << said_;
}

TEST_F(Replay, OneDifferentBitIsFound) {
  bool changed = false;
  for (const auto& entry : std::filesystem::directory_iterator(saved_)) {
    if (entry.path().extension() != ".safetensors" || changed) continue;
    std::string bytes = bytes_of(entry.path());
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    bytes[8 + header] = static_cast<char>(bytes[8 + header] ^ 1);  // last bit of the first weight
    std::ofstream(entry.path(), std::ios::binary) << bytes;
    changed = true;
  }
  ASSERT_TRUE(changed);
  EXPECT_EQ(replayed(), ExitCode::fell_short);
  EXPECT_NE(said_.find("1 of "), std::string::npos) << said_;
}

TEST_F(Replay, NeedsOneExperiment) {
  EXPECT_THROW(run_replay({}), UsageError);
  Options options;
  options.files = {(folder_ / "missing.fieldscope").string()};
  EXPECT_THROW(run_replay(options), DataError);
}

}  // namespace
}  // namespace fieldscope
