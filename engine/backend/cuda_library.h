// What the program and libfieldscope_cuda.so know of each other. The program opens the library at
// run time and asks it for `fieldscope_cuda_library`, so that it starts where there is no CUDA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend/backend.h"

namespace fieldscope {

struct CudaDevice {
  std::string name;              ///< "NVIDIA H100 80GB HBM3"
  std::size_t memory_bytes = 0;  ///< in all
  std::string details;           ///< "compute capability 9.0, ..."
  std::string problem;           ///< why it cannot be used: half a sentence; empty if it can
};

struct CudaDevices {
  std::vector<CudaDevice> devices;
  std::string problem;  ///< why there is none that can be used: half a sentence
};

/// A table of functions rather than names to look up one by one.
struct CudaLibrary {
  /// Counts up with every change of this file, of Backend or of what they pass: a library of
  /// another version is not used.
  static constexpr std::uint32_t current_interface = 3;

  std::uint32_t interface;
  CudaDevices (*find_devices)();
  std::size_t (*free_bytes)(int device);  ///< throws DeviceError
  std::unique_ptr<Backend> (*make_backend)(int device, Precision precision);  ///< DeviceError
};

/// The library's one function.
using CudaLibraryFunction = const CudaLibrary* (*)();
inline constexpr const char* cuda_library_function = "fieldscope_cuda_library";

}  // namespace fieldscope
