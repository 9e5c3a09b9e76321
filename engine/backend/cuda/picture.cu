#include <atomic>
#include <stdexcept>

#include "engine/backend/cuda/launch.h"
#include "engine/backend/cuda/picture.h"
#include "engine/math/error.h"
#include "engine/math/portable.h"

// The function of the runtime whose header wants OpenGL's, declared here so that a server without
// these compiles it, too.
struct cudaGraphicsResource;
extern "C" {
cudaError_t cudaGraphicsGLRegisterBuffer(cudaGraphicsResource** resource, unsigned buffer,
                                         unsigned flags);
}

namespace fieldscope::cuda {
namespace {

/// Whether OpenGL has not refused yet: it draws on another device, or there is none. Asked once.
std::atomic<bool> opengl_shares = true;

/// An OpenGL buffer object while the device writes it.
class MappedBuffer {
 public:
  MappedBuffer(unsigned buffer, cudaStream_t stream) : stream_(stream) {
    constexpr unsigned write_all = 2;  // cudaGraphicsRegisterFlagsWriteDiscard
    if (cudaGraphicsGLRegisterBuffer(&resource_, buffer, write_all) != cudaSuccess) return;
    registered_ = true;
    mapped_ = cudaGraphicsMapResources(1, &resource_, stream) == cudaSuccess;
    if (mapped_ && cudaGraphicsResourceGetMappedPointer(&data_, &bytes_, resource_) != cudaSuccess)
      data_ = nullptr;
  }
  ~MappedBuffer() {
    if (mapped_) cudaGraphicsUnmapResources(1, &resource_, stream_);  // OpenGL waits for the stream
    if (registered_) cudaGraphicsUnregisterResource(resource_);
    cudaGetLastError();
  }
  MappedBuffer(const MappedBuffer&) = delete;
  MappedBuffer& operator=(const MappedBuffer&) = delete;

  /// Null if it could not be mapped or is smaller.
  void* data(std::size_t bytes) const { return bytes_ >= bytes ? data_ : nullptr; }

 private:
  cudaStream_t stream_;
  cudaGraphicsResource* resource_ = nullptr;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
  bool registered_ = false, mapped_ = false;
};

/// As gl::Texture::upload_display() has it: what is not a number is black.
FIELDSCOPE_HOST_DEVICE unsigned char display_byte(float value) {
  if (!(value > 0)) return 0;
  return static_cast<unsigned char>((value < 1 ? value : 1) * 255 + 0.5f);
}

template <class T>
class Picture final : public DevicePicture {
 public:
  Picture(int device, Stream& stream, std::size_t numbers, int channels)
      : device_(device), channels_(channels), stream_(stream), numbers_(numbers) {}
  ~Picture() override {
    int present = 0;  // who lets the picture go may be at work on another device
    cudaGetDevice(&present);
    cudaSetDevice(device_);
    numbers_ = {};
    cudaSetDevice(present);
  }

  void put(const Buffer& numbers, std::size_t first, std::size_t count) override {
    if (numbers.size() < count || first + count > numbers_.size())
      throw std::logic_error("Picture::put: sizes disagree");
    const T* const from = numbers.data<T>();
    float* const to = numbers_.data() + first;
    for_each(stream_, count,
             [=] __device__(std::size_t i) { to[i] = static_cast<float>(from[i]); });
  }

  bool write(Form form, unsigned gl_buffer) const override {
    if (!opengl_shares || cudaSetDevice(device_) != cudaSuccess) return false;
    cudaStream_t own = nullptr;
    if (cudaStreamCreateWithFlags(&own, cudaStreamNonBlocking) != cudaSuccess) return false;
    const Handle<cudaStream_t, cudaStreamDestroy> stream(own);
    const MappedBuffer buffer(gl_buffer, stream);
    const std::size_t pixels = numbers_.size() / static_cast<std::size_t>(channels_);
    const std::size_t bytes = form == Form::values ? numbers_.size() * sizeof(float) : 4 * pixels;
    void* const data = buffer.data(bytes);
    if (data == nullptr) {
      opengl_shares = false;
      return false;
    }
    if (form == Form::values)
      return cudaMemcpyAsync(data, numbers_.data(), bytes, cudaMemcpyDeviceToDevice, stream) ==
             cudaSuccess;
    const float* const from = numbers_.data();
    const int channels = channels_;
    auto* const to = static_cast<unsigned char*>(data);
    try {
      for_each(stream, pixels, [=] __device__(std::size_t i) {
        for (int c = 0; c < 3; ++c)
          to[4 * i + c] = display_byte(from[i * channels + (channels >= 3 ? c : 0)]);
        to[4 * i + 3] = 255;
      });
    } catch (const DeviceError&) {
      return false;
    }
    return true;
  }

 private:
  int device_, channels_;
  Stream& stream_;  ///< of the backend, for as long as it fills the picture
  DeviceArray<float> numbers_;
};

}  // namespace

template <class T>
std::shared_ptr<DevicePicture> make_picture(int device, Stream& stream, std::size_t numbers,
                                            int channels) {
  return std::make_shared<Picture<T>>(device, stream, numbers, channels);
}

template std::shared_ptr<DevicePicture> make_picture<float>(int, Stream&, std::size_t, int);
template std::shared_ptr<DevicePicture> make_picture<double>(int, Stream&, std::size_t, int);

}  // namespace fieldscope::cuda
