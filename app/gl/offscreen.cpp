#include "app/gl/offscreen.h"

#include <array>
#include <cstring>
#include <stdexcept>

#include <glad/gl.h>

#include "app/gl/mesh_renderer.h"

namespace fieldscope::gl {
namespace {

bool has_extension(const char* name) {
  const char* extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  return extensions && std::strstr(extensions, name);
}

EGLDisplay surfaceless_display() {
  if (!has_extension("EGL_MESA_platform_surfaceless")) return EGL_NO_DISPLAY;
  return eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA,
                                  reinterpret_cast<void*>(EGL_DEFAULT_DISPLAY), nullptr);
}

}  // namespace

OffscreenContext::OffscreenContext() : failure_(open()) {}

OffscreenContext::~OffscreenContext() {
  close();
  gladLoaderUnloadGL();
}

// The display stays initialised and the library loaded, for the next context: to load a driver
// again costs more than everything else here, and drivers leave memory behind when they go.
void OffscreenContext::close() {
  if (display_ == EGL_NO_DISPLAY) return;
  eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  if (context_ != EGL_NO_CONTEXT) eglDestroyContext(display_, context_);
  context_ = EGL_NO_CONTEXT;
  display_ = EGL_NO_DISPLAY;
}

const char* OffscreenContext::open() {
  // This load finds the functions that need no display; another one, those of the display.
  if (!gladLoaderLoadEGL(EGL_NO_DISPLAY)) return "there is no EGL library";
  // Without a display only the extension's name of the function is sure to be loaded.
  if (!eglGetPlatformDisplayEXT) return open_on(eglGetDisplay(EGL_DEFAULT_DISPLAY));
  const char* failure = open_on(surfaceless_display());
  // NVIDIA's driver has no surfaceless platform; its devices can be asked for one by one.
  if (failure && has_extension("EGL_EXT_platform_device") && eglQueryDevicesEXT) {
    std::array<EGLDeviceEXT, 16> devices{};
    EGLint count = 0;
    if (eglQueryDevicesEXT(static_cast<EGLint>(devices.size()), devices.data(), &count))
      for (std::size_t i = 0; failure && i < static_cast<std::size_t>(count); ++i)
        failure = open_on(eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, devices[i], nullptr));
  }
  return failure ? open_on(eglGetDisplay(EGL_DEFAULT_DISPLAY)) : nullptr;
}

const char* OffscreenContext::open_on(EGLDisplay display) {
  if (display == EGL_NO_DISPLAY || !eglInitialize(display, nullptr, nullptr))
    return "EGL finds no device";
  display_ = display;
  const auto give_up = [this](const char* reason) {
    close();
    return reason;
  };
  if (!gladLoaderLoadEGL(display_) || !eglBindAPI(EGL_OPENGL_API))
    return give_up("EGL offers no OpenGL");
  const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (!eglChooseConfig(display_, wanted, &config, 1, &count) || count == 0)
    return give_up("EGL offers no suitable configuration");
  context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, nullptr);
  if (context_ == EGL_NO_CONTEXT ||
      !eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_))
    return give_up("no OpenGL context can be made");
  if (!gladLoaderLoadGL()) return give_up("OpenGL cannot be loaded");
  return nullptr;
}

struct PictureStudio::Parts {
  OffscreenContext context;
  std::unique_ptr<MeshRenderer> renderer;
};

PictureStudio::PictureStudio() : parts_(std::make_unique<Parts>()) {
  if (const char* failure = parts_->context.failure())
    throw std::runtime_error("cannot draw pictures of meshes here: " + std::string(failure));
  if (!GLAD_GL_VERSION_4_3)
    throw std::runtime_error("cannot draw pictures of meshes here: OpenGL 4.3 is needed");
  parts_->renderer = std::make_unique<MeshRenderer>();
}

PictureStudio::~PictureStudio() = default;

Image PictureStudio::picture(const Mesh& mesh, const Camera& camera, const MeshStyle& style,
                             int width, int height, const SectionImage* section) {
  MeshBuffer buffer;
  buffer.upload(pack(mesh));
  SectionTexture values;
  if (section) values.upload(*section);
  return parts_->renderer->picture({&buffer, section ? &values : nullptr, camera, style}, width,
                                   height);
}

Image render_mesh_picture(const Mesh& mesh, const Camera& camera, const MeshStyle& style, int width,
                          int height) {
  return PictureStudio().picture(mesh, camera, style, width, height);
}

}  // namespace fieldscope::gl
