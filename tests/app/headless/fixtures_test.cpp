#include "app/headless/fixtures.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;
using Outcome = FixtureRow::Outcome;

const fs::path references = fs::path(FIELDSCOPE_TEST_FIXTURES) / "reference";

class Fixtures : public TemporaryFolderTest {
 protected:
  /// A reference file with one number or member changed.
  template <class Change>
  FixtureRow::Outcome changed(const char* name, const Change& change) {
    auto json = nlohmann::json::parse(bytes_of(references / name));
    change(json);
    bool failed = false;
    for (const FixtureRow& row : check_fixture(file(name, json.dump()), pool_)) {
      failed = failed || row.outcome == Outcome::failed;
    }
    return failed ? Outcome::failed : Outcome::passed;
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
};

TEST_F(Fixtures, AllOfThemPassInBothPrecisions) {
  const auto files = find_fixtures(references);
  EXPECT_EQ(files.size(), 39u);
  for (const fs::path& path : files) {
    const auto rows = check_fixture(path, pool_);
    ASSERT_EQ(rows.size(), 2u) << path;
    for (const FixtureRow& row : rows) {
      EXPECT_EQ(row.outcome, Outcome::passed) << row.file << ' ' << row.reason;
      EXPECT_GE(row.errors.size(), 3u);
    }
    EXPECT_EQ(rows[0].precision, Precision::f64);
    EXPECT_EQ(rows[1].precision, Precision::f32);
  }
}

TEST_F(Fixtures, AWrongNumberFails) {
  const auto scaled = [](const char* key) {
    return [key](nlohmann::json& json) {
      for (auto& value : json[key]) value = value.get<double>() * (1 + 1e-7);
    };
  };
  for (const char* key : {"hessian", "eigenvalues", "equilibration", "jacobi"}) {
    EXPECT_EQ(changed("hessian-mse-sine.json", scaled(key)), Outcome::failed) << key;
  }
  for (const char* key : {"y", "gradient", "hessian_vector", "gauss_newton_vector"}) {
    EXPECT_EQ(changed("derivatives-mse-sine.json", scaled(key)), Outcome::failed) << key;
  }
  const auto loss = [](nlohmann::json& json) {
    json["loss_value"] = json["loss_value"].get<double>() + 1e-6;
  };
  EXPECT_EQ(changed("derivatives-mse-sine.json", loss), Outcome::failed);
  const auto late = [](nlohmann::json& json) {
    json["losses"].back() = json["losses"].back().get<double>() + 1e-4;
  };
  EXPECT_EQ(changed("trajectory-adam-relu_pe.json", late), Outcome::failed);
  const auto another_rate = [](nlohmann::json& json) { json["hyperparameters"]["lr"] = 0.2; };
  EXPECT_EQ(changed("trajectory-esgd-gaussian.json", another_rate), Outcome::failed);
  const auto another_probe = [](nlohmann::json& json) {
    json["probes"][0][0] = -json["probes"][0][0].get<double>();
  };
  EXPECT_EQ(changed("trajectory-esgd-gaussian.json", another_probe), Outcome::failed);
  EXPECT_EQ(changed("trajectory-sgd-sine.json", [](nlohmann::json&) {}), Outcome::passed);
}

TEST_F(Fixtures, DamagedFilesFailWithAReason) {
  for (const char* text : {"", "{", "[]", R"({"activation": "sine"})"}) {
    const auto rows = check_fixture(file("derivatives-x.json", text), pool_);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].outcome, Outcome::failed) << text;
    EXPECT_NE(rows[0].reason, "");
  }
  const auto shorter = [](nlohmann::json& json) { json["x"].erase(0); };
  EXPECT_EQ(changed("derivatives-mse-sine.json", shorter), Outcome::failed);
  const auto renamed = [](nlohmann::json& json) { json["parameter_names"][0] = "other"; };
  EXPECT_EQ(changed("derivatives-mse-sine.json", renamed), Outcome::failed);
  const auto no_probe = [](nlohmann::json& json) { json["probes"][0] = nullptr; };
  EXPECT_EQ(changed("trajectory-esgd-gaussian.json", no_probe), Outcome::failed);
}

// Shampoo on a sine field amplifies roundings a hundredfold a step.
TEST_F(Fixtures, ATrajectoryThatRoundingDecidesIsOpenNotPassed) {
  const fs::path path =
      fs::path(FIELDSCOPE_TEST_FIXTURES) / "undetermined" / "trajectory-shampoo-sine.json";
  const auto rows = check_fixture(path, pool_);
  ASSERT_EQ(rows.size(), 2u);
  for (const FixtureRow& row : rows) {
    EXPECT_EQ(row.outcome, Outcome::undetermined);
    EXPECT_NE(row.reason.find("rounding"), std::string::npos) << row.reason;
    EXPECT_GT(row.errors[0].rounding, row.errors[0].tolerance);
  }
  EXPECT_LT(rows[0].errors[1].relative, 1e-9);  // the first step
  // What is determined must be right.
  auto json = nlohmann::json::parse(bytes_of(path));
  json["losses"][2] = json["losses"][2].get<double>() * (1 + 1e-5);
  EXPECT_EQ(check_fixture(file("trajectory-x.json", json.dump()), pool_)[0].outcome,
            Outcome::failed);
  json = nlohmann::json::parse(bytes_of(path));
  json["hyperparameters"]["momentum"] = 0.89;
  EXPECT_EQ(check_fixture(file("trajectory-x.json", json.dump()), pool_)[0].outcome,
            Outcome::failed);
}

TEST_F(Fixtures, WhatComesLaterIsSaidAndDoesNotFail) {
  auto json = nlohmann::json::parse(bytes_of(references / "trajectory-sgd-sine.json"));
  json["optimizer"] = "lion";
  const auto later = check_fixture(file("trajectory-lion-sine.json", json.dump()), pool_);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].outcome, Outcome::not_yet);
  EXPECT_NE(later[0].reason.find("lion"), std::string::npos);
}

TEST_F(Fixtures, VolumeRenderingIsHeldToTheReference) {
  const auto path = references / "volume-rendering.json";
  const auto rows = check_fixture(path, pool_);
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& row : rows) EXPECT_EQ(row.outcome, Outcome::passed) << row.reason;
  ASSERT_EQ(rows[0].errors.size(), 6u);
  for (const auto& error : rows[0].errors) EXPECT_LT(error.relative, 1e-12) << error.what;
  const auto with = [&](const char* key, double change) {
    auto json = nlohmann::json::parse(bytes_of(path));
    json[key][5] = json[key][5].get<double>() + change;
    return check_fixture(file("volume-rendering.json", json.dump()), pool_)[0].outcome;
  };
  for (const char* key :
       {"raw", "z", "target", "colour", "weights", "gradient", "v", "hessian_vector"}) {
    EXPECT_EQ(with(key, 1e-4), Outcome::failed) << key;
    EXPECT_EQ(with(key, 0), Outcome::passed) << key;
  }
  for (const char* damaged : {"{}", R"({"rays": 2, "samples": 3, "z": [1]})"})
    EXPECT_EQ(check_fixture(file("volume-rendering.json", damaged), pool_)[0].outcome,
              Outcome::failed);
}

TEST_F(Fixtures, AFolderWithoutAnyIsRefused) {
  EXPECT_THROW(find_fixtures(folder_), DataError);
  EXPECT_THROW(find_fixtures(folder_ / "missing"), DataError);
  EXPECT_THROW(find_fixtures(file("a", "")), DataError);
}

TEST(RelativeError, IsStrictAboutSizesAndNaN) {
  EXPECT_NEAR(relative_error({1, 2}, {1, 2.2}), 0.2 / std::sqrt(1 + 2.2 * 2.2), 1e-15);
  EXPECT_EQ(relative_error({3}, {0}), 3);
  EXPECT_TRUE(std::isinf(relative_error({1}, {1, 2})));
  EXPECT_TRUE(std::isinf(relative_error({std::nan("")}, {1})));
}

}  // namespace
}  // namespace fieldscope
