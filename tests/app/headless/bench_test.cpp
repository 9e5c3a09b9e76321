// What `bench` measures, from options to report. Speeds are never a pass mark.

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/headless/bench_report.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

using Json = nlohmann::json;

const VerbInterface verb = {"bench",
                            "speed",
                            "Measures.",
                            {"task", "samples", "network", "activation", "batch", "workload",
                             "hidden", "all", "repeats", "config"},
                            "",
                            {"batch"}};

Options parsed(const std::vector<std::string>& arguments) {
  return parse_arguments(verb, arguments).value();
}

BenchPlan planned(const std::vector<std::string>& arguments) {
  return plan_bench(parsed(arguments));
}

std::string refusal(const std::vector<std::string>& arguments) {
  try {
    planned(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "(accepted)";
}

/// "sine 512", ...
std::vector<std::string> groups_of(const BenchPlan& plan) {
  std::vector<std::string> names;
  for (const BenchGroup& group : plan.groups)
    names.push_back(group.field.activation + " " + std::to_string(group.batch));
  return names;
}

TEST(BenchPlan, ShowsSomethingOfEverythingByDefault) {
  const BenchPlan plan = planned({});
  EXPECT_EQ(groups_of(plan),
            (std::vector<std::string>{"sine 512", "sine 4096", "sine 16384", "sine 65536",
                                      "gaussian 16384", "wavelet 16384", "gabor 16384",
                                      "sinc 16384", "finer 16384", "relu 16384", "relu_pe 16384",
                                      "softplus 16384", "silu 16384", "tanh 16384"}));
  EXPECT_EQ(plan.repeats, 9);
  EXPECT_EQ(plan.groups[0].field.hidden, (std::vector<int>{256, 256, 256, 256}));
  std::vector<std::string> names;
  for (const Workload& workload : plan.workloads) names.push_back(workload.name);
  EXPECT_EQ(names, (std::vector<std::string>{"inference", "gradient", "product", "adam",
                                             "esgd:refresh_every=1", "esgd:refresh_every=10",
                                             "esgd:refresh_every=100"}));
}

TEST(BenchPlan, TakesWhatIsNamed) {
  EXPECT_EQ(planned({"--all"}).groups.size(), 44u);
  EXPECT_EQ(planned({"--batch", "512", "--batch", "64"}).groups.size(), 22u);
  EXPECT_EQ(groups_of(planned({"--activation", "relu,sine:omega=20", "--batch", "7,512"})),
            (std::vector<std::string>{"relu 7", "relu 512", "sine 7", "sine 512"}));
  EXPECT_EQ(planned({"--activation", "sine,sine:omega=20", "--batch", "9"}).groups.size(), 2u);
  EXPECT_EQ(planned({"--workload", "adam"}).groups.size(), 14u);
  const BenchPlan plan =
      planned({"--workload", "product,sgd", "--workload", "esgd", "--hidden", "8,4"});
  ASSERT_EQ(plan.workloads.size(), 3u);
  EXPECT_EQ(plan.workloads[0].kind, Workload::Kind::product);
  EXPECT_EQ(plan.workloads[1].kind, Workload::Kind::training);
  EXPECT_EQ(plan.workloads[2].optimizer.id, "esgd");
  EXPECT_EQ(plan.groups[3].field.hidden, (std::vector<int>{8, 4}));
}

TEST(BenchPlan, CountsRaysOfViews) {
  const BenchPlan plan = planned({"--task", "nerf", "--activation", "sine", "--samples", "16"});
  EXPECT_EQ(groups_of(plan), (std::vector<std::string>{"sine 64", "sine 1024"}));
  EXPECT_EQ(plan.training.at("samples"), 16);
  EXPECT_EQ(planned({"--task", "nerf"}).groups.size(), 12u);
}

TEST(BenchPlan, RefusesWhatItCannotMeasure) {
  EXPECT_NE(refusal({"--samples", "16"}).find("--task nerf"), std::string::npos);
  EXPECT_NE(refusal({"--workload", "gradiant"}).find("did you mean 'gradient'?"),
            std::string::npos);
  EXPECT_NE(refusal({"--workload", "esgd:refresh=1"}).find("refresh_every"), std::string::npos);
  EXPECT_NE(refusal({"--workload", "product:lr=1"}).find("has no knobs"), std::string::npos);
  EXPECT_NE(refusal({"--workload", "adam,adam"}).find("twice"), std::string::npos);
  EXPECT_NE(refusal({"--workload", "esgd:refresh_every=0"}).find("refresh_every"),
            std::string::npos);
  EXPECT_NE(refusal({"--batch", "512,512"}).find("twice"), std::string::npos);
  EXPECT_NE(refusal({"--activation", "sine,sine:omega=30"}).find("twice"), std::string::npos);
  EXPECT_NE(refusal({"--batch", "0"}).find("batch '0' is not valid"), std::string::npos);
  EXPECT_NE(refusal({"--batch", "512,"}).find("batch '' is not valid"), std::string::npos);
  EXPECT_NE(refusal({"--repeats", "0"}).find("repeats"), std::string::npos);
}

TEST(BenchPlan, OnlyBenchTakesSeveralBatches) {
  const VerbInterface train = {"train", "one run", "Trains.", {"batch", "config"}};
  EXPECT_THROW(parse_arguments(train, {"--batch", "512,64"}), UsageError);
  EXPECT_EQ(parse_arguments(train, {"--batch", "64"})->training.at("batch"), 64);
}

class BenchFiles : public TemporaryFolderTest {};

TEST_F(BenchFiles, ConfigurationHoldsLists) {
  const auto path = file("c.json",
                         R"({"batch": [32, 64], "workload": ["adam", "inference"], "repeats": 2,
                             "activation": "relu"})");
  const BenchPlan plan = planned({"--config", path.string()});
  EXPECT_EQ(groups_of(plan), (std::vector<std::string>{"relu 32", "relu 64"}));
  EXPECT_EQ(plan.workloads.size(), 2u);
  EXPECT_EQ(plan.repeats, 2);
}

/// A whole measurement of a tiny network.
BenchResult measured(const BenchPlan& plan, const BenchProgress& go_on) {
  return measure_bench(plan, std::make_shared<ThreadPool>(2), go_on);
}

TEST(BenchMeasure, EveryRowAddsUp) {
  const BenchPlan plan =
      planned({"--hidden", "8,8", "--activation", "sine,wavelet", "--batch", "24,48", "--workload",
               "inference,gradient,product,adam,esgd:refresh_every=1,esgd:refresh_every=4",
               "--repeats", "4"});
  double last = 0;
  const BenchResult result = measured(plan, [&](double share) {
    EXPECT_GE(share, last);
    last = share;
    return true;
  });
  EXPECT_FALSE(result.interrupted);
  EXPECT_GT(last, 0.5);
  EXPECT_LT(last, 1);
  EXPECT_GE(result.best_peak, result.median_peak);
  ASSERT_EQ(result.rows.size(), 4u * 6u);
  for (const BenchRow& row : result.rows) {
    EXPECT_EQ(row.pieces, 4u);
    EXPECT_GT(row.best_seconds, 0);
    EXPECT_GE(row.median_seconds, row.best_seconds);
    EXPECT_GT(row.possible_flops, 0);
  }
  const auto flops = [&](std::size_t i) { return result.rows[i].flops; };
  // Inference 2 * (16 + 64 + 24) a sample; the second batch is twice as large.
  EXPECT_EQ(flops(0), 24 * 2 * 104);
  EXPECT_EQ(flops(6), 2 * flops(0));
  EXPECT_EQ(flops(3), flops(1));
  EXPECT_EQ(flops(4), flops(2));
  EXPECT_FALSE(result.rows[4].composed);
  EXPECT_TRUE(result.rows[5].composed);
  EXPECT_DOUBLE_EQ(flops(5), (flops(2) + 3 * flops(1)) / 4);
}

TEST(BenchMeasure, MeasuresTheOtherTasks) {
  for (const std::vector<std::string>& task :
       {std::vector<std::string>{"--task", "nerf", "--samples", "8", "--network", "single"},
        {"--task", "occupancy"}}) {
    std::vector<std::string> arguments = {
        "--hidden", "8,8",        "--activation",          "sine", "--batch", "32", "--repeats",
        "1",        "--workload", "inference,product,adam"};
    arguments.insert(arguments.end(), task.begin(), task.end());
    const BenchResult result = measured(planned(arguments), [](double) { return true; });
    ASSERT_EQ(result.rows.size(), 3u);
    const bool rays = task[1] == "nerf";
    // Of a ray 8 samples of a place and a direction, to a colour and a density.
    const int expected = rays ? 32 * 8 * 2 * (6 * 8 + 64 + 8 * 4) : 32 * 2 * (3 * 8 + 64 + 8);
    EXPECT_EQ(result.rows[0].flops, expected) << task[1];
    EXPECT_GT(result.rows[2].best_seconds, 0);
  }
}

TEST(BenchMeasure, EndsWhenAskedTo) {
  const BenchPlan plan = planned({"--hidden", "4", "--activation", "relu", "--batch", "8,16",
                                  "--workload", "inference", "--repeats", "1"});
  int asked = 0;
  const BenchResult result = measured(plan, [&](double) { return ++asked <= 2; });
  EXPECT_TRUE(result.interrupted);
  ASSERT_EQ(result.rows.size(), 1u);  // of the first batch
  EXPECT_EQ(result.rows[0].group, 0u);
}

TEST(BenchReport, SaysAllAndAddsUp) {
  const BenchPlan plan = planned({"--activation", "relu_pe:levels=2", "--batch", "500",
                                  "--workload", "adam", "--repeats", "3"});
  BenchResult result;
  result.best_peak = 100;
  result.median_peak = 90;
  result.peaks = 7;
  BenchRow row;
  row.flops = 1e9;
  row.pieces = 3;
  row.best_seconds = 0.02;  // 50 GFLOP/s
  row.median_seconds = 0.025;
  row.possible_flops = 1.6e9;
  result.rows = {row};
  const BenchMachine machine = {"Some CPU", "AVX2", 2, 84'000'000};

  const Json json = Json::parse(bench_json(plan, result, machine));
  EXPECT_EQ(json["command"], "bench");
  EXPECT_EQ(json["machine"]["simd"], "AVX2");
  EXPECT_EQ(json["peak_gflops"]["best"], 100);
  EXPECT_EQ(json["peak_memory_bytes"], 84'000'000);
  EXPECT_FALSE(json.contains("peak_copy_gigabytes_per_second"));
  const Json& written = json["rows"].at(0);
  EXPECT_EQ(written["activation"], "relu_pe");
  EXPECT_EQ(written["activation_knobs"]["levels"], 2);
  EXPECT_EQ(written["batch"], 500);
  EXPECT_EQ(written["workload"], "adam");
  EXPECT_DOUBLE_EQ(written["ms"], 20);
  EXPECT_DOUBLE_EQ(written["median_ms"], 25);
  EXPECT_DOUBLE_EQ(written["samples_per_second"], 25000);
  EXPECT_DOUBLE_EQ(written["gflops"], 50);
  EXPECT_DOUBLE_EQ(written["share_of_peak"], 0.5);
  EXPECT_DOUBLE_EQ(written["paired_share_of_peak"], 0.625);

  const std::string table = bench_table(plan, result, machine);
  for (const char* part :
       {"Some CPU, AVX2, 2 threads", "FMA peak 100.0 GFLOP/s", "relu_pe:levels=2, batch 500",
        "20.00", "25.0 k", "50.0%", "62.5%", "Peak memory 84 MB"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << "\n" << table;
  }
}

}  // namespace
}  // namespace fieldscope
