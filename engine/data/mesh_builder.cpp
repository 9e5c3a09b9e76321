// What the readers of all mesh formats share.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/data/mesh_formats.h"
#include "engine/math/counted.h"

namespace fieldscope {
namespace {

using Point = std::array<double, 3>;

/// Of vertices and of triangles; keeps 3 triangle + k within 32 bits.
constexpr std::size_t most_elements = std::size_t{1} << 27;

void check_count(std::size_t count, const char* things) {
  if (count < most_elements) return;
  refuse_mesh("it has more than " + std::to_string(most_elements) + " " + things +
              "; simplify it first");
}

/// Equal places have equal hashes: -0 becomes 0 first.
std::uint64_t hash_of(const Point& p) {
  std::uint64_t hash = 0;
  for (const double coordinate : p) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(coordinate + 0.0)) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return hash;
}

/// For each vertex the number of the first one at its place.
std::vector<std::uint32_t> first_at_place(const std::vector<Point>& vertices) {
  constexpr std::uint32_t empty = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> slots(std::bit_ceil(2 * vertices.size() + 1), empty);
  std::vector<std::uint32_t> first(vertices.size());
  for (std::uint32_t v = 0; v < vertices.size(); ++v) {
    std::size_t slot = hash_of(vertices[v]) & (slots.size() - 1);
    while (slots[slot] != empty && vertices[slots[slot]] != vertices[v]) {
      slot = (slot + 1) & (slots.size() - 1);
    }
    if (slots[slot] == empty) slots[slot] = v;
    first[v] = slots[slot];
  }
  return first;
}

/// Joins what `first_at_place` found.
void join(SourceMesh& mesh, std::vector<std::uint32_t> first) {
  std::uint32_t kept = 0;
  for (std::uint32_t v = 0; v < first.size(); ++v) {
    if (first[v] == v) {
      mesh.vertices[kept] = mesh.vertices[v];
      first[v] = kept++;
    } else {
      first[v] = first[first[v]];  // renumbered already: it comes earlier
    }
  }
  mesh.vertices.resize(kept);
  for (Triangle& t : mesh.triangles) {
    for (std::uint32_t& v : t) v = first[v];
  }
}

std::size_t unused_vertices(const SourceMesh& mesh) {
  std::vector<bool> used(mesh.vertices.size(), false);
  for (const Triangle& t : mesh.triangles) {
    for (const std::uint32_t v : t) used[v] = true;
  }
  return static_cast<std::size_t>(std::count(used.begin(), used.end(), false));
}

std::string boundary_edges(std::size_t count) {
  return counted(count, "boundary edge", "boundary edges");
}

/// Meshes are often written with vertices of its own for each triangle, or doubled along seams.
void join_if_it_closes(SourceMesh& mesh) {
  const std::size_t before = topology_of(mesh.triangles, mesh.vertices.size()).boundary_edges;
  if (before == 0) return;
  std::vector<std::uint32_t> first = first_at_place(mesh.vertices);
  std::vector<Triangle> joined = mesh.triangles;
  for (Triangle& t : joined) {
    for (std::uint32_t& v : t) v = first[v];
  }
  const std::size_t after = topology_of(joined, mesh.vertices.size()).boundary_edges;
  if (after >= before) return;
  const std::size_t vertices = mesh.vertices.size();
  join(mesh, std::move(first));
  mesh.notes.push_back(counted(vertices - mesh.vertices.size(), "vertex", "vertices") +
                       " joined with others at the same place: of " + boundary_edges(before) + " " +
                       (after == 0 ? "none" : std::to_string(after)) + " left");
}

}  // namespace

void MeshBuilder::add_vertex(double x, double y, double z) {
  if (!std::isfinite(x) || !std::isfinite(y) || !std::isfinite(z)) {
    refuse_mesh("vertex " + std::to_string(first_ + mesh_.vertices.size()) +
                " is not finite; export it again");
  }
  check_count(mesh_.vertices.size(), "vertices");
  mesh_.vertices.push_back({x, y, z});
}

void MeshBuilder::add_face(std::span<const std::int64_t> corners) {
  const std::uint64_t number = first_ + faces_++;
  for (const std::int64_t index : corners) {
    if (index < 0 || index >= static_cast<std::int64_t>(most_elements)) {
      refuse_mesh("face " + std::to_string(number) + " names vertex " +
                  std::to_string(static_cast<std::int64_t>(first_) + index) +
                  ", which no mesh can have; export it again");
    }
    if (index > highest_index_) {
      highest_index_ = index;
      face_of_highest_ = number;
    }
  }
  if (corners.size() < 3) {
    ++degenerate_;
    return;
  }
  polygons_ += corners.size() > 3;
  for (std::size_t k = 2; k < corners.size(); ++k) {
    check_count(mesh_.triangles.size(), "triangles");
    mesh_.triangles.push_back({static_cast<std::uint32_t>(corners[0]),
                               static_cast<std::uint32_t>(corners[k - 1]),
                               static_cast<std::uint32_t>(corners[k])});
  }
}

SourceMesh MeshBuilder::finish(Joining joining) {
  if (faces_ == 0) refuse_mesh("it has no faces; give a mesh of triangles or polygons");
  if (highest_index_ >= static_cast<std::int64_t>(mesh_.vertices.size())) {
    refuse_mesh("face " + std::to_string(face_of_highest_) + " names vertex " +
                std::to_string(static_cast<std::int64_t>(first_) + highest_index_) +
                ", but there are " + std::to_string(mesh_.vertices.size()) + "; export it again");
  }
  const std::size_t all = mesh_.triangles.size();
  std::erase_if(mesh_.triangles, [&](const Triangle& t) {
    const Point &a = mesh_.vertices[t[0]], &b = mesh_.vertices[t[1]], &c = mesh_.vertices[t[2]];
    return a == b || b == c || c == a;
  });
  degenerate_ += all - mesh_.triangles.size();
  if (mesh_.triangles.empty()) {
    refuse_mesh("all its triangles are degenerate; give a mesh that has a surface");
  }
  if (polygons_ > 0) {
    mesh_.notes.push_back(counted(polygons_, "polygon", "polygons") +
                          " cut into triangles as fans");
  }
  if (degenerate_ > 0) {
    mesh_.notes.push_back(counted(degenerate_, "degenerate triangle", "degenerate triangles") +
                          " left out");
  }
  if (joining == Joining::always) {
    join(mesh_, first_at_place(mesh_.vertices));
  } else {
    join_if_it_closes(mesh_);
  }
  if (const std::size_t unused = unused_vertices(mesh_)) {
    mesh_.notes.push_back(counted(unused, "vertex", "vertices") + " in no triangle");
  }
  return std::move(mesh_);
}

std::string_view Words::next() {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  const auto begin = std::find_if_not(rest_.begin(), rest_.end(), is_space);
  const auto end = std::find_if(begin, rest_.end(), is_space);
  const std::string_view word(begin, end);
  rest_ = std::string_view(end, rest_.end());
  return word;
}

void Words::skip_line() {
  rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
}

double mesh_number(std::string_view word, const std::string& where) {
  const std::string_view plain = word.substr(word.starts_with('+') && word.size() > 1);
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error == std::errc::result_out_of_range) {  // too large or too small to tell from 0
    const bool small = plain.find("e-") != plain.npos || plain.find("E-") != plain.npos;
    return small ? 0 : std::numeric_limits<double>::infinity();
  }
  if (word.empty() || error != std::errc() || end != plain.data() + plain.size()) {
    refuse_mesh(word.empty() ? "it ends in " + where + "; copy or export it again"
                             : shown(word) + " in " + where + " is not a number; export it again");
  }
  return value;
}

std::string shown(std::string_view word) {
  std::string text = "'" + std::string(word.substr(0, 24)) + (word.size() > 24 ? "...'" : "'");
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

}  // namespace fieldscope
