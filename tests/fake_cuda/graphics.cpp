// OpenGL's buffers as memory of the fake device: mapped as OpenGL maps them for the host. There is
// none unless FAKE_CUDA_OPENGL=1: most machines draw on another device than they compute on.
#include <cstdlib>

#include <dlfcn.h>

#include "streams.h"

struct cudaGraphicsResource {
  unsigned buffer = 0;
  void* data = nullptr;
  std::size_t bytes = 0;
};

namespace {

constexpr unsigned copy_write_buffer = 0x8F37, write_only = 0x88B9, buffer_size = 0x8764;

/// The functions of the context that the program draws with.
struct OpenGl {
  void (*bind)(unsigned, unsigned) = nullptr;
  void* (*map)(unsigned, unsigned) = nullptr;
  unsigned char (*unmap)(unsigned) = nullptr;
  void (*parameter)(unsigned, unsigned, int*) = nullptr;

  OpenGl() {
    const char* const wanted = std::getenv("FAKE_CUDA_OPENGL");
    void* const library = wanted != nullptr ? dlopen("libGL.so.1", RTLD_LAZY) : nullptr;
    if (library == nullptr) return;
    using Find = void (*(*)(const unsigned char*))();
    const auto find = reinterpret_cast<Find>(dlsym(library, "glXGetProcAddressARB"));
    const auto get = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
          find(reinterpret_cast<const unsigned char*>(name)));
    };
    get(bind, "glBindBuffer");
    get(map, "glMapBuffer");
    get(unmap, "glUnmapBuffer");
    get(parameter, "glGetBufferParameteriv");
  }
};
OpenGl& opengl() {
  static OpenGl functions;
  return functions;
}

}  // namespace

extern "C" cudaError_t cudaGraphicsGLRegisterBuffer(cudaGraphicsResource** resource,
                                                    unsigned buffer, unsigned) {
  if (opengl().bind == nullptr) return cudaErrorInvalidValue;
  *resource = new cudaGraphicsResource{buffer};
  return cudaSuccess;
}
cudaError_t cudaGraphicsUnregisterResource(cudaGraphicsResource* resource) {
  delete resource;
  return cudaSuccess;
}
cudaError_t cudaGraphicsMapResources(int count, cudaGraphicsResource** resources, cudaStream_t) {
  if (count != 1) return cudaErrorInvalidValue;
  cudaGraphicsResource& r = **resources;
  const OpenGl& gl = opengl();
  int bytes = 0;
  gl.bind(copy_write_buffer, r.buffer);
  gl.parameter(copy_write_buffer, buffer_size, &bytes);
  r.data = gl.map(copy_write_buffer, write_only);
  gl.bind(copy_write_buffer, 0);
  if (r.data == nullptr) return cudaErrorInvalidValue;
  r.bytes = static_cast<std::size_t>(bytes);
  fake_lend(r.data, r.bytes);
  return cudaSuccess;
}
cudaError_t cudaGraphicsUnmapResources(int count, cudaGraphicsResource** resources,
                                       cudaStream_t stream) {
  if (count != 1) return cudaErrorInvalidValue;
  if (const cudaError_t error = fake_wait(stream); error != cudaSuccess) return error;
  cudaGraphicsResource& r = **resources;
  fake_take_back(r.data);
  const OpenGl& gl = opengl();
  gl.bind(copy_write_buffer, r.buffer);
  gl.unmap(copy_write_buffer);
  gl.bind(copy_write_buffer, 0);
  return cudaSuccess;
}
cudaError_t cudaGraphicsResourceGetMappedPointer(void** data, std::size_t* bytes,
                                                 cudaGraphicsResource* resource) {
  *data = resource->data;
  *bytes = resource->bytes;
  return cudaSuccess;
}
