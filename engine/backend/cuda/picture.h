// Pictures that stay on the device: see engine/backend/device_picture.h.
#pragma once

#include <memory>

#include "engine/backend/cuda/handles.h"
#include "engine/backend/device_picture.h"

namespace fieldscope::cuda {

/// A picture of so many numbers, a pixel every `channels`, on a device, filled from buffers of
/// numbers T in a stream.
template <class T>
std::shared_ptr<DevicePicture> make_picture(int device, Stream& stream, std::size_t numbers,
                                            int channels);

}  // namespace fieldscope::cuda
