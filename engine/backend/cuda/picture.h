// Pictures that stay on the device: see engine/backend/device_picture.h.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/backend/cuda/handles.h"
#include "engine/backend/device_picture.h"

namespace fieldscope::cuda {

/// Memory of a device's pictures, used again for the next ones. The window's thread lets go of
/// pictures, and must not wait: freeing memory waits for all that the device does. Thread-safe.
class PictureMemory {
 public:
  struct Piece {
    DeviceArray<float> numbers;
    Handle<cudaStream_t, cudaStreamDestroy> reader;  ///< in which a window has it read
  };
  /// That of a device, for as long as the program runs.
  static PictureMemory& of(int device);

  /// On that device, which must be present. Waits for who reads what was there.
  Piece take(std::size_t size);
  void give_back(Piece piece);
  /// Frees what nobody uses.
  void trim();

  /// OpenGL has not refused yet: it draws on another device, or there is none. Asked once.
  std::atomic<bool> opengl_shares = true;

 private:
  std::mutex mutex_;
  std::vector<Piece> spare_;
};

/// A picture of so many numbers, a pixel every `channels`, on a device, filled from buffers of
/// numbers T in a stream.
template <class T>
std::shared_ptr<DevicePicture> make_picture(int device, Stream& stream, std::size_t numbers,
                                            int channels);

}  // namespace fieldscope::cuda
