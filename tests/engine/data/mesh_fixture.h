// Datasets of small meshes for tests, and a cache of labels that is not the user's.
#pragma once

#include <cstdlib>
#include <memory>

#include "engine/data/mesh_dataset.h"
#include "tests/engine/geometry/meshes.h"

namespace fieldscope::test {

/// Where labels are kept from now on. ctest sets the same for whole programs; a test binary that is
/// started by hand has nobody else to keep it away from the user's cache.
inline void use_test_cache() {
  ::setenv("XDG_CACHE_HOME", FIELDSCOPE_TEST_CACHE, 1);
}

inline SourceMesh source_of(const Mesh& mesh) {
  SourceMesh source;
  for (const Vec3 p : mesh.vertices) source.vertices.push_back({p.x, p.y, p.z});
  source.triangles = mesh.triangles;
  return source;
}

inline std::shared_ptr<const MeshDataset> dataset_of(const Mesh& mesh) {
  use_test_cache();
  return std::make_shared<MeshDataset>(source_of(mesh), on_threads());
}

/// One ring around the z axis, its outer radius 0.98.
inline std::shared_ptr<const MeshDataset> torus_dataset() {
  static const auto dataset = dataset_of(torus(0.7f, 0.28f, 48, 24));
  return dataset;
}

}  // namespace fieldscope::test
