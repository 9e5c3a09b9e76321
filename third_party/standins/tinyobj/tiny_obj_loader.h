// Stand-in for tiny_obj_loader.h, for machines that do not have it (package libtinyobjloader-dev):
// hands the vertices and faces of an OBJ text to callbacks, and nothing else. What it lacks is
// listed in third_party/README.md.
#pragma once

#include <algorithm>
#include <charconv>
#include <istream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace tinyobj {

#ifdef TINYOBJLOADER_USE_DOUBLE
using real_t = double;
#else
using real_t = float;
#endif

/// As in the file: from 1, or negative from the last one; 0 where there is none.
struct index_t {
  int vertex_index;
  int normal_index;
  int texcoord_index;
};

struct callback_t {
  void (*vertex_cb)(void* user_data, real_t x, real_t y, real_t z, real_t w) = nullptr;
  void (*index_cb)(void* user_data, index_t* indices, int num_indices) = nullptr;
};

class MaterialReader;  // never used

namespace standin {

/// The next word of a line, without the blanks before it; empty at the end.
inline std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

inline real_t number(std::string_view word, real_t otherwise) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = static_cast<double>(otherwise);
  const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
  if (read.ec == std::errc::result_out_of_range) {
    if (word.find("e-") != word.npos || word.find("E-") != word.npos) return 0;
    const real_t infinity = std::numeric_limits<real_t>::infinity();
    return word.starts_with('-') ? -infinity : infinity;
  }
  return static_cast<real_t>(value);
}

/// v, v/vt, v//vn or v/vt/vn.
inline index_t indices(std::string_view word) {
  int parts[3] = {0, 0, 0};
  for (int& part : parts) {
    const std::string_view digits = word.substr(0, word.find('/'));
    std::from_chars(digits.data(), digits.data() + digits.size(), part);
    word.remove_prefix(std::min(digits.size() + 1, word.size()));
  }
  return {parts[0], parts[2], parts[1]};
}

inline void read_line(std::string_view line, const callback_t& callback, void* user_data,
                      std::vector<index_t>& corners) {
  const std::string_view kind = next_word(line);
  if (line.empty()) return;  // the word has no blank behind it
  if (kind == "v" && callback.vertex_cb) {
    real_t p[4] = {0, 0, 0, 1};
    for (real_t& x : p) x = number(next_word(line), x);
    callback.vertex_cb(user_data, p[0], p[1], p[2], p[3]);
  }
  if (kind == "f" && callback.index_cb) {
    corners.clear();
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      corners.push_back(indices(word));
    }
    if (corners.empty()) return;
    callback.index_cb(user_data, corners.data(), static_cast<int>(corners.size()));
  }
}

}  // namespace standin

/// Calls back for each vertex and face in their order. Lines end with "\n", "\r" or "\r\n".
inline bool LoadObjWithCallback(std::istream& in, const callback_t& callback,
                                void* user_data = nullptr, MaterialReader* = nullptr,
                                std::string* = nullptr, std::string* = nullptr) {
  const std::string text(std::istreambuf_iterator<char>(in), {});
  std::string_view rest = text;
  std::vector<index_t> corners;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find_first_of("\r\n"));
    standin::read_line(line, callback, user_data, corners);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return true;
}

}  // namespace tinyobj
