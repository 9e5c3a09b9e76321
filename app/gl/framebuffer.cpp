#include "app/gl/framebuffer.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace fieldscope::gl {

std::vector<std::uint8_t> read_rgb_rows(int width, int height) {
  const auto row = static_cast<std::size_t>(width) * 3;
  std::vector<std::uint8_t> pixels(row * static_cast<std::size_t>(height));
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glPixelStorei(GL_PACK_ROW_LENGTH, 0);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
  // OpenGL counts rows from the bottom; files count them from the top.
  for (std::size_t y = 0; y < static_cast<std::size_t>(height) / 2; ++y)
    std::swap_ranges(pixels.begin() + static_cast<std::ptrdiff_t>(y * row),
                     pixels.begin() + static_cast<std::ptrdiff_t>((y + 1) * row),
                     pixels.end() - static_cast<std::ptrdiff_t>((y + 1) * row));
  return pixels;
}

Framebuffer::Framebuffer(int width, int height) : width_(width), height_(height) {
  glGenFramebuffers(1, &id_);
  glGenRenderbuffers(1, &colour_);
  glBindRenderbuffer(GL_RENDERBUFFER, colour_);
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
  glBindFramebuffer(GL_FRAMEBUFFER, id_);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, colour_);
  const bool complete = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  if (!complete) {
    glDeleteFramebuffers(1, &id_);
    glDeleteRenderbuffers(1, &colour_);
    throw std::runtime_error("the graphics driver cannot draw a picture of " +
                             std::to_string(width) + "x" + std::to_string(height));
  }
}

Framebuffer::~Framebuffer() {
  glDeleteFramebuffers(1, &id_);
  glDeleteRenderbuffers(1, &colour_);
}

void Framebuffer::bind() const {
  glBindFramebuffer(GL_FRAMEBUFFER, id_);
  glViewport(0, 0, width_, height_);
}

void Framebuffer::unbind() const {
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
}

std::vector<std::uint8_t> Framebuffer::read_rgb() const {
  glBindFramebuffer(GL_FRAMEBUFFER, id_);
  auto pixels = read_rgb_rows(width_, height_);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  return pixels;
}

std::vector<std::uint8_t> read_window_rgb(int width, int height) {
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  return read_rgb_rows(width, height);
}

}  // namespace fieldscope::gl
