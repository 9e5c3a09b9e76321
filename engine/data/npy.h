// NumPy's .npy files (NEP 1): one array of floating-point numbers. Any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fieldscope {

/// Numbers in C order (the last index runs fastest), whatever the file's order was. An empty shape
/// is a single number.
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<double> numbers;
};

/// Format versions 1 to 3, numbers of 4 or 8 bytes in either byte order. Throws a DataError with
/// nothing but the reason and what to do.
NpyArray parse_npy(std::string_view bytes);

/// The same of a file of at most 64 MB, with the file named in the error.
NpyArray read_npy(const std::filesystem::path& path);

/// "20 x 17": a shape as messages tell it.
std::string shape_text(const std::vector<std::size_t>& shape);

}  // namespace fieldscope
