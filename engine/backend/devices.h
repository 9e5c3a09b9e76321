// Where a run can compute: the CPU, and the NVIDIA GPUs that libfieldscope_cuda.so finds. The
// library is looked for once, by whoever asks first, and opened only where there is a driver, so
// that the program starts as fast without one. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/backend/backend.h"
#include "engine/backend/cuda_library.h"

namespace fieldscope {

class ThreadPool;

/// The GPUs by index, or why there is none. The first call may take a second where there is one.
const CudaDevices& cuda_devices();

/// Throws UsageError unless the name is one of "auto", "cpu", "cuda" and "cuda:K".
void check_device_name(std::string_view name);

/// The device that such a name means, "cpu" or "cuda:K": "auto" is the first GPU that can be used,
/// or the CPU, "cuda" is "cuda:0". Throws UsageError for another name, DeviceError (with the
/// reason, and what there is instead) for a device that is not there.
std::string find_device(std::string_view name);

/// The index of "cuda:K"; -1 for "cpu".
int cuda_index(std::string_view device);

/// "CPU", or the GPU's name: for people to read. `device` is what find_device() returned.
std::string device_title(std::string_view device);

/// Bytes that a GPU can still give. Throws DeviceError.
std::size_t cuda_free_bytes(int index);

/// A backend for one run on a device as find_device() names it; of the pool only the CPU makes use.
/// Throws DeviceError.
std::unique_ptr<Backend> make_backend(std::string_view device, std::shared_ptr<ThreadPool> pool,
                                      Precision precision);

}  // namespace fieldscope
