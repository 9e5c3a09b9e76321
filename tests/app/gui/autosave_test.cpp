// Sessions are kept without being asked, and found again by the next window.
#include "app/gui/autosave.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "app/gui/format.h"
#include "engine/experiment/presets.h"
#include "engine/experiment/saved.h"
#include "engine/math/error.h"

namespace fieldscope::gui {
namespace {

namespace fs = std::filesystem;

class Autosaves : public testing::Test {
 protected:
  Autosaves() {
    fs::remove_all(folder_);
    auto dataset = demo_image_dataset(16);
    Experiment::Settings settings;
    settings.threads = 1;
    settings.start_paused = true;
    experiment_ = std::make_unique<Experiment>(dataset, settings);
    RunConfig config;
    config.optimizer.id = "adam";
    config.field.hidden = {8};
    experiment_->add(config);
  }
  ~Autosaves() override { fs::remove_all(folder_); }

  // Ticks at `now` until the save that is under way has ended.
  bool saved(Autosave& autosave, std::uint64_t state, double now) {
    for (int i = 0; i < 500; ++i) {
      if (autosave.tick(*experiment_, state, now)) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  std::size_t sessions() const {
    if (!fs::exists(folder_)) return 0;
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_ =
      fs::temp_directory_path() / ("fieldscope-autosave-" + std::to_string(getpid()));
  std::unique_ptr<Experiment> experiment_;
};

TEST_F(Autosaves, OnceAMinuteIfSomethingChanged) {
  Autosave autosave(folder_);
  EXPECT_TRUE(autosave.earlier().empty());
  EXPECT_FALSE(autosave.tick(*experiment_, 1, 100));
  EXPECT_FALSE(autosave.tick(*experiment_, 2, 159));
  EXPECT_EQ(sessions(), 0u);
  EXPECT_TRUE(saved(autosave, 3, 160));
  EXPECT_EQ(sessions(), 1u);
  EXPECT_FALSE(autosave.tick(*experiment_, 3, 1000));  // nothing has changed
  EXPECT_TRUE(saved(autosave, 4, 1001));
  EXPECT_EQ(sessions(), 1u);  // the same session, in the same place

  const Autosave next(folder_);
  ASSERT_EQ(next.earlier().size(), 1u);
  EXPECT_EQ(next.earlier()[0].dataset, "lighthouse (demo)");
  EXPECT_EQ(next.earlier()[0].when.substr(0, 6), "today ");
  EXPECT_EQ(read_experiment(next.earlier()[0].folder).runs.size(), 1u);
}

TEST_F(Autosaves, ShortSessionsLeaveNothing) {
  {
    Autosave autosave(folder_);
    autosave.tick(*experiment_, 1, 0);
    autosave.finish(*experiment_, 2, 59);
    EXPECT_EQ(sessions(), 0u);
  }
  Autosave autosave(folder_);
  autosave.tick(*experiment_, 1, 0);
  autosave.finish(*experiment_, 2, 61);
  EXPECT_EQ(sessions(), 1u);
}

TEST_F(Autosaves, AnotherDatasetBeginsAnotherSession) {
  Autosave autosave(folder_);
  autosave.tick(*experiment_, 1, 0);
  const fs::path left = autosave.begin_another(*experiment_, 2, 70);
  ASSERT_EQ(autosave.earlier().size(), 1u);
  EXPECT_EQ(autosave.earlier()[0].folder, left);
  experiment_->set_dataset(demo_image_dataset(8));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // names tell seconds apart
  autosave.finish(*experiment_, 3, 140);
  EXPECT_EQ(sessions(), 2u);
  EXPECT_EQ(read_experiment(left).runs.size(), 1u);
  EXPECT_TRUE(autosave.begin_another(*experiment_, 4, 141) != left);
  EXPECT_TRUE(autosave.begin_another(*experiment_, 5, 142).empty());
}

TEST_F(Autosaves, TheOldestGo) {
  for (int i = 0; i < 8; ++i) {
    const fs::path session =
        folder_ / ("picture 2026-01-0" + std::to_string(i) + " 10.00.00.fieldscope");
    fs::create_directories(session);
    std::ofstream(session / "experiment.json") << "{}";
    fs::last_write_time(session / "experiment.json",
                        fs::file_time_type::clock::now() - std::chrono::hours(100 - i));
  }
  fs::create_directories(folder_ / "no session");
  const Autosave autosave(folder_);
  ASSERT_EQ(autosave.earlier().size(), Autosave::kept);
  EXPECT_NE(autosave.earlier()[0].folder.string().find("2026-01-07"), std::string::npos);
  EXPECT_EQ(autosave.earlier()[0].dataset, "picture");
  EXPECT_EQ(sessions(), Autosave::kept + 1);
}

TEST_F(Autosaves, TroubleIsToldOnce) {
  std::ofstream(folder_) << "a file where the folder should be";
  Autosave autosave(folder_);
  autosave.tick(*experiment_, 1, 0);
  EXPECT_THROW(saved(autosave, 2, 60), DataError);
  EXPECT_FALSE(autosave.tick(*experiment_, 3, 120));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_NO_THROW(autosave.tick(*experiment_, 3, 121));
  autosave.finish(*experiment_, 4, 122);
}

TEST(Format, DaysAsPeopleSayThem) {
  const std::time_t noon = 1764000000;  // 24 November 2025
  EXPECT_EQ(format_day(noon, noon).substr(0, 6), "today ");
  EXPECT_EQ(format_day(noon - 24 * 3600, noon).substr(0, 10), "yesterday ");
  EXPECT_NE(format_day(noon - 10 * 24 * 3600, noon).find(" Nov "), std::string::npos);
}

}  // namespace
}  // namespace fieldscope::gui
