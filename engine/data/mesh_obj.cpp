// Wavefront OBJ, by tinyobjloader's callbacks: the only place that knows it. Its own polygons are
// cut in time that grows with the cube of their corners, and it takes words that are no numbers for
// 0 and indices modulo 2^32; so the text is checked first, and faces are cut by MeshBuilder.
#include <algorithm>
#include <charconv>
#include <sstream>
#include <vector>

#include "engine/data/mesh_formats.h"

#define TINYOBJLOADER_USE_DOUBLE
#define TINYOBJLOADER_IMPLEMENTATION
#include <tiny_obj_loader.h>

namespace fieldscope {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view word, std::size_t at) {
  while (at < word.size() && is_digit(word[at])) ++at;
  return at;
}

/// Whether all of `word` is a decimal number with an exponent of at most four digits, more of which
/// the loader takes for 0.
bool is_number(std::string_view word) {
  const auto skip_sign = [&](std::size_t at) {
    return at + (at < word.size() && (word[at] == '-' || word[at] == '+'));
  };
  const std::size_t begin = skip_sign(0);
  std::size_t at = skip_digits(word, begin);
  std::size_t digits = at - begin;
  if (at < word.size() && word[at] == '.') {
    const std::size_t end = skip_digits(word, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits == 0) return false;
  if (at < word.size() && (word[at] == 'e' || word[at] == 'E')) {
    const std::size_t exponent = skip_sign(at + 1);
    at = skip_digits(word, exponent);
    if (at == exponent || at > exponent + 4) return false;
  }
  return at == word.size();
}

/// Whether `word` is v, v/vt, v//vn or v/vt/vn with a v that an int can hold. The other indices are
/// not used; nor are they checked.
bool is_corner(std::string_view word) {
  const std::string_view index = word.substr(0, word.find('/'));
  int value = 0;
  const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), value);
  return error == std::errc() && end == index.data() + index.size() && value != 0;
}

/// Checks vertices and faces before the loader sees them, and takes out of their lines what it does
/// not know. All other lines, material files among them, it passes over.
class Lines {
 public:
  explicit Lines(std::string& text) : text_(text) {}

  void check() {
    if (text_.find('\0') != text_.npos) {
      refuse_mesh("it holds zero bytes and is no text, as OBJ is; give an OBJ, PLY or STL file");
    }
    if (text_.starts_with("\xef\xbb\xbf")) text_.replace(0, 3, "   ");  // a byte order mark
    std::size_t begin = 0;
    while (begin < text_.size()) {
      std::size_t end = end_of_line(begin);
      const std::size_t after = number_ + 1 + check_line(begin, end);
      begin = next_line(end);
      number_ = after;
    }
  }

 private:
  std::size_t end_of_line(std::size_t at) const {
    return std::min(text_.find_first_of("\r\n", at), text_.size());
  }
  std::size_t next_line(std::size_t end) const {
    return end + 1 + (text_.compare(end, 2, "\r\n") == 0);
  }

  /// Moves `end` when the line goes on in the next ones; how many, is returned.
  std::size_t check_line(std::size_t begin, std::size_t& end) {
    const std::size_t first = std::min(text_.find_first_not_of(" \t", begin), end);
    if (first == end) return 0;
    const char kind = text_[first];
    const bool spaced = first + 1 == end || text_[first + 1] == ' ' || text_[first + 1] == '\t';
    if (!spaced || (kind != 'v' && kind != 'f')) return 0;
    const std::size_t joined = join_continued(begin, end);
    const auto stop = text_.begin() + static_cast<std::ptrdiff_t>(end);
    const auto start = text_.begin() + static_cast<std::ptrdiff_t>(first);
    std::fill(std::find(start, stop, '#'), stop, ' ');  // remarks behind the numbers
    std::replace_if(
        start, stop, [](char c) { return c == '\v' || c == '\f'; }, ' ');
    const std::string_view numbers(start + 1, stop);
    if (kind == 'v') check_vertex(numbers);
    if (kind == 'f') check_face(numbers);
    return joined;
  }

  /// A backslash at its end continues a line, which the loader does not know.
  std::size_t join_continued(std::size_t begin, std::size_t& end) {
    std::size_t joined = 0;
    for (; end > begin && end < text_.size() && text_[end - 1] == '\\'; ++joined) {
      const std::size_t next = next_line(end);
      for (std::size_t at = end - 1; at < next; ++at) text_[at] = ' ';
      end = end_of_line(next);
    }
    return joined;
  }

  std::string where(const char* thing, std::uint64_t number) const {
    return std::string(thing) + " " + std::to_string(number) + " (line " + std::to_string(number_) +
           ")";
  }

  void check_vertex(std::string_view line) {
    ++vertices_;
    Words words(line);
    for (int axis = 0; axis < 3; ++axis) {
      const std::string_view word = words.next();
      if (is_number(word)) continue;
      const std::string place = where("vertex", vertices_);
      refuse_mesh(word.empty()
                      ? place + " has fewer than three coordinates; export it again"
                      : place + " has " + shown(word) + " for a coordinate; export it again");
    }
  }

  void check_face(std::string_view line) {
    Words words(line);
    std::string_view word = words.next();
    faces_ += !word.empty();
    for (; !word.empty(); word = words.next()) {
      if (is_corner(word)) continue;
      refuse_mesh(where("face", faces_) + " has " + shown(word) +
                  " for a corner; corners count from 1: export it again");
    }
  }

  std::string& text_;
  std::uint64_t number_ = 1;
  std::uint64_t vertices_ = 0;
  std::uint64_t faces_ = 0;
};

struct Receiver {
  MeshBuilder builder{1};
  std::vector<std::int64_t> corners;

  static void vertex(void* self, double x, double y, double z, double /*w*/) {
    static_cast<Receiver*>(self)->builder.add_vertex(x, y, z);
  }
  static void face(void* self, tinyobj::index_t* indices, int count) {
    auto& [builder, corners] = *static_cast<Receiver*>(self);
    corners.clear();
    for (int k = 0; k < count; ++k) {
      // Negative ones count back from the last vertex so far.
      const std::int64_t index = indices[k].vertex_index;
      const auto vertices = static_cast<std::int64_t>(builder.vertices());
      if (index < -vertices) {
        refuse_mesh("face " + std::to_string(builder.faces() + 1) + " names vertex " +
                    std::to_string(index) + ", but only " + std::to_string(vertices) +
                    " come before it; export it again");
      }
      corners.push_back(index > 0 ? index - 1 : vertices + index);
    }
    builder.add_face(corners);
  }
};

}  // namespace

SourceMesh read_obj(std::string bytes) {
  Lines(bytes).check();
  std::istringstream stream(std::move(bytes));
  tinyobj::callback_t callback;
  callback.vertex_cb = &Receiver::vertex;
  callback.index_cb = &Receiver::face;
  Receiver receiver;
  tinyobj::LoadObjWithCallback(stream, callback, &receiver);
  return receiver.builder.finish(MeshBuilder::Joining::if_it_closes);
}

}  // namespace fieldscope
