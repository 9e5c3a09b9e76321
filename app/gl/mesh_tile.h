// A view's own picture of a mesh, drawn again only when something in it changed: one quick pass
// while things move, smooth after a few frames of rest, then nothing. Owned by the view; lives on
// the thread that owns the GL context.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "app/gl/mesh_renderer.h"

namespace fieldscope::gl {

class MeshTile {
 public:
  // Brings the picture up to date with the scene. At rest, one more pass makes it smoother if
  // `may_refine`. `edition` is the shaders'. Returns true while there are passes to come.
  bool update(MeshRenderer& renderer, const MeshScene& scene, int width, int height,
              bool may_refine, std::uint64_t edition = 0);

  // Of the size last asked for; rows from the bottom, as OpenGL has them. 0 before the first
  // update.
  GLuint texture() const { return picture_ ? picture_->texture() : 0; }
  int refined() const { return refined_; }  // passes in the picture, 0 while things move

 private:
  struct Shown {
    std::uint64_t mesh = 0, section = 0, edition = 0;
    Camera camera;
    MeshStyle style;
    bool operator==(const Shown&) const = default;
  };

  std::unique_ptr<Target> picture_, sum_;
  std::optional<Shown> shown_;
  int refined_ = 0;
};

}  // namespace fieldscope::gl
