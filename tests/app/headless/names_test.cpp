#include "app/headless/names.h"

#include <gtest/gtest.h>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

template <class Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

const std::vector<std::string> fruit = {"apple", "pear", "quince"};

TEST(Names, NearestIsWhatWasMeant) {
  EXPECT_EQ(nearest_name("aple", fruit), "apple");
  EXPECT_EQ(nearest_name("pera", fruit), "pear") << "two letters swapped";
  EXPECT_EQ(nearest_name("PEAR", fruit), "pear");
  EXPECT_EQ(nearest_name("qui", fruit), "quince") << "a beginning";
  EXPECT_EQ(nearest_name("banana", fruit), "");
  EXPECT_EQ(nearest_name("", fruit), "");
}

TEST(Names, RefusalListsAllAndTheNearest) {
  const std::string message = refusal([] { refuse_name("fruit", "paer", fruit); });
  EXPECT_EQ(message, "unknown fruit 'paer'; did you mean 'pear'? Valid: apple, pear, quince");
  EXPECT_EQ(refusal([] { refuse_name("fruit", "banana", fruit); }),
            "unknown fruit 'banana'; choose one of apple, pear, quince");
}

TEST(Names, Split) {
  EXPECT_EQ(split("a, b ,c", ','), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(split("a,", ','), (std::vector<std::string>{"a", ""}));
  EXPECT_TRUE(split("", ',').empty());
}

TEST(Names, NumbersAreReadWholeOrRefused) {
  EXPECT_EQ(parse_number("x", "1e-3", 0, 1), 1e-3);
  EXPECT_EQ(parse_whole("n", "18446744073709551615", 0, ~std::uint64_t{0}), ~std::uint64_t{0});
  for (const char* bad : {"", "1x", "nan", "inf", "2", "-1", " 1", "0x1", "1e999"}) {
    EXPECT_NE(refusal([&] { parse_number("x", bad, 0, 1); }), "") << bad;
  }
  for (const char* bad : {"", "1.5", "-1", "+1", "1e3", "18446744073709551616"}) {
    EXPECT_NE(refusal([&] { parse_whole("n", bad, 0, ~std::uint64_t{0}); }), "") << bad;
  }
}

TEST(KnobSyntax, ReadsKnobsAndLeavesOthersOut) {
  const OptimizerSpec spec = parse_optimizer("esgd:lr=0.1:refresh_every=50");
  EXPECT_EQ(spec.id, "esgd");
  EXPECT_EQ(spec.knobs, (KnobValues{{"lr", 0.1}, {"refresh_every", 50}}));
  EXPECT_TRUE(parse_optimizer("adam").knobs.empty());
  const FieldSpec field = parse_activation("sine:omega=20");
  EXPECT_EQ(field.activation, "sine");
  EXPECT_EQ(field.knobs, (KnobValues{{"omega", 20}}));
}

TEST(KnobSyntax, WrittenTextReadsBackExactly) {
  for (const char* text : {"esgd:lr=0.1:refresh_every=50:bias_correction=refreshes",
                           "adam:lr=0.0003000000001", "sgd"}) {
    const OptimizerSpec spec = parse_optimizer(text);
    EXPECT_EQ(parse_optimizer(optimizer_text(spec)), spec) << optimizer_text(spec);
  }
  const FieldSpec field = parse_activation("wavelet:omega=12.345678901234567");
  EXPECT_EQ(parse_activation(activation_text(field)), field);
  const KnobValues training = parse_training(TaskKind::nerf, "samples=96:density=exp");
  EXPECT_EQ(training, (KnobValues{{"samples", 96}, {"density", 1}}));
  EXPECT_EQ(training_text(TaskKind::nerf, training), "samples=96:density=exp");
  EXPECT_EQ(training_text(TaskKind::nerf, {}), "");
}

TEST(KnobSyntax, MistakesAreNamed) {
  const auto message = [](const char* text) { return refusal([&] { parse_optimizer(text); }); };
  EXPECT_NE(message("esdg").find("did you mean 'esgd'?"), std::string::npos);
  EXPECT_NE(message("").find("unknown optimizer ''"), std::string::npos);
  EXPECT_NE(message("esgd:learning_rate=1").find("unknown knob of esgd"), std::string::npos);
  EXPECT_NE(message("esgd:refresh_evry=1").find("'refresh_every'"), std::string::npos);
  EXPECT_NE(message("esgd:lr").find("esgd:knob=value"), std::string::npos);
  for (const char* bad : {"esgd:lr=nan", "esgd:lr=-1", "esgd:lr=inf", "esgd:lr=1e9",
                          "esgd:lr=", "esgd:refresh_every=1.5", "esgd:bias_correction=3"}) {
    EXPECT_NE(message(bad), "") << bad;
  }
  EXPECT_NE(refusal([] { parse_activation("wave"); }).find("'wavelet'"), std::string::npos);
}

}  // namespace
}  // namespace fieldscope
