#include "app/gl/renderer_name.h"

#include <glad/gl.h>

#include "app/gl/offscreen.h"

namespace fieldscope::gl {

std::string renderer_name() {
  const OffscreenContext context;
  if (context.failure()) return std::string("none: ") + context.failure();
  const auto text = [](GLenum name) {
    const GLubyte* value = glGetString(name);
    return std::string(value ? reinterpret_cast<const char*>(value) : "unknown");
  };
  const std::string version = text(GL_VERSION);
  return text(GL_RENDERER) + ", OpenGL " + version.substr(0, version.find(' '));
}

}  // namespace fieldscope::gl
