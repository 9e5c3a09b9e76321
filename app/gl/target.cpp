#include "app/gl/target.h"

#include <stdexcept>
#include <string>

namespace fieldscope::gl {

Target::Target(int width, int height, std::initializer_list<GLenum> formats, bool depth)
    : width_(width), height_(height) {
  const TargetScope restored;
  GLint bound = 0;
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
  glGenFramebuffers(1, &id_);
  glBindFramebuffer(GL_FRAMEBUFFER, id_);
  std::vector<GLenum> attachments;
  for (const GLenum format : formats) {
    GLuint texture = 0;
    glGenTextures(1, &texture);
    textures_.push_back(texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, format, width, height);
    for (const GLenum filter : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER})
      glTexParameteri(GL_TEXTURE_2D, filter, GL_NEAREST);
    for (const GLenum side : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T})
      glTexParameteri(GL_TEXTURE_2D, side, GL_CLAMP_TO_EDGE);
    attachments.push_back(GL_COLOR_ATTACHMENT0 + static_cast<GLenum>(attachments.size()));
    glFramebufferTexture2D(GL_FRAMEBUFFER, attachments.back(), GL_TEXTURE_2D, texture, 0);
  }
  glDrawBuffers(static_cast<GLsizei>(attachments.size()), attachments.data());
  if (depth) {
    glGenRenderbuffers(1, &depth_);
    glBindRenderbuffer(GL_RENDERBUFFER, depth_);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT32F, width, height);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, depth_);
  }
  glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(bound));
  if (glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE) return;
  release();
  throw std::runtime_error("the graphics driver cannot draw a picture of " + std::to_string(width) +
                           "x" + std::to_string(height));
}

Target::~Target() {
  release();
}

void Target::release() {
  glDeleteFramebuffers(1, &id_);
  glDeleteTextures(static_cast<GLsizei>(textures_.size()), textures_.data());
  if (depth_) glDeleteRenderbuffers(1, &depth_);
}

void Target::bind() const {
  glBindFramebuffer(GL_FRAMEBUFFER, id_);
  glViewport(0, 0, width_, height_);
}

void Target::borrow_depth(const Target* owner) const {
  glBindFramebuffer(GL_FRAMEBUFFER, id_);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER,
                            owner ? owner->depth_ : 0);
}

TargetScope::TargetScope() {
  glGetIntegerv(GL_FRAMEBUFFER_BINDING, &target_);
  glGetIntegerv(GL_VIEWPORT, viewport_);
}

TargetScope::~TargetScope() {
  glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(target_));
  glViewport(viewport_[0], viewport_[1], viewport_[2], viewport_[3]);
}

}  // namespace fieldscope::gl
