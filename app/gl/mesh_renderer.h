// Draws a mesh, lit, into a target: once over its triangles for what is seen where, once over the
// pixels for light. Smooth pictures are the mean of several passes, each shifted by a part of a
// pixel. One renderer serves all views; lives on the thread that owns the GL context.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "app/camera.h"
#include "app/gl/mesh_buffer.h"
#include "app/gl/program.h"
#include "app/gl/target.h"
#include "app/gl/texture.h"
#include "app/mesh_style.h"
#include "engine/data/image.h"

namespace fieldscope::gl {

// A section's values on the graphics card, and where they lie.
class SectionTexture {
 public:
  // Throws std::invalid_argument if the size and the values disagree.
  void upload(const SectionImage& image);
  bool empty() const { return values_.empty(); }
  std::uint64_t revision() const { return revision_; }

 private:
  friend class MeshRenderer;
  Texture values_;
  Vec3 origin_, across_, along_;
  std::uint64_t revision_ = 0;
};

// What a view shows. The buffers must live until it is drawn.
struct MeshScene {
  const MeshBuffer* mesh = nullptr;
  const SectionTexture* section = nullptr;  // optional
  Camera camera;
  MeshStyle style;
};

class MeshRenderer {
 public:
  static constexpr int passes = 8;  // of a smooth picture

  // Compiles the shaders of the plain view; throws if one is missing or broken.
  MeshRenderer();
  ~MeshRenderer();
  MeshRenderer(const MeshRenderer&) = delete;
  MeshRenderer& operator=(const MeshRenderer&) = delete;

  // One pass of `passes` into the target; the first is good alone.
  void draw(const MeshScene& scene, const Target& into, int pass);
  // Adds one pass to a target of floats, which the first one clears.
  void add(const MeshScene& scene, const Target& sum, int pass);
  // The mean of the first `count` passes in `sum`.
  void mean(const Target& sum, int count, const Target& into);
  // All passes, read back: RGB, rows from the top.
  Image picture(const MeshScene& scene, int width, int height);

  // Shaders that were edited; true if one was replaced. What does not compile is in the message.
  bool reload_if_changed(std::string* message);

 private:
  void pass_into(const MeshScene& scene, const Target& into, int pass, bool adding);
  void draw_surface(const MeshScene& scene, const Matrix4& projection, bool wire);
  void draw_light(const MeshScene& scene, const Matrix4& projection, const Target& surface,
                  bool dithered);
  void set_section(const Program& program, const MeshScene& scene) const;
  void draw_screen() const;
  Program& program_for(const std::string& vertex, const std::string& fragment,
                       const std::vector<std::string>& defines = {});

  std::map<std::string, std::unique_ptr<Program>> programs_;
  std::unique_ptr<Target> surface_, wired_surface_, occlusion_;
  Texture colour_maps_;
  GLuint nothing_ = 0;  // a vertex array: the screen's triangle needs no vertices
};

}  // namespace fieldscope::gl
