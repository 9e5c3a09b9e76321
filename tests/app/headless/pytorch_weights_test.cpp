// Weights that PyTorch wrote (tests/reference/weights.py) show the picture that they show there.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/export/safetensors.h"
#include "engine/task/image_task.h"
#include "tests/engine/export/temporary_folder.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

class PytorchWeights : public TemporaryFolderTest {};

const fs::path weights_folder = fs::path(FIELDSCOPE_TEST_FIXTURES) / "weights";

TEST_F(PytorchWeights, ShowTheSamePictureHere) {
  for (const char* activation : {"sine", "wavelet", "relu_pe"}) {
    SCOPED_TRACE(activation);
    const std::string name = std::string("pytorch-") + activation;
    const auto json = nlohmann::json::parse(bytes_of(weights_folder / (name + ".json")));
    const Safetensors file = read_safetensors(weights_folder / (name + ".safetensors"));
    const Field field = test::make_field(activation, json.at("hidden"), 2, 3);
    std::vector<TensorShape> shapes;
    for (const ParameterTensor& tensor : field.tensors())
      shapes.push_back({tensor.name, tensor.shape});
    const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(1), Precision::f32);
    const Buffer weights = test::upload(*backend, file.flat(shapes));
    ImageRendering rendering(*backend, field.network(), weights, json.at("width"),
                             json.at("height"));
    while (!rendering.advance(100)) {
    }
    const auto expected = json.at("picture").get<std::vector<float>>();
    const auto& pixels = rendering.picture()->pixels;
    ASSERT_EQ(pixels.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(pixels[i], expected[i], 1e-5);
  }
}

TEST_F(PytorchWeights, OfAnotherNetworkAreRefusedWithWhatWasExpected) {
  const Safetensors file = read_safetensors(weights_folder / "pytorch-sine.safetensors");
  const auto said = [&](const Field& field) {
    std::vector<TensorShape> shapes;
    for (const ParameterTensor& tensor : field.tensors())
      shapes.push_back({tensor.name, tensor.shape});
    try {
      file.flat(shapes);
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string shape = said(test::make_field("sine", {24, 18}, 2, 3));
  EXPECT_NE(shape.find("body.1.a.weight"), std::string::npos) << shape;
  EXPECT_NE(shape.find("18"), std::string::npos) << shape;
  const std::string name = said(test::make_field("wavelet", {24, 17}, 2, 3));
  EXPECT_NE(name.find("body.0.b.weight"), std::string::npos) << name;
}

}  // namespace
}  // namespace fieldscope
