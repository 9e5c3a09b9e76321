// PLY, the polygon format of Stanford: a text header that declares elements and their properties,
// then their numbers, ascii or binary. Written after Greg Turk's description of the format. What
// the header promises is checked against the bytes that are there before anything is made of it.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/data/mesh_formats.h"

namespace fieldscope {
namespace {

constexpr std::size_t most_header_bytes = std::size_t{1} << 20;

struct Type {
  const char* name;
  const char* other_name;
  std::size_t bytes;
  double (*number)(std::uint64_t bits);  ///< of the lowest `bytes` bytes
};

template <class Number, class Bits>
double number_of(std::uint64_t bits) {
  return static_cast<double>(std::bit_cast<Number>(static_cast<Bits>(bits)));
}

constexpr Type types[] = {
    {"char", "int8", 1, &number_of<std::int8_t, std::uint8_t>},
    {"uchar", "uint8", 1, &number_of<std::uint8_t, std::uint8_t>},
    {"short", "int16", 2, &number_of<std::int16_t, std::uint16_t>},
    {"ushort", "uint16", 2, &number_of<std::uint16_t, std::uint16_t>},
    {"int", "int32", 4, &number_of<std::int32_t, std::uint32_t>},
    {"uint", "uint32", 4, &number_of<std::uint32_t, std::uint32_t>},
    {"float", "float32", 4, &number_of<float, std::uint32_t>},
    {"double", "float64", 8, &number_of<double, std::uint64_t>},
};

const Type& type_named(std::string_view name) {
  for (const Type& type : types) {
    if (name == type.name || name == type.other_name) return type;
  }
  refuse_mesh("its header has " + shown(name) + " for a type; export it again");
}

struct Property {
  std::string name;
  const Type* type = nullptr;
  const Type* count = nullptr;  ///< of a list; else null
};

struct Element {
  std::string name;
  std::uint64_t count = 0;
  std::vector<Property> properties;
};

std::string text_of(double number) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, number).ptr);
}

enum class Encoding { unknown, ascii, little_endian, big_endian };

struct Header {
  Encoding encoding = Encoding::unknown;
  std::vector<Element> elements;
  std::size_t bytes = 0;
};

Encoding encoding_named(std::string_view name) {
  if (name == "ascii") return Encoding::ascii;
  if (name == "binary_little_endian") return Encoding::little_endian;
  if (name == "binary_big_endian") return Encoding::big_endian;
  refuse_mesh("its header has " + shown(name) + " for a format; export it again");
}

Element read_element(Words& words) {
  Element element{std::string(words.next()), 0, {}};
  const std::string_view count = words.next();
  const auto [end, error] =
      std::from_chars(count.data(), count.data() + count.size(), element.count);
  if (error != std::errc() || end != count.data() + count.size()) {
    refuse_mesh("its header has " + shown(count) + " for the number of element " +
                shown(element.name) + "; export it again");
  }
  return element;
}

Property read_property(Words& words) {
  Property property;
  const std::string_view type = words.next();
  if (type == "list") {
    property.count = &type_named(words.next());
    property.type = &type_named(words.next());
  } else {
    property.type = &type_named(type);
  }
  property.name = words.next();
  return property;
}

Header read_header(std::string_view bytes) {
  // The bytes behind "ply" end all lines: "\n", "\r\n", or "\r" of old programs.
  const std::string_view ending = bytes.substr(3).starts_with("\r\n") ? "\r\n" : bytes.substr(3, 1);
  Header header;
  std::size_t begin = 3 + ending.size();
  while (true) {
    const std::size_t end = bytes.substr(0, most_header_bytes).find(ending, begin);
    if (end == bytes.npos) {
      refuse_mesh("its header has no end: it is truncated or no PLY file; copy or export it again");
    }
    Words words(bytes.substr(begin, end - begin));
    begin = end + ending.size();
    const std::string_view word = words.next();
    if (word == "end_header") break;
    if (word == "format") {
      header.encoding = encoding_named(words.next());
    } else if (word == "element") {
      header.elements.push_back(read_element(words));
    } else if (word == "property" && !header.elements.empty()) {
      header.elements.back().properties.push_back(read_property(words));
    } else if (word != "comment" && word != "obj_info" && !word.empty()) {
      refuse_mesh("its header has a line with " + shown(word) + "; export it again");
    }
  }
  if (header.encoding == Encoding::unknown) {
    refuse_mesh("its header names no format; export it again");
  }
  header.bytes = begin;
  return header;
}

/// The numbers behind the header, one after the other.
class Numbers {
 public:
  Numbers(std::string_view bytes, Encoding encoding)
      : encoding_(encoding), words_(bytes), bytes_(bytes) {}

  double next(const Type& type, const Element& element, std::uint64_t row) {
    if (encoding_ == Encoding::ascii) {
      const std::string_view word = words_.next();
      if (word.empty()) refuse_end(element, row);
      double number = 0;  // most are plain; only others need their place spelt out
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
      if (error == std::errc() && end == word.data() + word.size()) return number;
      return mesh_number(word, place(element, row));
    }
    if (bytes_.size() < type.bytes) refuse_end(element, row);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < type.bytes; ++i) {
      const std::size_t from = encoding_ == Encoding::little_endian ? type.bytes - 1 - i : i;
      bits = bits << 8 | static_cast<unsigned char>(bytes_[from]);
    }
    bytes_.remove_prefix(type.bytes);
    return type.number(bits);
  }

  /// How many rows of an element the rest can hold at most.
  std::uint64_t room_for(const Element& element) const {
    std::uint64_t row_bytes = 0, rest = bytes_.size();
    for (const Property& property : element.properties) {
      row_bytes += property.count ? property.count->bytes : property.type->bytes;
    }
    if (encoding_ == Encoding::ascii) {  // a digit and a space each, but at the end
      row_bytes = 2 * element.properties.size();
      rest = words_.bytes_left() + 1;
    }
    return row_bytes > 0 ? rest / row_bytes : element.count;
  }

  /// The same of numbers.
  std::uint64_t room_for(const Type& type) const {
    return encoding_ == Encoding::ascii ? (words_.bytes_left() + 1) / 2
                                        : bytes_.size() / type.bytes;
  }

  /// How many numbers the list has that comes next.
  std::uint64_t next_count(const Property& list, const Element& element, std::uint64_t row) {
    const double count = next(*list.count, element, row);
    if (!(count >= 0) || count != std::floor(count)) {
      refuse_mesh(place(element, row) + " has a list of " + text_of(count) +
                  " numbers; export it again");
    }
    if (count > static_cast<double>(room_for(*list.type))) refuse_end(element, row);
    return static_cast<std::uint64_t>(count);
  }

  void skip(const Property& property, const Element& element, std::uint64_t row) {
    std::uint64_t count = 1;
    if (property.count) count = next_count(property, element, row);
    for (std::uint64_t i = 0; i < count; ++i) next(*property.type, element, row);
  }

  static std::string place(const Element& element, std::uint64_t row) {
    return element.name + " " + std::to_string(row);
  }
  [[noreturn]] static void refuse_end(const Element& element, std::uint64_t row) {
    refuse_mesh("it ends in " + shown(element.name) + " " + std::to_string(row) + " of the " +
                std::to_string(element.count) +
                " that its header promises: it is truncated; copy or export it again");
  }

 private:
  Encoding encoding_;
  Words words_;
  std::string_view bytes_;
};

class Reader {
 public:
  Reader(const Header& header, std::string_view bytes)
      : header_(header), numbers_(bytes.substr(header.bytes), header.encoding) {}

  SourceMesh read() {
    bool have_vertices = false;
    for (const Element& element : header_.elements) {
      check_room(element);
      if (element.name == "vertex") {
        if (have_vertices) refuse_mesh("its header has vertices twice; export it again");
        have_vertices = true;
        read_vertices(element);
      } else if (element.name == "face") {
        read_faces(element);
      } else {
        skip(element);
      }
    }
    return builder_.finish(MeshBuilder::Joining::if_it_closes);
  }

 private:
  /// Refuses a header that promises more rows than the rest of the file can hold.
  void check_room(const Element& element) const {
    const std::uint64_t room = numbers_.room_for(element);
    if (element.count > room) numbers_.refuse_end(element, room);
  }

  void read_vertices(const Element& element) {
    std::array<const Property*, 3> axes{};
    constexpr std::string_view names[] = {"x", "y", "z"};
    for (const Property& property : element.properties) {
      for (int axis = 0; axis < 3; ++axis) {
        if (property.name == names[axis] && !property.count) axes[axis] = &property;
      }
    }
    if (!axes[0] || !axes[1] || !axes[2]) {
      refuse_mesh("its vertices have no x, y and z; export it again");
    }
    builder_.reserve_vertices(element.count);
    for (std::uint64_t row = 0; row < element.count; ++row) {
      std::array<double, 3> p{};
      for (const Property& property : element.properties) {
        const auto found = std::find(axes.begin(), axes.end(), &property);
        if (found == axes.end()) {
          numbers_.skip(property, element, row);
        } else {
          p[found - axes.begin()] = numbers_.next(*property.type, element, row);
        }
      }
      builder_.add_vertex(p[0], p[1], p[2]);
    }
  }

  void read_faces(const Element& element) {
    const Property* corners = nullptr;
    for (const Property& property : element.properties) {
      const bool named = property.name == "vertex_indices" || property.name == "vertex_index";
      if (named && property.count) corners = &property;
    }
    if (!corners) refuse_mesh("its faces have no list vertex_indices; export it again");
    builder_.reserve_triangles(element.count);
    for (std::uint64_t row = 0; row < element.count; ++row) {
      for (const Property& property : element.properties) {
        if (&property == corners) {
          read_face(property, element, row);
        } else {
          numbers_.skip(property, element, row);
        }
      }
    }
  }

  void read_face(const Property& list, const Element& element, std::uint64_t row) {
    face_.resize(numbers_.next_count(list, element, row));
    for (std::int64_t& index : face_) {
      const double number = numbers_.next(*list.type, element, row);
      // Beyond 2^53 a whole number may not fit, nor does any mesh have as many vertices.
      if (number != std::floor(number) || std::fabs(number) > 0x1p53) {
        refuse_mesh(numbers_.place(element, row) + " has " + text_of(number) +
                    " for a vertex; export it again");
      }
      index = static_cast<std::int64_t>(number);
    }
    builder_.add_face(face_);
  }

  void skip(const Element& element) {
    if (element.properties.empty()) return;
    for (std::uint64_t row = 0; row < element.count; ++row) {
      for (const Property& property : element.properties) numbers_.skip(property, element, row);
    }
  }

  const Header& header_;
  Numbers numbers_;
  MeshBuilder builder_{0};
  std::vector<std::int64_t> face_;
};

}  // namespace

bool looks_like_ply(std::string_view bytes) {
  return bytes.starts_with("ply\n") || bytes.starts_with("ply\r");
}

SourceMesh read_ply(std::string bytes) {
  if (!looks_like_ply(bytes)) {
    refuse_mesh("it does not begin with 'ply': it is no PLY file; export it again");
  }
  const Header header = read_header(bytes);
  return Reader(header, bytes).read();
}

}  // namespace fieldscope
