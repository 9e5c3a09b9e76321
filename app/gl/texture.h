// A two-dimensional texture: RGB floats (what networks produce) or 8-bit RGBA (thumbnails).
// Owned by the view that shows it; lives on the thread that owns the GL context.
#pragma once

#include <cstdint>
#include <span>

#include <glad/gl.h>

namespace fieldscope::gl {

class Texture {
 public:
  Texture() = default;
  ~Texture();
  Texture(Texture&& other) noexcept;
  Texture& operator=(Texture&& other) noexcept;

  // `pixels`: height x width x channels, rows from the top; channels 1, 3 or 4.
  // Storage is reused while the size stays. Throws std::invalid_argument on a wrong length.
  void upload(std::span<const float> pixels, int width, int height, int channels);
  void upload(std::span<const std::uint8_t> pixels, int width, int height, int channels);

  // Display values in [0, 1] as 8-bit RGBA, which is the fastest to sample.
  void upload_display(std::span<const float> pixels, int width, int height, int channels);

  // What an OpenGL buffer object holds: as the first two take it, without a way over the host.
  void upload_buffer(GLuint buffer, GLenum type, int width, int height, int channels);

  // Nearest above one screen pixel a texel, linear below: set per draw, it is only a parameter.
  void set_smooth(bool smooth) const;
  void bind(GLuint unit) const;

  GLuint id() const { return id_; }
  int width() const { return width_; }
  int height() const { return height_; }
  bool empty() const { return id_ == 0 || width_ == 0; }

 private:
  void store(const void* pixels, std::size_t count, GLenum type, int width, int height,
             int channels);

  GLuint id_ = 0;
  int width_ = 0, height_ = 0, channels_ = 0;
  GLenum type_ = 0;
};

}  // namespace fieldscope::gl
