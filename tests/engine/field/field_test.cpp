// Layout, names and initial weights of a field, and what a field of another kind takes over.
#include "engine/field/field.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "engine/field/objective.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

std::vector<double> values_of(const ParameterTensor& tensor, const std::vector<double>& weights) {
  const auto first = weights.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
  return {first, first + static_cast<std::ptrdiff_t>(tensor.size)};
}

const ParameterTensor& tensor_of(const Field& field, const std::string& name) {
  for (const ParameterTensor& tensor : field.tensors())
    if (tensor.name == name) return tensor;
  throw std::logic_error("no tensor " + name);
}

struct Layout {
  std::string activation;
  std::vector<int> hidden;
  int coordinates, outputs;
  std::size_t parameters, tensors;
};

TEST(Field, CountsItsParameters) {
  const Layout layouts[] = {
      {"sine", {7, 13, 5}, 2, 3, (2 * 7 + 7) + (7 * 13 + 13) + (13 * 5 + 5) + (5 * 3 + 3), 8},
      {"gaussian", {1}, 1, 1, (1 + 1) + (1 + 1), 4},
      {"wavelet", {7, 5}, 3, 2, 2 * (3 * 7 + 7) + 2 * (7 * 5 + 5) + (5 * 2 + 2), 10},
      {"relu", {}, 2, 3, 2 * 3 + 3, 2},
      {"relu_pe", {11}, 2, 1, (2 * 17 * 11 + 11) + (11 + 1), 4},
      {"sine", {256, 256, 256, 256}, 2, 3, 198915, 10},
  };
  for (const Layout& layout : layouts) {
    SCOPED_TRACE(layout.activation);
    const Field field =
        make_field(layout.activation, layout.hidden, layout.coordinates, layout.outputs);
    EXPECT_EQ(field.parameters(), layout.parameters);
    EXPECT_EQ(field.tensors().size(), layout.tensors);
    EXPECT_EQ(field.initial_weights(0).size(), layout.parameters);
    // The tensors lie one behind the other, without gaps.
    std::size_t end = 0;
    for (const ParameterTensor& tensor : field.tensors()) {
      EXPECT_EQ(tensor.offset, end) << tensor.name;
      EXPECT_EQ(tensor.size, std::accumulate(tensor.shape.begin(), tensor.shape.end(),
                                             std::size_t{1}, std::multiplies<>()))
          << tensor.name;
      end += tensor.size;
    }
    EXPECT_EQ(end, layout.parameters);
  }
}

TEST(Field, NamesItsTensorsAsPyTorchDoes) {
  const auto names = [](const Field& field) {
    std::vector<std::string> all;
    for (const ParameterTensor& tensor : field.tensors()) all.push_back(tensor.name);
    return all;
  };
  EXPECT_EQ(names(make_field("sine", {4, 5}, 2, 3)),
            (std::vector<std::string>{"body.0.a.weight", "body.0.a.bias", "body.1.a.weight",
                                      "body.1.a.bias", "out.weight", "out.bias"}));
  EXPECT_EQ(names(make_field("wavelet", {4}, 2, 3)),
            (std::vector<std::string>{"body.0.a.weight", "body.0.a.bias", "body.0.b.weight",
                                      "body.0.b.bias", "out.weight", "out.bias"}));
  const Field field = make_field("sine", {4, 5}, 2, 3);
  EXPECT_EQ(tensor_of(field, "body.1.a.weight").shape, (std::vector<std::size_t>{5, 4}));
  EXPECT_EQ(tensor_of(field, "out.weight").shape, (std::vector<std::size_t>{3, 5}));
  EXPECT_EQ(tensor_of(field, "out.bias").shape, (std::vector<std::size_t>{3}));
}

TEST(Field, AViewDirectionStandsBehindThePosition) {
  const Field field = make_field("relu_pe", {5}, {6, 4, 3}, {{"levels", 10}});
  EXPECT_EQ(field.network().features, 3 * 21);
  EXPECT_EQ(field.network().view_features, 3 * 9);  // four levels, as in Mildenhall et al. 2020
  EXPECT_EQ(tensor_of(field, "body.0.a.weight").shape, (std::vector<std::size_t>{5, 63 + 27}));
  EXPECT_EQ(tensor_of(field, "out.weight").shape, (std::vector<std::size_t>{4, 5}));
  EXPECT_EQ(make_field("relu_pe", {5}, {6, 4, 3}, {{"levels", 2}}).network().view_features, 15);
  const Field fourier = make_field("sine", {5}, {6, 4, 3}, {{"encoding", 2}, {"features", 7}});
  EXPECT_EQ(fourier.network().frequencies.size(), 3u * 7u);
  EXPECT_EQ(fourier.network().view_features, 3);
  // The position's frequencies are those of a field without a direction.
  EXPECT_EQ(
      fourier.network().frequencies,
      make_field("sine", {5}, 3, 1, {{"encoding", 2}, {"features", 7}}).network().frequencies);
}

TEST(Field, AHeadSeesTheTrunkAndTheDirection) {
  const Field field = make_field("wavelet", {8, 5}, {6, 4, 3, true});
  std::vector<std::string> names;
  for (const ParameterTensor& tensor : field.tensors())
    if (tensor.name.ends_with("weight")) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"body.0.a.weight", "body.0.b.weight",
                                             "body.1.a.weight", "body.1.b.weight", "density.weight",
                                             "head.0.a.weight", "head.0.b.weight", "out.weight"}));
  using Shape = std::vector<std::size_t>;
  EXPECT_EQ(tensor_of(field, "body.0.a.weight").shape, (Shape{8, 3}));
  EXPECT_EQ(tensor_of(field, "density.weight").shape, (Shape{1, 5}));
  EXPECT_EQ(tensor_of(field, "head.0.b.weight").shape, (Shape{2, 5 + 3}));
  EXPECT_EQ(tensor_of(field, "out.weight").shape, (Shape{3, 2}));
  std::size_t end = 0;
  for (const ParameterTensor& tensor : field.tensors()) {
    EXPECT_EQ(tensor.offset, end) << tensor.name;
    end += tensor.size;
  }
  EXPECT_EQ(end, field.parameters());

  EXPECT_EQ(tensor_of(make_field("sine", {1}, {6, 4, 3, true}), "head.0.a.weight").shape,
            (Shape{1, 1 + 3}));
  const Field none = make_field("sine", {}, {6, 4, 3, true});
  EXPECT_EQ(tensor_of(none, "out.weight").shape, (Shape{4, 6}));
  EXPECT_EQ(none.tensors().size(), 2u);
}

TEST(Field, AHeadBeginsAsLaterLayersDo) {
  const Field field = make_field("sine", {200, 200}, {6, 4, 3, true});
  const auto weights = field.initial_weights(3);
  const auto largest = [&](const char* name) {
    double most = 0;
    for (const double w : values_of(tensor_of(field, name), weights))
      most = std::max(most, std::abs(w));
    return most;
  };
  EXPECT_NEAR(largest("head.0.a.weight"), std::sqrt(6.0 / 203) / 30, 1e-5);
  EXPECT_LE(largest("density.weight"), std::sqrt(6.0 / 200) / 30);
  EXPECT_GT(largest("density.weight"), 0.9 * std::sqrt(6.0 / 200) / 30);
  EXPECT_NEAR(largest("head.0.a.bias"), 1 / std::sqrt(203), 2e-3);
}

TEST(Field, RefusesShapesThatNoFieldHas) {
  for (const FieldShape& shape : {FieldShape{3, 4, 3}, FieldShape{6, 4, -1}, FieldShape{0, 1},
                                  FieldShape{2, 0}, FieldShape{6, 1, 3, true}})
    EXPECT_THROW(make_field("sine", {4}, shape), std::logic_error);
}

TEST(ParameterLayout, TellsWhichMapsLieBetweenHiddenLayers) {
  using Indices = std::vector<std::size_t>;
  const auto between = [](const Field& field) { return layout_of(field.network()).between; };
  EXPECT_EQ(between(make_field("sine", {4, 5, 6}, 2, 3)), (Indices{1, 2}));
  EXPECT_EQ(between(make_field("wavelet", {4, 5}, 2, 3)), (Indices{2, 3}));
  EXPECT_EQ(between(make_field("sine", {}, 2, 3)), Indices{});
  // first, second, density, head, out
  const Field head = make_field("sine", {4, 5}, {6, 4, 3, true});
  EXPECT_EQ(between(head), (Indices{1, 3}));
  const ParameterLayout layout = layout_of(head.network());
  ASSERT_EQ(layout.maps.size(), 5u);
  EXPECT_EQ(layout.maps[2].weight, tensor_of(head, "density.weight").offset);
  EXPECT_EQ(layout.maps[3].bias, tensor_of(head, "head.0.a.bias").offset);
  EXPECT_EQ(layout.maps[4].weight, tensor_of(head, "out.weight").offset);
}

// MATHS section 1, written down once more: the bound of each tensor's uniform distribution.
double expected_bound(const std::string& activation, const ParameterTensor& tensor) {
  const bool weight = tensor.shape.size() == 2;
  const bool siren = activation == "sine" || activation == "sinc" || activation == "finer";
  if (activation == "finer" && tensor.name == "body.0.a.bias") return 1;  // first_bias
  if (siren && weight) {
    if (tensor.name == "body.0.a.weight") return 1.0 / 300;
    return std::sqrt(6.0 / 200) / 30;
  }
  const bool first = tensor.name.starts_with("body.0.");
  const double fan_in = first ? (activation == "relu_pe" ? 300 * 17 : 300) : 200;
  return 1 / std::sqrt(fan_in);
}

TEST(Field, InitialWeightsFillTheirBoundsAndNoMore) {
  for (const ActivationEntry& entry : activations()) {
    const std::string activation(entry.id);
    // Many inputs and outputs, so that each tensor has enough numbers to come near its bounds.
    const Field field = make_field(activation, {200, 200}, 300, 210);
    const std::vector<double> weights = field.initial_weights(3);
    for (const ParameterTensor& tensor : field.tensors()) {
      SCOPED_TRACE(activation + " " + tensor.name);
      const double bound = expected_bound(activation, tensor);
      const auto values = values_of(tensor, weights);
      const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
      const double count = static_cast<double>(values.size());
      EXPECT_GE(*least, -bound);
      EXPECT_LE(*greatest, bound);
      EXPECT_LT(*least, -bound * (1 - 24 / count));  // missed with probability e^-12
      EXPECT_GT(*greatest, bound * (1 - 24 / count));
      double mean = 0, square = 0;
      for (double value : values) mean += value / count, square += value * value / count;
      EXPECT_LT(std::abs(mean), 5 * bound / std::sqrt(3 * count));
      EXPECT_NEAR(square / (bound * bound), 1.0 / 3, 5 * std::sqrt(4.0 / 45 / count));
    }
  }
}

TEST(Field, LaterSineLayersShrinkWithTheFrequency) {
  const Field slow = make_field("sine", {8, 8}, 2, 3, {{"omega", 3}});
  const Field fast = make_field("sine", {8, 8}, 2, 3, {{"omega", 30}});
  const auto a = slow.initial_weights(1), b = fast.initial_weights(1);
  for (const ParameterTensor& tensor : slow.tensors()) {
    const bool scaled = tensor.shape.size() == 2 && tensor.name != "body.0.a.weight";
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i)
      EXPECT_NEAR(a[i], (scaled ? 10 : 1) * b[i], 1e-15) << tensor.name;
  }
}

TEST(Field, TheSeedDecides) {
  for (const ActivationEntry& entry : activations()) {
    const Field field = make_field(std::string(entry.id), {9, 4}, 2, 3);
    const auto weights = field.initial_weights(17), others = field.initial_weights(18);
    EXPECT_EQ(weights, field.initial_weights(17)) << entry.id;
    for (const ParameterTensor& tensor : field.tensors())
      EXPECT_NE(values_of(tensor, weights), values_of(tensor, others))
          << entry.id << " " << tensor.name;
  }
}

TEST(Field, TensorsOfOneSizeStillDiffer) {
  const Field field = make_field("wavelet", {6, 6, 6}, 6, 6);
  const auto weights = field.initial_weights(0);
  for (const ParameterTensor& a : field.tensors()) {
    for (const ParameterTensor& b : field.tensors()) {
      if (&a == &b || a.size != b.size) continue;
      EXPECT_NE(values_of(a, weights), values_of(b, weights)) << a.name << " " << b.name;
    }
  }
}

TEST(Field, AdoptsWhatHasTheSameNameAndShape) {
  const Field from = make_field("sine", {6, 8}, 2, 3);
  const Field to = make_field("wavelet", {6, 9}, 2, 3);
  const auto old_weights = random_numbers(4, from.parameters());
  const auto weights = to.adopt_weights(from, old_weights, 5), fresh = to.initial_weights(5);
  int kept = 0;
  for (const ParameterTensor& tensor : to.tensors()) {
    const bool shared = tensor.name == "body.0.a.weight" || tensor.name == "body.0.a.bias" ||
                        tensor.name == "out.bias";
    EXPECT_EQ(values_of(tensor, weights), shared
                                              ? values_of(tensor_of(from, tensor.name), old_weights)
                                              : values_of(tensor, fresh))
        << tensor.name;
    kept += shared;
  }
  EXPECT_EQ(kept, 3);
}

TEST(Field, AdoptsEverythingWhereOnlyTheFunctionDiffers) {
  const Field from = make_field("sine", {6, 8}, 2, 3), to = make_field("gaussian", {6, 8}, 2, 3);
  const auto weights = random_numbers(4, from.parameters());
  EXPECT_EQ(to.adopt_weights(from, weights, 5), weights);
}

TEST(Field, AnotherEncodingRedrawsOnlyTheFirstLayersWeights) {
  const Field from = make_field("relu_pe", {6, 8}, 2, 3, {{"levels", 4}});
  const Field to = make_field("relu_pe", {6, 8}, 2, 3, {{"levels", 5}});
  const auto old_weights = random_numbers(4, from.parameters());
  const auto weights = to.adopt_weights(from, old_weights, 5), fresh = to.initial_weights(5);
  for (const ParameterTensor& tensor : to.tensors())
    EXPECT_EQ(values_of(tensor, weights),
              tensor.name == "body.0.a.weight"
                  ? values_of(tensor, fresh)
                  : values_of(tensor_of(from, tensor.name), old_weights))
        << tensor.name;
}

TEST(FieldSpec, FillsInDefaultsAndKeepsWhatIsGiven) {
  FieldSpec spec;
  spec.activation = "wavelet";
  spec.knobs = {{"omega", 7}};
  KnobValues expected = default_values(encoding_knobs());
  expected["omega"] = 7;
  expected["scale"] = 10;
  EXPECT_EQ(resolve_field(spec).knobs, expected);
}

TEST(FieldSpec, RefusalsNameTheChoices) {
  FieldSpec spec;
  spec.activation = "sinus";
  const std::string unknown = refusal([&] { resolve_field(spec); });
  for (const ActivationEntry& entry : activations())
    EXPECT_NE(unknown.find(entry.id), std::string::npos) << unknown;
  spec.activation = "wavelet";
  spec.knobs = {{"sigma", 1}};
  const std::string knob = refusal([&] { resolve_field(spec); });
  EXPECT_NE(knob.find("omega, scale"), std::string::npos) << knob;
  spec.knobs = {{"omega", NAN}};
  EXPECT_NE(refusal([&] { resolve_field(spec); }).find("0.1 to 1000"), std::string::npos);
  spec.knobs = {};
  for (int width : {0, -4, 8193}) {
    spec.hidden = {16, width};
    EXPECT_NE(refusal([&] { resolve_field(spec); }).find("1 to 8192"), std::string::npos) << width;
  }
  spec.hidden.assign(65, 4);
  EXPECT_NE(refusal([&] { resolve_field(spec); }).find("64 layers"), std::string::npos);
  spec.activation = "relu";
  spec.hidden = {4};
  spec.knobs = {{"omega", 3}};
  EXPECT_NE(refusal([&] { resolve_field(spec); }).find("encoding"), std::string::npos);
}

TEST(FieldSpec, EveryActivationTakesEveryEncoding) {
  for (const ActivationEntry& entry : activations()) {
    SCOPED_TRACE(entry.id);
    const auto features = [&](const KnobValues& knobs) {
      return make_field(std::string(entry.id), {4}, 2, 3, knobs).network().features;
    };
    EXPECT_EQ(features({{"encoding", 0}}), 2);
    EXPECT_EQ(features({{"encoding", 1}, {"levels", 3}}), 2 * (1 + 2 * 3));
    EXPECT_EQ(features({{"encoding", 2}, {"features", 9}}), 2 * 9);
  }
  EXPECT_EQ(make_field("relu_pe", {4}, 2, 3).network().features, 2 * 17);
  EXPECT_EQ(make_field("sine", {4}, 2, 3).network().features, 2);
}

TEST(FieldSpec, FourierFrequenciesAreNormalAndSeeded) {
  const auto frequencies = [](double seed, double bandwidth) {
    return make_field("relu", {4}, 2, 3,
                      {{"encoding", 2},
                       {"features", 4000},
                       {"encoding_seed", seed},
                       {"bandwidth", bandwidth}})
        .network()
        .frequencies;
  };
  const auto one = frequencies(1, 10);
  ASSERT_EQ(one.size(), 8000u);
  EXPECT_EQ(frequencies(1, 10), one);
  EXPECT_NE(frequencies(2, 10), one);
  double mean = 0, square = 0;
  for (const double f : one) {
    mean += f / (20 * M_PI) / 8000;
    square += f * f / (20 * M_PI) / (20 * M_PI) / 8000;
  }
  EXPECT_LT(std::abs(mean), 5 / std::sqrt(8000.0));
  EXPECT_NEAR(square, 1, 5 * std::sqrt(2 / 8000.0));
  EXPECT_NEAR(frequencies(1, 5)[7], one[7] / 2, 1e-12);
}

TEST(FieldSpec, OnlyKnobsOfTheEncodingInUseMatter) {
  EXPECT_FALSE(encoding_uses({{"encoding", 0}}, "levels"));
  EXPECT_TRUE(encoding_uses({{"encoding", 1}}, "levels"));
  EXPECT_FALSE(encoding_uses({{"encoding", 1}}, "features"));
  EXPECT_TRUE(encoding_uses({{"encoding", 2}}, "bandwidth"));
  EXPECT_TRUE(encoding_uses({{"encoding", 0}}, "omega"));
}

}  // namespace
}  // namespace fieldscope
