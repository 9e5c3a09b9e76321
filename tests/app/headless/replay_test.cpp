// A saved experiment trained again: the same bits, or a plain no.

#include <cstdint>
#include <cstring>
#include <optional>

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
        std::filesystem::path(FIELDSCOPE_TEST_FIXTURES) / "images" / "photo.png", 24, 16);
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

TEST_F(Replay, FollowsARunThatDivergedAndWentBack) {
  SavedExperiment experiment;
  experiment.dataset = load_image_dataset(
      std::filesystem::path(FIELDSCOPE_TEST_FIXTURES) / "images" / "photo.png", 24, 16);
  RunConfig config;
  config.field.hidden = {16, 16};
  config.optimizer = {"sgd", {{"lr", 0.05}}};
  config.training = {{"batch", 64}};
  const auto pool = std::make_shared<ThreadPool>(1);
  std::optional<Session> session;
  session.emplace(resolve_config(config), experiment.dataset, pool);
  const auto blow_up = [&] {
    session->apply(SetKnob{SetKnob::Target::optimizer, "lr", 1e4});
    const std::uint64_t from = session->progress().step;
    for (int step = 0; step < 1000 && !session->diverged(); ++step) session->step();
    ASSERT_TRUE(session->diverged());
    // Not the ruined weights just before, but those from before the rate changed, or nearly.
    const Snapshot now = session->snapshot();
    ASSERT_TRUE(now.kept_step);
    EXPECT_LE(*now.kept_step, from + 1);
    EXPECT_LT(now.kept_loss, 1);
    // The weights of any other step are gone, and asking for them changes nothing.
    EXPECT_THROW(session->apply(GoBack{*now.kept_step + 1000, 0.05}), UsageError);
    EXPECT_THROW(session->apply(GoBack{*now.kept_step, -1}), UsageError);
    EXPECT_TRUE(session->diverged());
    session->apply(GoBack{*now.kept_step, 0.05});
    for (int step = 0; step < 20; ++step) {
      session->step();
      ASSERT_FALSE(session->diverged());
    }
    EXPECT_LT(session->snapshot().loss, 2 * now.kept_loss);
  };
  for (int step = 0; step < 15; ++step) session->step();
  blow_up();
  // Saved and opened again, it has other weights to go back to than a run from the seed would.
  experiment.runs = {session->checkpoint()};
  write_experiment(saved_, experiment);
  session.emplace(read_experiment(saved_).runs[0], experiment.dataset, pool);
  blow_up();
  experiment.runs = {session->checkpoint()};
  write_experiment(saved_, experiment);
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
