#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/export/metrics_csv.h"
#include "engine/export/summary.h"

namespace fieldscope {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

History history_with_a_switch() {
  History history;
  const auto measured = [&](const Progress& at, double psnr, double mse, double loss, double lr) {
    QualityPoint point;
    point.at = at;
    point.psnr = psnr;
    point.mse = mse;
    point.epoch_loss = loss;
    point.lr = lr;
    history.quality.push_back(point);
  };
  measured({0, 0, 0, 0}, 5.5, 0.28, nan, 0.15);
  measured({128, 1, 2.5, 228}, 20.25, 0.0094, 0.04, 0.15);
  measured({256, 2, 5, 400}, 19, 0.0125, 0.01, 0.0001);
  history.events = {{{128, 1, 2.5, 228}, "-> Adam"}, {{256, 2, 5, 400}, "lr 0.05, again"}};
  return history;
}

MetricsRun run_with_a_switch(const History& history) {
  MetricsRun run;
  run.run = "esgd-sine";
  run.initial.optimizer.id = "esgd";
  run.edits = {{128, SwitchOptimizer{{"adam", {}}}}};
  run.history = &history;
  return run;
}

TEST(MetricsCsv, RowsForEvaluationsAndEventsInOrder) {
  const History history = history_with_a_switch();
  const MetricsRun run = run_with_a_switch(history);
  EXPECT_EQ(metrics_csv({&run, 1}),
            "run,optimizer,activation,step,epoch,train_seconds,gradient_evaluations,loss,psnr,iou,"
            "lr,event\n"
            "esgd-sine,esgd,sine,0,0,0,0,,5.5,,0.15,\n"
            "esgd-sine,esgd,sine,128,1,2.5,228,0.04,20.25,,0.15,\n"
            "esgd-sine,adam,sine,128,1,2.5,228,,,,,-> Adam\n"
            "esgd-sine,adam,sine,256,2,5,400,0.01,19,,0.0001,\n"
            "esgd-sine,adam,sine,256,2,5,400,,,,,\"lr 0.05, again\"\n");
}

TEST(MetricsCsv, NumbersReadBack) {
  EXPECT_EQ(csv_number(nan), "");
  EXPECT_EQ(csv_number(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(csv_number(0.1), "0.1");
  EXPECT_EQ(std::stod(csv_number(123456.789)), 123456.789);
  EXPECT_EQ(csv_text("a\"b"), "\"a\"\"b\"");
}

TEST(Summary, HoldsFinalAndBestAndSurvivesBadText) {
  const History history = history_with_a_switch();
  SummaryRun run;
  run.run = "esgd-sine";
  run.label = "ESGD \xff";
  run.status = "finished";
  run.initial.seed = 7;
  run.edits = run_with_a_switch(history).edits;
  run.progress = history.quality.back().at;
  run.samples_per_second = std::numeric_limits<double>::infinity();
  run.history = &history;
  SummaryHeader header;
  header.command = "train";
  header.data = "/pictures/\xfe.png";
  header.options_json = R"({"seed": 7})";
  const auto json = nlohmann::json::parse(summary_json(header, {&run, 1}));
  EXPECT_EQ(json["config"]["seed"], 7);
  const auto& summary = json["runs"][0];
  EXPECT_EQ(summary["final"]["psnr"], 19);
  EXPECT_EQ(summary["best"]["psnr"], 20.25);
  EXPECT_EQ(summary["best"]["step"], 128);
  EXPECT_EQ(summary["steps"], 256);
  EXPECT_EQ(summary["seed"], 7);
  EXPECT_EQ(summary["edits"][0]["step"], 128);
  EXPECT_TRUE(summary["samples_per_second"].is_null());
}

TEST(Summary, ARunWithoutMeasurementsHasNoFinal) {
  SummaryRun run;
  const auto json = nlohmann::json::parse(summary_json({}, {&run, 1}));
  EXPECT_TRUE(json["runs"][0]["final"].is_null());
  EXPECT_TRUE(json["runs"][0]["best"].is_null());
}

}  // namespace
}  // namespace fieldscope
