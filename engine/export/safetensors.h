// Weights as safetensors files (https://github.com/huggingface/safetensors): an 8-byte header
// length, a JSON header, raw little-endian numbers. Names match the PyTorch modules, so files go
// both ways. Plain host data; any thread.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace fieldscope {

struct TensorShape {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t size() const;
};

/// Writes `values` (all tensors flat, in the order of `shapes`) as F32.
/// Throws UsageError when the numbers do not fill the shapes, DataError when writing fails.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorShape> shapes,
                       std::span<const double> values,
                       const std::map<std::string, std::string>& metadata = {});

struct StoredTensor {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

struct Safetensors {
  std::filesystem::path path;
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;

  /// All values flat in the order of `expected`. Throws DataError that says which tensor is
  /// missing, unexpected or of another shape, and what was expected.
  std::vector<double> flat(std::span<const TensorShape> expected) const;
};

/// Reads F32 and F64 tensors. Throws DataError naming the file, the reason and the tensor.
Safetensors read_safetensors(const std::filesystem::path& path);

}  // namespace fieldscope
