// Textures that are drawn into, and read by the next pass. Owned by who draws with them; lives on
// the thread that owns the GL context.
#pragma once

#include <initializer_list>
#include <vector>

#include <glad/gl.h>

namespace fieldscope::gl {

class Target {
 public:
  // One texture for each internal format. Throws std::runtime_error if the driver has no such
  // target.
  Target(int width, int height, std::initializer_list<GLenum> formats, bool depth = false);
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  void bind() const;  // to draw into the whole of it
  // Tests against the depths of another target of the same size; nullptr: none again.
  void borrow_depth(const Target* owner) const;
  GLuint texture(std::size_t index = 0) const { return textures_[index]; }
  int width() const { return width_; }
  int height() const { return height_; }
  bool is(int width, int height) const { return width == width_ && height == height_; }

 private:
  void release();

  GLuint id_ = 0, depth_ = 0;
  std::vector<GLuint> textures_;
  int width_, height_;
};

// Whatever is drawn while it lives goes elsewhere; then target and viewport are what they were.
class TargetScope {
 public:
  TargetScope();
  ~TargetScope();
  TargetScope(const TargetScope&) = delete;
  TargetScope& operator=(const TargetScope&) = delete;

 private:
  GLint target_ = 0;
  GLint viewport_[4] = {};
};

}  // namespace fieldscope::gl
