#include "app/gl/texture.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/math/display_byte.h"

namespace fieldscope::gl {

Texture::~Texture() {
  if (id_) glDeleteTextures(1, &id_);
}

Texture::Texture(Texture&& other) noexcept {
  *this = std::move(other);
}

Texture& Texture::operator=(Texture&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(width_, other.width_);
  std::swap(height_, other.height_);
  std::swap(channels_, other.channels_);
  std::swap(type_, other.type_);
  return *this;
}

void Texture::upload(std::span<const float> pixels, int width, int height, int channels) {
  store(pixels.data(), pixels.size(), GL_FLOAT, width, height, channels);
}

void Texture::upload(std::span<const std::uint8_t> pixels, int width, int height, int channels) {
  store(pixels.data(), pixels.size(), GL_UNSIGNED_BYTE, width, height, channels);
}

void Texture::upload_display(std::span<const float> pixels, int width, int height, int channels) {
  const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (pixels.size() != count * static_cast<std::size_t>(channels))
    throw std::invalid_argument("a picture's size and its pixels disagree");
  std::vector<std::uint8_t> bytes(count * 4);
  const auto step = static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      bytes[i * 4 + c] = display_byte(pixels[i * step + (channels >= 3 ? c : 0)]);
    bytes[i * 4 + 3] = 255;
  }
  upload(std::span<const std::uint8_t>(bytes), width, height, 4);
}

void Texture::upload_buffer(GLuint buffer, GLenum type, int width, int height, int channels) {
  glBindBuffer(GL_PIXEL_UNPACK_BUFFER, buffer);
  store(nullptr,
        static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
            static_cast<std::size_t>(channels),
        type, width, height, channels);
  glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
}

void Texture::store(const void* pixels, std::size_t count, GLenum type, int width, int height,
                    int channels) {
  const auto expected = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                        static_cast<std::size_t>(channels);
  if (width <= 0 || height <= 0 || count != expected)
    throw std::invalid_argument("texture of " + std::to_string(width) + "x" +
                                std::to_string(height) + "x" + std::to_string(channels) +
                                " given " + std::to_string(count) + " numbers");
  const bool floats = type == GL_FLOAT;
  const GLenum format = channels == 1 ? GL_RED : channels == 3 ? GL_RGB : GL_RGBA;
  const GLint internal = channels == 1   ? (floats ? GL_R32F : GL_R8)
                         : channels == 3 ? (floats ? GL_RGB32F : GL_RGB8)
                                         : (floats ? GL_RGBA32F : GL_RGBA8);
  GLint previous = 0;
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &previous);
  if (!id_) glGenTextures(1, &id_);
  glBindTexture(GL_TEXTURE_2D, id_);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  if (width == width_ && height == height_ && channels == channels_ && type == type_) {
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, format, type, pixels);
  } else {
    glTexImage2D(GL_TEXTURE_2D, 0, internal, width, height, 0, format, type, pixels);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
    if (channels == 1) {
      const GLint grey[] = {GL_RED, GL_RED, GL_RED, GL_ONE};
      glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_RGBA, grey);
    } else {
      const GLint colour[] = {GL_RED, GL_GREEN, GL_BLUE, GL_ALPHA};
      glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_RGBA, colour);
    }
  }
  width_ = width;
  height_ = height;
  channels_ = channels;
  type_ = type;
  glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(previous));
}

void Texture::set_smooth(bool smooth) const {
  const GLint filter = smooth ? GL_LINEAR : GL_NEAREST;
  glBindTexture(GL_TEXTURE_2D, id_);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filter);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
}

void Texture::bind(GLuint unit) const {
  glActiveTexture(GL_TEXTURE0 + unit);
  glBindTexture(GL_TEXTURE_2D, id_);
}

}  // namespace fieldscope::gl
