// fieldscope_demo_mesh OUT.ply
//
// Writes the built-in demo mesh: a rope of three strands, tied as a trefoil. Everything in it is
// computed; nothing is read. It is the same file every time.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tools/demo_mesh/knot.h"

namespace fieldscope::demo_mesh {
namespace {

void append(std::string& bytes, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 255);
}

std::string ply_of(const Mesh& mesh) {
  std::string bytes = "ply\nformat binary_little_endian 1.0\ncomment Fieldscope demo mesh\n";
  bytes += "element vertex " + std::to_string(mesh.vertices.size()) + "\n";
  bytes += "property float x\nproperty float y\nproperty float z\n";
  bytes += "element face " + std::to_string(mesh.triangles.size()) + "\n";
  bytes += "property list uchar int vertex_indices\nend_header\n";
  for (const Vec3 v : mesh.vertices) {
    for (const float number : {v.x, v.y, v.z}) append(bytes, std::bit_cast<std::uint32_t>(number));
  }
  for (const Triangle& triangle : mesh.triangles) {
    bytes += '\3';
    for (const std::uint32_t corner : triangle) append(bytes, corner);
  }
  return bytes;
}

void write(const std::string& path, const std::string& bytes) {
  // Beside, then renamed: never a half-written file.
  const std::string partial = path + ".partial";
  std::ofstream file(partial, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) {
    std::remove(partial.c_str());
    throw std::runtime_error(path + ": cannot be written; check that the folder exists");
  }
  std::filesystem::rename(partial, path);
}

}  // namespace
}  // namespace fieldscope::demo_mesh

int main(int argc, char** argv) {
  using namespace fieldscope::demo_mesh;
  if (argc != 2 || argv[1][0] == '-' || argv[1][0] == '\0') {
    std::fprintf(stderr, "fieldscope_demo_mesh: usage: fieldscope_demo_mesh OUT.ply\n");
    return 2;
  }
  try {
    write(argv[1], ply_of(make_knot()));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fieldscope_demo_mesh: %s\n", error.what());
    return 1;
  }
}
