#include "app/headless/options.h"

#include <nlohmann/json.hpp>

#include "app/headless/plan.h"
#include "app/headless/results.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

const VerbInterface verb = {"train", "one run", "Trains.", training_options()};

/// `lists` are the training knobs that may be lists, as with compare.
Options parsed(const std::vector<std::string>& arguments, const std::set<std::string>& lists = {}) {
  VerbInterface other = verb;
  other.lists = lists;
  return parse_arguments(other, arguments).value();
}

template <class Error>
std::string refusal(const std::vector<std::string>& arguments) {
  try {
    parsed(arguments);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

class CommandLine : public TemporaryFolderTest {
 protected:
  std::string config(const std::string& json) { return file("config.json", json).string(); }
};

TEST_F(CommandLine, Defaults) {
  const Options options = parsed({});
  EXPECT_FALSE(options.data);
  EXPECT_EQ(options.budget.kind, Budget::Kind::epochs);
  EXPECT_EQ(options.budget.amount, 10);
  EXPECT_EQ(options.seeds, (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(options.width, 0);
  EXPECT_FALSE(options.quiet);
}

TEST_F(CommandLine, ReadsEveryOption) {
  const Options options = parsed({"--task",      "image",        "--data",
                                  "a.png",       "--activation", "sine:omega=20,relu",
                                  "--optimizer", "esgd:lr=0.1",  "--optimizer=adam",
                                  "--hidden",    "64,32",        "--batch",
                                  "128",         "--eval-every", "2",
                                  "--size",      "40x30",        "--steps",
                                  "7",           "--seeds",      "3,4",
                                  "--device",    "cpu",          "--threads",
                                  "2",           "--out",        "o",
                                  "--quiet",     "--json"});
  EXPECT_EQ(*options.data, "a.png");
  ASSERT_EQ(options.activations.size(), 2u);
  EXPECT_EQ(options.activations[0].hidden, (std::vector<int>{64, 32}));
  ASSERT_EQ(options.optimizers.size(), 2u);
  EXPECT_EQ(options.optimizers[1].id, "adam");
  EXPECT_EQ(options.training, (KnobValues{{"batch", 128}, {"eval_every", 2}}));
  EXPECT_EQ(options.width, 40);
  EXPECT_EQ(options.height, 30);
  EXPECT_EQ(options.budget.kind, Budget::Kind::steps);
  EXPECT_EQ(options.budget.amount, 7);
  EXPECT_EQ(options.seeds, (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(options.threads, 2);
  EXPECT_EQ(options.out, "o");
  EXPECT_TRUE(options.quiet);
  EXPECT_TRUE(options.json);
}

TEST_F(CommandLine, WrongValuesAreRefused) {
  for (const std::vector<std::string>& bad : std::vector<std::vector<std::string>>{
           {"--size", "256"},
           {"--size", "0x5"},
           {"--size", "5x"},
           {"--size", "-3x4"},
           {"--size", "100000x100000"},
           {"--hidden", "64,"},
           {"--hidden", "0"},
           {"--hidden", "64,x"},
           {"--hidden", "100000"},
           {"--batch", "0"},
           {"--batch", "1.5"},
           {"--precision", "f16"},
           {"--precision", ""},
           {"--precision", "f32,tf32"},
           {"--epochs", "0"},
           {"--epochs", "-1"},
           {"--epochs", "nan"},
           {"--steps", "0"},
           {"--steps", "1.5"},
           {"--seconds", "0"},
           {"--seed", "-1"},
           {"--seed", "x"},
           {"--seeds", "1,1"},
           {"--seeds", ""},
           {"--threads", "-1"},
           {"--threads", "100000"},
           {"--device", "gpu"},
           {"--task", "imge"},
           {"--task", "nerf", "--samples", "2"},
           {"--task", "nerf", "--network", "double"},
           {"--task", "image", "--samples", "64"},
           {"--task", "nerf", "--resolution", "32"},
           {"--task", "image", "--resolution", "32"},
           {"--task", "nerf", "--data", "picture.png"},
           {"--out", ""},
           {"--optimizer", "esgd:lr=nan"},
           {"--epochs", "1", "--steps", "1"},
           {"--seed", "1", "--seeds", "2"},
           {"--optimizer"},
           {"--nonsense"},
           {"picture.png"},
       }) {
    const std::string message = refusal<UsageError>(bad);
    EXPECT_NE(message, "") << bad.front() << ' ' << bad.back();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST_F(CommandLine, RefusalsHelp) {
  EXPECT_NE(refusal<UsageError>({"--optimiser", "adam"}).find("'--optimizer'"), std::string::npos);
  EXPECT_NE(refusal<UsageError>({"a.png"}).find("--data a.png"), std::string::npos);
  EXPECT_NE(refusal<UsageError>({"--task", "nerf", "--data", "a.png"}).find("transforms.json"),
            std::string::npos);
  EXPECT_NE(refusal<UsageError>({"--samples", "64"}).find("belongs to --task nerf"),
            std::string::npos);
  EXPECT_NE(refusal<DeviceError>({"--device", "cuda"}), "");
  EXPECT_NE(refusal<DeviceError>({"--device", "cuda:1"}), "");
}

TEST_F(CommandLine, ConfigFileFillsWhatTheCommandLineLeavesOpen) {
  const std::string path = config(
      R"({"optimizer": ["esgd:lr=0.1", "adam"], "hidden": [64, 64], "batch": 100, "steps": 5,
          "seeds": [1, 2], "size": [30, 20], "quiet": true, "activation": "relu"})");
  const Options from_file = parsed({"--config", path});
  EXPECT_EQ(from_file.optimizers.size(), 2u);
  EXPECT_EQ(from_file.hidden, (std::vector<int>{64, 64}));
  EXPECT_EQ(from_file.budget.kind, Budget::Kind::steps);
  EXPECT_EQ(from_file.width, 30);
  EXPECT_EQ(from_file.seeds.size(), 2u);
  EXPECT_TRUE(from_file.quiet);

  const Options mixed =
      parsed({"--epochs", "3", "--seed", "9", "--activation", "sine", "--config", path});
  EXPECT_EQ(mixed.budget.kind, Budget::Kind::epochs);
  EXPECT_EQ(mixed.seeds, (std::vector<std::uint64_t>{9}));
  EXPECT_EQ(mixed.activations.front().activation, "sine");
  EXPECT_EQ(mixed.optimizers.size(), 2u);
}

TEST_F(CommandLine, ConfigFileMistakesAreNamed) {
  const auto usage = [&](const char* json) {
    return refusal<UsageError>({"--config", config(json)});
  };
  EXPECT_NE(usage(R"({"optimiser": "adam"})").find("'optimizer'"), std::string::npos);
  EXPECT_NE(usage(R"({"optimizer": {"adam": 1}})"), "");
  EXPECT_NE(usage(R"({"batch": "many"})"), "");
  EXPECT_NE(usage(R"({"steps": 1, "epochs": 1})"), "");
  EXPECT_NE(refusal<DataError>({"--config", config("{")}), "");
  EXPECT_NE(refusal<DataError>({"--config", config("[1]")}), "");
  EXPECT_NE(refusal<DataError>({"--config", config("{\n\"seconds\": NaN}")})
                .find("it has NaN at line 2, column 12"),
            std::string::npos);
  EXPECT_NE(refusal<DataError>({"--config", (folder_ / "missing.json").string()}), "");
  EXPECT_NE(refusal<DataError>({"--config", folder_.string()}), "");
}

TEST_F(CommandLine, WrittenOptionsReadBack) {
  const Options options = parsed({"--data", "a b.png", "--activation", "sine:omega=20",
                                  "--optimizer", "esgd:lr=0.1,adam", "--seeds", "1,2", "--seconds",
                                  "2.5", "--batch", "64", "--hidden", "8,8"});
  const Options again = parsed({"--config", config(options_json(options))});
  EXPECT_EQ(again.optimizers, options.optimizers);
  EXPECT_EQ(again.activations, options.activations);
  EXPECT_EQ(again.hidden, options.hidden);
  EXPECT_EQ(again.training, options.training);
  EXPECT_EQ(again.seeds, options.seeds);
  EXPECT_EQ(again.budget.kind, options.budget.kind);
  EXPECT_EQ(again.budget.amount, options.budget.amount);
  EXPECT_EQ(*again.data, std::filesystem::absolute("a b.png"));
}

TEST_F(CommandLine, WrittenOptionsOfOtherTasksReadBack) {
  const Options scene = parsed({"--task", "nerf", "--network", "head", "--space", "box",
                                "--density", "exp", "--background", "black", "--grid", "off",
                                "--samples", "9", "--density-scale", "2.5"});
  const std::string said = options_json(scene);
  for (const char* words : {R"("network":"head")", R"("background":"black")", R"("grid":"off")"})
    EXPECT_NE(said.find(words), std::string::npos) << said;
  EXPECT_EQ(scene.training.size(), 7u);
  EXPECT_EQ(parsed({"--config", config(said)}).training, scene.training);

  const Options surface = parsed({"--task", "occupancy", "--spread", "0.05", "--resolution", "17",
                                  "--curvature-every", "7", "--curvature", "batch=64:steps=12"});
  const Options again = parsed({"--config", config(options_json(surface))});
  EXPECT_EQ(again.training, surface.training);
  EXPECT_EQ(again.resolution, 17);
  EXPECT_EQ(again.curvature_every, 7u);
  EXPECT_EQ(again.curvature, surface.curvature);
}

TEST_F(CommandLine, ASummaryIsAConfiguration) {
  const Options options = parsed(
      {"--config",
       config(R"({"program": "fieldscope", "config": {"steps": 12}, "runs": [{"steps": 99}]})")});
  EXPECT_EQ(options.budget.amount, 12);
}

TEST(Plan, EveryOptimizerWithEveryActivation) {
  const auto plans =
      plan_compare(parsed({"--optimizer", "esgd,adam", "--activation", "sine,relu_pe"}), 5);
  ASSERT_EQ(plans.size(), 4u);
  EXPECT_EQ(plans[0].name, "esgd-sine");
  EXPECT_EQ(plans[3].name, "adam-relu_pe");
  EXPECT_EQ(plans[3].label, "Adam · ReLU + PE");
  EXPECT_EQ(plans[3].config.optimizer.knobs.at("lr"), 1e-3) << "the preset of the activation";
  EXPECT_EQ(plans[0].config.seed, 5u);
  EXPECT_EQ(common_label(plans), "");
}

TEST(Plan, LabelsHoldWhatDiffers) {
  const auto optimizers = plan_compare(parsed({"--optimizer", "esgd,adam"}), 0);
  EXPECT_EQ(optimizers[0].label, "ESGD");
  EXPECT_EQ(common_label(optimizers), "sine");
  const auto activations =
      plan_compare(parsed({"--optimizer", "adam", "--activation", "sine,relu"}), 0);
  EXPECT_EQ(activations[1].label, "ReLU");
  EXPECT_EQ(common_label(activations), "Adam");
  const auto twins = plan_compare(parsed({"--optimizer", "adam:lr=0.001,adam:lr=0.01,sgd"}), 0);
  EXPECT_EQ(twins[0].label, "Adam lr 0.001");
  EXPECT_EQ(twins[1].name, "adam-sine-lr=0.01");
  EXPECT_EQ(twins[2].name, "sgd-sine");
}

TEST(Plan, PrecisionsSideBySide) {
  const Options options = parsed({"--precision", "f32,bf16", "--optimizer", "adam"}, {"precision"});
  EXPECT_EQ(options.precisions, (std::vector<double>{0, 2}));
  const auto plans = plan_compare(options, 0);
  ASSERT_EQ(plans.size(), 2u);
  EXPECT_EQ(plans[0].label, "Adam precision f32");
  EXPECT_EQ(plans[1].name, "adam-sine-precision=bf16");
  EXPECT_EQ(arithmetic_of(plans[0].config), Arithmetic::f32);
  EXPECT_EQ(arithmetic_of(plans[1].config), Arithmetic::bf16);
  EXPECT_NE(options_json(options).find(R"("precision":["f32","bf16"])"), std::string::npos);
  EXPECT_NE(options_json(options_of_run(options, plans[1].config)).find(R"("precision":"bf16")"),
            std::string::npos);
  for (const char* bad : {"f32,f32", "f32,f16", ""})
    EXPECT_THROW(parsed({"--precision", bad}, {"precision"}), UsageError) << bad;
  // Of one run, one.
  EXPECT_EQ(parsed({"--precision", "tf32"}).training, (KnobValues{{"precision", 1}}));
}

TEST(Plan, DefaultsAndRefusals) {
  EXPECT_EQ(plan_compare(parsed({}), 0).size(), 2u);
  EXPECT_EQ(plan_compare(parsed({"--activation", "sine,relu"}), 0).size(), 2u);
  EXPECT_THROW(plan_compare(parsed({"--optimizer", "adam,adam"}), 0), UsageError);
  EXPECT_THROW(plan_train(parsed({"--optimizer", "adam,sgd"})), UsageError);
  EXPECT_THROW(plan_train(parsed({"--activation", "sine,relu"})), UsageError);
  EXPECT_THROW(plan_train(parsed({"--seeds", "1,2"})), UsageError);
  EXPECT_EQ(plan_train(parsed({})).label, "ESGD · sine");
  EXPECT_EQ(hidden_text({256, 256}), "2 × 256");
  EXPECT_EQ(hidden_text({8, 4}), "8, 4");
}

}  // namespace
}  // namespace fieldscope
