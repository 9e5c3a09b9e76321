// A mesh as a dataset: read, brought into the box, its inside told.
#include "engine/data/label_cache.h"
#include "engine/data/mesh_dataset.h"
#include "engine/math/error.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

/// Of the held-out points: no seed that a person chooses has it.
constexpr std::uint64_t held_out_seed = 0x6F63637570616E63ull;

void tell(const LoadProgress& progress, double share, const char* stage) {
  if (progress) progress(share, stage);
}

}  // namespace

/// The mesh in the box, the right way round, with normals.
struct MeshDataset::Prepared {
  explicit Prepared(const SourceMesh& source)
      : notes(source.notes),
        frame(fit_frame(source)),
        mesh(normalised_mesh(source, frame)),
        topology(topology_of(mesh)) {
    const double volume = signed_volume(mesh);
    for (std::string& warning : mesh_warnings(topology, volume))
      notes.push_back(std::move(warning));
    if (topology.closed() && volume < 0) turn_round(mesh);
    compute_normals(mesh);
  }

  std::vector<std::string> notes;
  MeshFrame frame;
  Mesh mesh;
  MeshTopology topology;
};

MeshDataset::MeshDataset(const SourceMesh& source, const Parallel& parallel,
                         const LoadProgress& progress)
    : MeshDataset(Prepared(source), parallel, progress) {}

MeshDataset::MeshDataset(Prepared prepared, const Parallel& parallel, const LoadProgress& progress)
    : notes_(std::move(prepared.notes)),
      frame_(prepared.frame),
      mesh_(std::move(prepared.mesh)),
      topology_(prepared.topology),
      solid_(mesh_),
      surface_(mesh_) {
  tell(progress, 0.5, "telling inside from outside");
  label_held_out(parallel, progress);
}

std::string MeshDataset::extent() const {
  std::string digits = std::to_string(mesh_.triangles.size());
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits + (digits == "1" ? " triangle" : " triangles");
}

void MeshDataset::label_held_out(const Parallel& parallel, const LoadProgress& progress) {
  const std::uint64_t key = random_key(held_out_seed, Stream::points, 0);
  held_out_.points.resize(held_out_points);
  const std::uint64_t hash = content_hash(mesh_);
  auto kept = read_labels(hash, held_out_points);
  if (kept) held_out_.inside = std::move(*kept);
  const bool known = !held_out_.inside.empty();
  held_out_.inside.resize(held_out_points);
  // In pieces, so that a large mesh shows how far it is and can be given up.
  constexpr std::size_t pieces = 16, piece = held_out_points / pieces;
  for (std::size_t p = 0; p < pieces; ++p) {
    parallel(piece, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = p * piece + begin; i < p * piece + end; ++i) {
        held_out_.points[i] = occupancy_point(surface_, key, i, occupancy_spread);
        if (!known) held_out_.inside[i] = solid_.inside(held_out_.points[i]) ? 1 : 0;
      }
    });
    tell(progress, 0.5 + 0.5 * static_cast<double>(p + 1) / pieces, "telling inside from outside");
  }
  if (!known) keep_labels(hash, held_out_.inside);
}

std::shared_ptr<const MeshDataset> load_mesh_dataset(const std::filesystem::path& path,
                                                     const Parallel& parallel,
                                                     const LoadProgress& progress) {
  tell(progress, 0, "reading");
  const SourceMesh source = read_mesh_file(path);
  tell(progress, 0.3, "looking at the mesh");
  try {
    auto dataset = std::make_shared<MeshDataset>(source, parallel, progress);
    dataset->path = path;
    dataset->name = path.filename().string();
    return dataset;
  } catch (const DataError& error) {
    throw DataError("cannot use '" + path.string() + "': " + error.what());
  }
}

}  // namespace fieldscope
