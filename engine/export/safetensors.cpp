#include "engine/export/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include <nlohmann/json.hpp>

#include "engine/data/whole_file.h"
#include "engine/export/atomic_file.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "safetensors are little endian");

constexpr std::uint64_t max_header_bytes = 100'000'000;  // the format's own limit
constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 34;

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

/// Product of the sides; the largest number when it does not fit.
std::size_t product(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t side : shape) {
    if (side != 0 && count > std::numeric_limits<std::size_t>::max() / 16 / side) {
      return std::numeric_limits<std::size_t>::max();
    }
    count *= side;
  }
  return count;
}

template <class Number>
void copy_values(const char* bytes, std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Number value;
    std::memcpy(&value, bytes + i * sizeof(Number), sizeof(Number));
    values[i] = static_cast<double>(value);
  }
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) { file_.path = path; }

  Safetensors read() {
    const std::string bytes = read_whole_file(file_.path, "weights", max_file_bytes);
    if (bytes.size() < 8) refuse("it is too short for a safetensors file");
    std::uint64_t header_size = 0;
    std::memcpy(&header_size, bytes.data(), 8);
    if (header_size > max_header_bytes || header_size > bytes.size() - 8) {
      refuse("its header does not fit into the file: not a safetensors file, or truncated");
    }
    if (nests_too_deeply(std::string_view(bytes).substr(8, header_size))) {
      refuse("its header is not one of a safetensors file");
    }
    const Json header =
        Json::parse(bytes.begin() + 8, bytes.begin() + 8 + static_cast<std::ptrdiff_t>(header_size),
                    nullptr, false);
    if (!header.is_object()) refuse("its header is not JSON: not a safetensors file");
    const std::string_view data = std::string_view(bytes).substr(8 + header_size);
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(entry);
      } else {
        read_tensor(name, entry, data);
      }
    }
    return std::move(file_);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw DataError("cannot read weights '" + file_.path.string() + "': " + reason);
  }

  void read_metadata(const Json& entry) {
    if (!entry.is_object()) return;
    for (const auto& [key, value] : entry.items()) {
      if (value.is_string()) file_.metadata[key] = value.get<std::string>();
    }
  }

  void read_tensor(const std::string& name, const Json& entry, std::string_view data) {
    StoredTensor tensor;
    std::string type;
    std::array<std::uint64_t, 2> range{};
    try {
      type = entry.at("dtype").get<std::string>();
      tensor.shape = entry.at("shape").get<std::vector<std::size_t>>();
      range = entry.at("data_offsets").get<std::array<std::uint64_t, 2>>();
    } catch (const Json::exception&) {
      refuse("tensor '" + name + "' has no proper dtype, shape and data_offsets");
    }
    if (type != "F32" && type != "F64") {
      refuse("tensor '" + name + "' has type " + type + "; expected F32 or F64");
    }
    const std::size_t width = type == "F32" ? 4 : 8;
    if (range[0] > range[1] || range[1] > data.size()) {
      refuse("tensor '" + name + "' lies beyond the end of the file: it is truncated");
    }
    const std::size_t count = product(tensor.shape);
    if (count > data.size() / width || count * width != range[1] - range[0]) {
      refuse("tensor '" + name + "' has shape " + shape_text(tensor.shape) + " but " +
             std::to_string(range[1] - range[0]) + " bytes");
    }
    tensor.values.resize(count);
    const char* bytes = data.data() + range[0];
    if (width == 4) {
      copy_values<float>(bytes, tensor.values);
    } else {
      copy_values<double>(bytes, tensor.values);
    }
    file_.tensors[name] = std::move(tensor);
  }

  Safetensors file_;
};

}  // namespace

std::size_t TensorShape::size() const {
  return product(shape);
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorShape> shapes,
                       std::span<const double> values,
                       const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t count = 0;
  for (const TensorShape& tensor : shapes) {
    const std::size_t end = count + tensor.size();
    header[tensor.name] = {{"dtype", "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {count * sizeof(float), end * sizeof(float)}}};
    count = end;
  }
  if (count != values.size()) {
    throw UsageError("cannot write weights '" + path.string() + "': the tensors hold " +
                     std::to_string(count) + " numbers, but " + std::to_string(values.size()) +
                     " were given");
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the numbers are aligned

  std::string bytes(8 + text.size() + count * sizeof(float), '\0');
  const std::uint64_t header_size = text.size();
  std::memcpy(bytes.data(), &header_size, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  char* out = bytes.data() + 8 + text.size();
  for (const double value : values) {
    const float number = static_cast<float>(value);
    std::memcpy(out, &number, sizeof number);
    out += sizeof number;
  }
  write_file(path, bytes);
}

std::vector<double> Safetensors::flat(std::span<const TensorShape> expected) const {
  const auto refuse = [&](const std::string& reason) {
    throw DataError("the weights in '" + path.string() + "' do not fit: " + reason);
  };
  std::vector<double> values;
  for (const TensorShape& want : expected) {
    const auto found = tensors.find(want.name);
    if (found == tensors.end()) {
      refuse("tensor '" + want.name + "' of shape " + shape_text(want.shape) + " is missing");
    }
    if (found->second.shape != want.shape) {
      refuse("tensor '" + want.name + "' has shape " + shape_text(found->second.shape) +
             "; expected " + shape_text(want.shape));
    }
    values.insert(values.end(), found->second.values.begin(), found->second.values.end());
  }
  if (tensors.size() > expected.size()) {
    for (const auto& [name, tensor] : tensors) {
      const bool wanted = std::any_of(expected.begin(), expected.end(),
                                      [&](const TensorShape& want) { return want.name == name; });
      if (!wanted) {
        refuse("tensor '" + name + "' of shape " + shape_text(tensor.shape) +
               " has no place in this network");
      }
    }
  }
  return values;
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  return Reader(path).read();
}

}  // namespace fieldscope
