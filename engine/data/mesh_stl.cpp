// STL, the stereolithography format of 3D Systems: ascii, and binary of little-endian numbers.
// Facets have no indices, so vertices at exactly equal places are joined.
#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>

#include "engine/data/mesh_formats.h"

namespace fieldscope {
namespace {

static_assert(std::endian::native == std::endian::little, "binary STL is little endian");

constexpr std::size_t header_bytes = 84;  // 80 of text, then the number of facets
constexpr std::size_t facet_bytes = 50;   // normal, three vertices, two bytes that mean nothing

std::uint64_t binary_facets(std::string_view bytes) {
  std::uint32_t count = 0;
  if (bytes.size() >= header_bytes) std::memcpy(&count, bytes.data() + 80, 4);
  return count;
}

/// Many programs begin binary files with "solid" too: the size that the header promises decides.
bool is_binary(std::string_view bytes) {
  return bytes.size() >= header_bytes &&
         bytes.size() == header_bytes + facet_bytes * binary_facets(bytes);
}

bool same_word(std::string_view word, std::string_view lower) {
  return std::equal(word.begin(), word.end(), lower.begin(), lower.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

bool is_ascii(std::string_view bytes) {
  Words words(bytes.substr(0, 4096));
  if (!same_word(words.next(), "solid")) return false;
  words.skip_line();  // its name
  const std::string_view word = words.next();
  return same_word(word, "facet") || same_word(word, "endsolid");
}

/// Of the last three vertices.
void add_facet(MeshBuilder& builder) {
  const auto next = static_cast<std::int64_t>(builder.vertices());
  const std::int64_t corners[] = {next - 3, next - 2, next - 1};
  builder.add_face(corners);
}

SourceMesh read_binary(std::string_view bytes) {
  const std::uint64_t facets = binary_facets(bytes);
  MeshBuilder builder(1);
  builder.reserve_vertices(3 * facets);
  builder.reserve_triangles(facets);
  for (std::uint64_t i = 0; i < facets; ++i) {
    float numbers[12];
    std::memcpy(numbers, bytes.data() + header_bytes + i * facet_bytes, sizeof numbers);
    for (int k = 3; k < 12; k += 3) {
      builder.add_vertex(numbers[k], numbers[k + 1], numbers[k + 2]);
    }
    add_facet(builder);
  }
  return builder.finish(MeshBuilder::Joining::always);
}

class AsciiReader {
 public:
  explicit AsciiReader(std::string_view text) : words_(text) {}

  SourceMesh read() {
    expect("solid");
    words_.skip_line();
    bool ended = false;
    for (std::string_view word = words_.next(); !(ended && word.empty()); word = words_.next()) {
      ended = same_word(word, "endsolid");
      if (same_word(word, "facet")) {
        read_facet();
      } else if (ended || same_word(word, "solid")) {  // several solids are one mesh
        words_.skip_line();
      } else {
        wrong(word, "facet");
      }
    }
    return builder_.finish(MeshBuilder::Joining::always);
  }

 private:
  std::string facet() const { return "facet " + std::to_string(builder_.faces() + 1); }

  [[noreturn]] void wrong(std::string_view word, const std::string& wanted) const {
    if (word.empty()) refuse_mesh("it ends in " + facet() + "; copy or export it again");
    refuse_mesh(facet() + " has " + shown(word) + " for '" + wanted + "'; export it again");
  }

  void expect(const char* wanted) {
    const std::string_view word = words_.next();
    if (!same_word(word, wanted)) wrong(word, wanted);
  }

  void read_facet() {
    expect("normal");
    for (int axis = 0; axis < 3; ++axis) words_.next();  // often zero or "nan": the vertices tell
    expect("outer");
    expect("loop");
    for (int k = 0; k < 3; ++k) {
      expect("vertex");
      const std::string where = facet();
      const double x = mesh_number(words_.next(), where);
      const double y = mesh_number(words_.next(), where);
      const double z = mesh_number(words_.next(), where);
      builder_.add_vertex(x, y, z);
    }
    expect("endloop");
    expect("endfacet");
    add_facet(builder_);
  }

  Words words_;
  MeshBuilder builder_{1};
};

}  // namespace

bool looks_like_stl(std::string_view bytes) {
  return (is_binary(bytes) && binary_facets(bytes) > 0) || is_ascii(bytes);
}

SourceMesh read_stl(std::string bytes) {
  if (is_binary(bytes)) return read_binary(bytes);
  if (is_ascii(bytes)) return AsciiReader(bytes).read();
  if (bytes.size() < header_bytes) {
    refuse_mesh("it is neither an ascii nor a binary STL file; copy or export it again");
  }
  const std::uint64_t facets = binary_facets(bytes);
  if (bytes.size() - header_bytes < facet_bytes * facets) {
    refuse_mesh("its header promises " + std::to_string(facets) + " facets, and there are " +
                std::to_string((bytes.size() - header_bytes) / facet_bytes) +
                ": it is truncated or no STL file; copy or export it again");
  }
  return read_binary(bytes);  // some programs leave something behind the facets
}

}  // namespace fieldscope
