#include "app/gl/renderer_name.h"

#include <cstring>

#include <glad/egl.h>
#include <glad/gl.h>

namespace fieldscope::gl {
namespace {

/// A context that draws nowhere, current while it lives.
class SurfacelessContext {
 public:
  SurfacelessContext() : failure_(open()) {}

  ~SurfacelessContext() {
    if (display_ != EGL_NO_DISPLAY) {
      eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
      if (context_ != EGL_NO_CONTEXT) eglDestroyContext(display_, context_);
      eglTerminate(display_);
    }
    gladLoaderUnloadGL();
    gladLoaderUnloadEGL();
  }
  SurfacelessContext(const SurfacelessContext&) = delete;
  SurfacelessContext& operator=(const SurfacelessContext&) = delete;

  /// Why there is none; nullptr if there is one.
  const char* failure() const { return failure_; }

 private:
  const char* open() {
    // The first load finds the functions that need no display, the second those of this one.
    if (!gladLoaderLoadEGL(EGL_NO_DISPLAY)) return "there is no EGL library";
    display_ = surfaceless_display();
    if (display_ == EGL_NO_DISPLAY || !eglInitialize(display_, nullptr, nullptr)) {
      display_ = EGL_NO_DISPLAY;
      return "EGL finds no device";
    }
    if (!gladLoaderLoadEGL(display_) || !eglBindAPI(EGL_OPENGL_API)) {
      return "EGL offers no OpenGL";
    }
    const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (!eglChooseConfig(display_, wanted, &config, 1, &count) || count == 0) {
      return "EGL offers no suitable configuration";
    }
    context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, nullptr);
    if (context_ == EGL_NO_CONTEXT ||
        !eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_)) {
      return "no OpenGL context can be made";
    }
    if (!gladLoaderLoadGL()) return "OpenGL cannot be loaded";
    return nullptr;
  }

  static EGLDisplay surfaceless_display() {
    // Without a display only the extension's name of the function is sure to be loaded.
    const char* extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
    const bool mesa = extensions && std::strstr(extensions, "EGL_MESA_platform_surfaceless");
    if (mesa && eglGetPlatformDisplayEXT) {
      return eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA,
                                      reinterpret_cast<void*>(EGL_DEFAULT_DISPLAY), nullptr);
    }
    return eglGetDisplay(EGL_DEFAULT_DISPLAY);
  }

  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
  const char* failure_ = nullptr;
};

}  // namespace

std::string renderer_name() {
  const SurfacelessContext context;
  if (context.failure()) return std::string("none: ") + context.failure();
  const auto text = [](GLenum name) {
    const GLubyte* value = glGetString(name);
    return std::string(value ? reinterpret_cast<const char*>(value) : "unknown");
  };
  const std::string version = text(GL_VERSION);
  return text(GL_RENDERER) + ", OpenGL " + version.substr(0, version.find(' '));
}

}  // namespace fieldscope::gl
