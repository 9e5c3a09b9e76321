// Weight files of networks that see a view direction say what they are.
#include <gtest/gtest.h>

#include "app/headless/model_file.h"
#include "app/headless/results.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

class StoredField : public TemporaryFolderTest {
 protected:
  /// What a run of this field would leave behind.
  Safetensors stored(const Field& field, std::map<std::string, std::string> more = {}) const {
    RunResult result;
    result.plan.config.field = field.spec();
    result.network = field.network();
    std::vector<TensorShape> shapes;
    for (const ParameterTensor& tensor : field.tensors())
      shapes.push_back({tensor.name, tensor.shape});
    std::map<std::string, std::string> said = model_metadata(result);
    for (const auto& [key, value] : more) said[key] = value;
    write_safetensors(folder_ / "model.safetensors", shapes, field.initial_weights(1), said);
    return read_safetensors(folder_ / "model.safetensors");
  }
  static FieldSpec spec_of(const Field& field) {
    FieldSpec spec = field.spec();
    spec.hidden = {1, 2, 3};  // the tensors know better
    return spec;
  }
};

TEST_F(StoredField, IsTheSameNetwork) {
  for (const char* activation : {"sine", "wavelet", "relu_pe"})
    for (const std::vector<int>& hidden : {std::vector<int>{}, {5}, {9, 4}})
      for (const FieldShape& shape :
           {FieldShape{2, 3}, {6, 4, 3}, {6, 4, 3, true}, {3, 4, 0, true}}) {
        const Field field = test::make_field(activation, hidden, shape);
        // Without a direction a file says what it always did: its task knows the coordinates.
        const int usual = shape.view_coordinates > 0 ? 77 : shape.coordinates;
        EXPECT_EQ(stored_field(stored(field), spec_of(field), usual).network(), field.network())
            << activation << hidden.size() << shape.head;
      }
}

TEST_F(StoredField, ThatCannotBeIsRefused) {
  const Field field = test::make_field("sine", {5}, {6, 4, 3, true});
  for (const auto& [key, value] :
       {std::pair{"view_coordinates", "6"}, {"coordinates", "3"}, {"coordinates", "0"}}) {
    const Safetensors file = stored(field, {{key, value}});
    EXPECT_THROW(stored_field(file, spec_of(field), 2), DataError) << key << value;
  }
  Safetensors none = stored(field);
  none.tensors.erase("out.bias");
  EXPECT_THROW(stored_field(none, spec_of(field), 2), DataError);
}

TEST_F(StoredField, OfADirectionIsNotAPicture) {
  stored(test::make_field("sine", {5}, {5, 3, 3}));
  Options options;
  options.model = folder_ / "model.safetensors";
  try {
    read_model("render", options);
    FAIL() << "accepted";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("direction"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace fieldscope
