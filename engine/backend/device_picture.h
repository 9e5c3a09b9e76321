// A picture in the memory of the device that made it, for a window that draws on the same device.
// It outlives the backend that filled it; once filled it does not change, and any thread may use
// it.
#pragma once

#include <cstddef>

#include "engine/backend/buffer.h"

namespace fieldscope {

class DevicePicture {
 public:
  virtual ~DevicePicture() = default;

  /// Puts `count` numbers of a buffer of its backend behind the first `first` of the picture's,
  /// which lie as in an Image. Done when the backend has next been waited for.
  virtual void put(const Buffer& numbers, std::size_t first, std::size_t count) = 0;

  enum class Form {
    values,  ///< float32, as they are
    display  ///< 8-bit RGBA of values in [0, 1], a single channel as grey
  };
  /// Writes all of them into an OpenGL buffer object of the context that is current on this thread,
  /// which must have room for them. False where OpenGL does not draw on this device: then the
  /// picture on the host has to serve.
  virtual bool write(Form form, unsigned gl_buffer) const = 0;
};

}  // namespace fieldscope
