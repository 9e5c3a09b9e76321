#include "app/gl/mesh_tile.h"

namespace fieldscope::gl {

bool MeshTile::update(MeshRenderer& renderer, const MeshScene& scene, int width, int height,
                      bool may_refine, std::uint64_t edition) {
  if (width <= 0 || height <= 0) return false;
  const Shown wanted = {scene.mesh ? scene.mesh->revision() : 0,
                        scene.section ? scene.section->revision() : 0, edition, scene.camera,
                        scene.style};
  if (!picture_ || !picture_->is(width, height)) {
    shown_.reset();
    picture_.reset();
    picture_ = std::make_unique<Target>(width, height, std::initializer_list<GLenum>{GL_RGBA8});
  }
  if (shown_ != wanted) {
    renderer.draw(scene, *picture_, 0);
    shown_ = wanted;
    refined_ = 0;
    sum_.reset();
    return true;
  }
  if (refined_ == MeshRenderer::passes) return false;
  if (!may_refine) return true;
  if (!sum_)
    sum_ = std::make_unique<Target>(width, height, std::initializer_list<GLenum>{GL_RGBA32F});
  renderer.add(scene, *sum_, refined_++);
  // A mean of few passes would be noisier than it is worth; the quick picture stays until then.
  if (refined_ == MeshRenderer::passes / 2 || refined_ == MeshRenderer::passes)
    renderer.mean(*sum_, refined_, *picture_);
  if (refined_ < MeshRenderer::passes) return true;
  sum_.reset();
  return false;
}

}  // namespace fieldscope::gl
