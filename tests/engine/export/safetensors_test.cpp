#include "engine/export/safetensors.h"

#include <cstdint>
#include <cstring>

#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

using SafetensorsFile = TemporaryFolderTest;

const std::vector<TensorShape> shapes = {
    {"body.0.a.weight", {2, 3}}, {"body.0.a.bias", {2}}, {"out.bias", {1}}};
const std::vector<double> values = {0.5, -1, 2, 3, 4, 5, 6, 7, -0.25};

/// The message with which `action` refuses; empty if it does not.
template <class Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

TEST_F(SafetensorsFile, RoundTripKeepsValuesShapesAndMetadata) {
  write_safetensors(folder_ / "m", shapes, values, {{"activation", "sine"}});
  const Safetensors file = read_safetensors(folder_ / "m");
  EXPECT_EQ(file.flat(shapes), values);
  EXPECT_EQ(file.tensors.at("body.0.a.weight").shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(file.metadata.at("activation"), "sine");
}

TEST_F(SafetensorsFile, HeaderIsAsTheFormatWantsIt) {
  write_safetensors(folder_ / "m", shapes, values);
  const std::string bytes = bytes_of(folder_ / "m");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  EXPECT_EQ((8 + header_size) % 8, 0u);
  EXPECT_EQ(bytes.size(), 8 + header_size + values.size() * 4);
  EXPECT_EQ(bytes[8], '{');
  EXPECT_NE(bytes.find(R"("out.bias":{"dtype":"F32","shape":[1],"data_offsets":[32,36]})"),
            std::string::npos);
}

TEST_F(SafetensorsFile, ReadsTensorsInAnyOrderAndDoubles) {
  const std::string header =
      R"({"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}})";
  const std::uint64_t size = header.size();
  const double b = 0.1;
  const float a = 2;
  std::string bytes(reinterpret_cast<const char*>(&size), 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(&b), 8);
  bytes.append(reinterpret_cast<const char*>(&a), 4);
  const Safetensors read = read_safetensors(file("m", bytes));
  EXPECT_EQ(read.flat(std::vector<TensorShape>{{"a", {}}, {"b", {1}}}),
            (std::vector<double>{2, 0.1}));
}

TEST_F(SafetensorsFile, MismatchSaysWhichTensorAndWhatWasExpected) {
  write_safetensors(folder_ / "m", shapes, values);
  const Safetensors file = read_safetensors(folder_ / "m");
  auto other = shapes;
  other[0].shape = {3, 2};
  std::string message = refusal([&] { file.flat(other); });
  EXPECT_NE(message.find("'body.0.a.weight' has shape [2, 3]; expected [3, 2]"), std::string::npos)
      << message;
  other = shapes;
  other.push_back({"out.weight", {1, 2}});
  message = refusal([&] { file.flat(other); });
  EXPECT_NE(message.find("'out.weight' of shape [1, 2] is missing"), std::string::npos) << message;
  other = {shapes[0], shapes[1]};
  message = refusal([&] { file.flat(other); });
  EXPECT_NE(message.find("'out.bias' of shape [1] has no place"), std::string::npos) << message;
}

TEST_F(SafetensorsFile, EveryTruncationIsRefused) {
  write_safetensors(folder_ / "m", shapes, values);
  const std::string whole = bytes_of(folder_ / "m");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = file("cut", whole.substr(0, length));
    EXPECT_NE(refusal([&] { read_safetensors(cut); }), "") << length;
  }
}

TEST_F(SafetensorsFile, LyingHeadersAreRefused) {
  const auto with_header = [&](const std::string& header) {
    const std::uint64_t size = header.size();
    return file("m", std::string(reinterpret_cast<const char*>(&size), 8) + header + "12345678");
  };
  for (const char* header : {
           "[]",
           "{",
           R"({"a":1})",
           R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",
           R"({"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}})",
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
           R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
           R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
       }) {
    const auto path = with_header(header);
    EXPECT_NE(refusal([&] { read_safetensors(path); }), "") << header;
  }
  EXPECT_NE(refusal([&] { read_safetensors(folder_); }), "");
  EXPECT_NE(refusal([&] { read_safetensors(folder_ / "missing"); }), "");
}

TEST_F(SafetensorsFile, WritingRefusesNumbersThatDoNotFillTheShapes) {
  EXPECT_THROW(write_safetensors(folder_ / "m", shapes, std::vector<double>{1, 2}), UsageError);
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace fieldscope
