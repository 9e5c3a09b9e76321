#include <map>
#include <stdexcept>
#include <utility>

#include "engine/backend/cuda/launch.h"
#include "engine/backend/cuda/picture.h"
#include "engine/math/display_byte.h"
#include "engine/math/error.h"

// The function of the runtime whose header wants OpenGL's, declared here so that a server without
// these compiles it, too.
struct cudaGraphicsResource;
extern "C" {
cudaError_t cudaGraphicsGLRegisterBuffer(cudaGraphicsResource** resource, unsigned buffer,
                                         unsigned flags);
}

namespace fieldscope::cuda {
namespace {

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

  bool registered() const { return registered_; }
  /// Null if it could not be mapped or is smaller.
  void* data(std::size_t bytes) const { return bytes_ >= bytes ? data_ : nullptr; }

 private:
  cudaStream_t stream_;
  cudaGraphicsResource* resource_ = nullptr;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
  bool registered_ = false, mapped_ = false;
};

template <class T>
class Picture final : public DevicePicture {
 public:
  Picture(int device, Stream& stream, std::size_t numbers, int channels)
      : device_(device),
        channels_(channels),
        stream_(stream),
        memory_(PictureMemory::of(device)),
        piece_(memory_.take(numbers)),
        numbers_(piece_.numbers) {}
  ~Picture() override { memory_.give_back(std::move(piece_)); }

  void put(const Buffer& numbers, std::size_t first, std::size_t count) override {
    if (numbers.size() < count || first + count > numbers_.size())
      throw std::logic_error("Picture::put: sizes disagree");
    const T* const from = numbers.data<T>();
    float* const to = numbers_.data() + first;
    for_each(stream_, count,
             [=] __device__(std::size_t i) { to[i] = static_cast<float>(from[i]); });
  }

  bool write(Form form, unsigned gl_buffer) const override {
    if (!memory_.opengl_shares || cudaSetDevice(device_) != cudaSuccess) return false;
    cudaStream_t const stream = piece_.reader;
    const MappedBuffer buffer(gl_buffer, stream);
    if (!buffer.registered()) memory_.opengl_shares = false;
    const std::size_t pixels = numbers_.size() / static_cast<std::size_t>(channels_);
    const std::size_t bytes = form == Form::values ? numbers_.size() * sizeof(float) : 4 * pixels;
    void* const data = buffer.data(bytes);
    if (data == nullptr) return false;
    if (form == Form::values)
      return cudaMemcpyAsync(data, numbers_.data(), bytes, cudaMemcpyDeviceToDevice, stream) ==
             cudaSuccess;
    const float* const from = numbers_.data();
    const int channels = channels_;
    auto* const to = static_cast<std::uint8_t*>(data);
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
  PictureMemory& memory_;
  PictureMemory::Piece piece_;
  const DeviceArray<float>& numbers_;  ///< of the piece
};

}  // namespace

PictureMemory::Piece PictureMemory::take(std::size_t size) {
  std::vector<Piece> spare;
  {
    const std::lock_guard lock(mutex_);
    spare.swap(spare_);
  }
  std::erase_if(spare, [&](const Piece& piece) { return piece.numbers.size() != size; });
  Piece piece;
  if (!spare.empty()) {
    piece = std::move(spare.back());
    spare.pop_back();
    FIELDSCOPE_CHECK(cudaStreamSynchronize(piece.reader), "a picture that is being drawn");
  } else {
    piece.numbers = DeviceArray<float>(size);
    cudaStream_t reader = nullptr;
    FIELDSCOPE_CHECK(cudaStreamCreateWithFlags(&reader, cudaStreamNonBlocking));
    piece.reader = Handle<cudaStream_t, cudaStreamDestroy>(reader);
  }
  for (Piece& other : spare) give_back(std::move(other));
  return piece;
}

void PictureMemory::give_back(Piece piece) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(piece));
}

void PictureMemory::trim() {
  std::vector<Piece> spare;
  const std::lock_guard lock(mutex_);
  spare.swap(spare_);
}

PictureMemory& PictureMemory::of(int device) {
  static std::mutex mutex;
  // Never freed: when the program ends there may be no driver any more.
  static auto& all = *new std::map<int, PictureMemory>;
  const std::lock_guard lock(mutex);
  return all[device];
}

template <class T>
std::shared_ptr<DevicePicture> make_picture(int device, Stream& stream, std::size_t numbers,
                                            int channels) {
  return std::make_shared<Picture<T>>(device, stream, numbers, channels);
}

template std::shared_ptr<DevicePicture> make_picture<float>(int, Stream&, std::size_t, int);
template std::shared_ptr<DevicePicture> make_picture<double>(int, Stream&, std::size_t, int);

}  // namespace fieldscope::cuda
