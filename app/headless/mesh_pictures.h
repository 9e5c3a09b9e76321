// Pictures and files of surfaces, as the verbs leave them: all seen from the same place, with one
// scale for all errors. Used by the main thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "app/picture_maker.h"
#include "engine/data/mesh_dataset.h"
#include "engine/task/surface.h"

namespace fieldscope {

/// The end of the colour scale that suits the errors of these meshes: what 99% of their vertices
/// stay below, rounded up in units of the file, which the box is `unit` times as large as.
double error_limit_of(const std::vector<const Mesh*>& meshes, double unit);

class MeshPictures {
 public:
  /// `maker` may be empty: then there are no pictures. `truth`, if any, is what fills them.
  MeshPictures(MeshPictureMaker maker, const Dataset* dataset, int width, int height);

  /// None where this program or machine cannot draw: the first time that is said on standard error.
  std::optional<Image> shaded(const Mesh& mesh) const;
  /// With its errors in false colour; `limit` in units of the box.
  std::optional<Image> errors(const Mesh& mesh, double limit) const;

 private:
  std::optional<Image> draw(const Mesh& mesh, const MeshStyle& style) const;

  MeshPictureMaker maker_;
  Camera camera_;
  int width_, height_;
  mutable bool refused_ = false;
};

/// As PLY, vertices coloured by their errors, or as OBJ by the name's ending. Throws DataError.
void write_surface(const std::filesystem::path& path, const Surface& surface,
                   const MeshFrame& frame);

}  // namespace fieldscope
