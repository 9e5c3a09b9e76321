// A colour target off the screen, to draw a picture at its own resolution and read it back.
// Owned by the code that exports; lives on the thread that owns the GL context.
#pragma once

#include <cstdint>
#include <vector>

#include <glad/gl.h>

namespace fieldscope::gl {

class Framebuffer {
 public:
  // Throws std::runtime_error if the driver cannot make a target of this size.
  Framebuffer(int width, int height);
  ~Framebuffer();
  Framebuffer(const Framebuffer&) = delete;
  Framebuffer& operator=(const Framebuffer&) = delete;

  void bind() const;    // and sets the viewport to the whole target
  void unbind() const;  // back to the window

  // height x width x 3 bytes, rows from the top.
  std::vector<std::uint8_t> read_rgb() const;

 private:
  GLuint id_ = 0, colour_ = 0;
  int width_, height_;
};

// The same of whatever target is bound.
std::vector<std::uint8_t> read_rgb_rows(int width, int height);

// The same for what the window shows now (call before swapping buffers).
std::vector<std::uint8_t> read_window_rgb(int width, int height);

}  // namespace fieldscope::gl
