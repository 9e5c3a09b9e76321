// OpenGL without a window and without a display, and pictures of meshes made with it. For the verbs
// and for `fieldscope info`; on the main thread, before any window exists.
#pragma once

#include <memory>
#include <string>

#include <glad/egl.h>

#include "app/camera.h"
#include "app/mesh_style.h"
#include "engine/data/image.h"
#include "engine/geometry/mesh.h"

namespace fieldscope::gl {

// A context that draws into targets only, current while it lives. One at a time.
class OffscreenContext {
 public:
  OffscreenContext();
  ~OffscreenContext();
  OffscreenContext(const OffscreenContext&) = delete;
  OffscreenContext& operator=(const OffscreenContext&) = delete;

  // Why there is none; nullptr if there is one.
  const char* failure() const { return failure_; }

 private:
  const char* open();
  const char* open_on(EGLDisplay display);
  void close();

  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
  const char* failure_ = nullptr;
};

// Keeps a context and the shaders for any number of pictures.
class PictureStudio {
 public:
  // Throws std::runtime_error if this machine cannot draw.
  PictureStudio();
  ~PictureStudio();
  PictureStudio(const PictureStudio&) = delete;
  PictureStudio& operator=(const PictureStudio&) = delete;

  // RGB, as the window would show it, smooth. `section` is optional.
  Image picture(const Mesh& mesh, const Camera& camera, const MeshStyle& style, int width,
                int height, const SectionImage* section = nullptr);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// One picture, with a studio of its own.
Image render_mesh_picture(const Mesh& mesh, const Camera& camera, const MeshStyle& style, int width,
                          int height);

}  // namespace fieldscope::gl
