#include "engine/backend/devices.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

constexpr const char* library_name = "libfieldscope_cuda.so";

/// Names another library than the one that came with the program.
constexpr const char* library_variable = "FIELDSCOPE_CUDA_LIBRARY";

struct OpenedLibrary {
  const CudaLibrary* library = nullptr;  ///< nullptr: see found.problem
  CudaDevices found;
};

OpenedLibrary no_library(const std::string& problem) {
  return {nullptr, {{}, problem}};
}

/// Beside the program, beside the folder of a program that was built with it, or installed.
fs::path find_library() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* folder : {".", "..", "../lib/fieldscope", "../lib64/fieldscope"})
    if (fs::path path = program / folder / library_name; fs::exists(path, ignored))
      return path.lexically_normal();
  return {};
}

OpenedLibrary open_library() {
  const char* named = std::getenv(library_variable);
  const fs::path path = named != nullptr ? fs::path(named) : find_library();
  if (std::error_code ignored; path.empty() || !fs::exists(path, ignored))
    return no_library(named != nullptr ? "'" + path.string() + "', which " + library_variable +
                                             " names, was not found"
                                       : "this build has no CUDA backend");
  // The library brings cuBLAS and cuSOLVER along, which take a while to open: only for a driver.
  if (named == nullptr && dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) == nullptr)
    return no_library("no NVIDIA driver is installed");
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: backends need it
  if (handle == nullptr)
    return no_library("'" + path.string() + "' could not be opened: " + dlerror());
  const auto ask = reinterpret_cast<CudaLibraryFunction>(dlsym(handle, cuda_library_function));
  const CudaLibrary* library = ask != nullptr ? ask() : nullptr;
  if (library == nullptr || library->interface != CudaLibrary::current_interface)
    return no_library("'" + path.string() + "' belongs to another version of the program");
  return {library, library->find_devices()};
}

const OpenedLibrary& opened_library() {
  static const OpenedLibrary opened = [] {
    try {
      return open_library();
    } catch (const std::exception& error) {
      return no_library(error.what());
    }
  }();
  return opened;
}

/// K of "cuda:K", 0 of "cuda", -1 of anything else.
int named_index(std::string_view name) {
  if (name == "cuda") return 0;
  constexpr std::string_view prefix = "cuda:";
  if (!name.starts_with(prefix)) return -1;
  name.remove_prefix(prefix.size());
  int index = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  return error == std::errc() && end == name.data() + name.size() ? index : -1;
}

[[noreturn]] void refuse_device(std::string_view name) {
  const CudaDevices& cuda = cuda_devices();
  const std::size_t index = static_cast<std::size_t>(named_index(name));
  std::string why = cuda.problem, instead = "use --device cpu";
  if (why.empty() && index < cuda.devices.size()) {
    why = cuda.devices[index].problem;
  } else if (why.empty()) {
    why = "there " + std::string(cuda.devices.size() == 1 ? "is" : "are");
    for (std::size_t i = 0; i < cuda.devices.size(); ++i)
      why += std::string(i > 0 ? "," : "") + " cuda:" + std::to_string(i) + " (" +
             cuda.devices[i].name + ")";
    instead = "use one of these or --device cpu";
  }
  throw DeviceError("device '" + std::string(name) + "' is not available: " + why + "; " + instead);
}

}  // namespace

const CudaDevices& cuda_devices() {
  return opened_library().found;
}

void check_device_name(std::string_view name) {
  if (name == "auto" || name == "cpu" || named_index(name) >= 0) return;
  throw UsageError("unknown device '" + std::string(name) +
                   "'; there are auto, cpu, cuda, and cuda:K for the GPU with index K");
}

std::string find_device(std::string_view name) {
  check_device_name(name);
  if (name == "cpu") return "cpu";
  const std::vector<CudaDevice>& gpus = cuda_devices().devices;
  const auto usable = [](const CudaDevice& gpu) { return gpu.problem.empty(); };
  std::size_t index = static_cast<std::size_t>(named_index(name));
  if (name == "auto") {
    const auto first = std::find_if(gpus.begin(), gpus.end(), usable);
    if (first == gpus.end()) return "cpu";
    index = static_cast<std::size_t>(first - gpus.begin());
  }
  if (index >= gpus.size() || !usable(gpus[index])) refuse_device(name);
  return "cuda:" + std::to_string(index);
}

int cuda_index(std::string_view device) {
  return named_index(device);
}

std::string device_title(std::string_view device) {
  const int index = named_index(device);
  const std::vector<CudaDevice>& gpus = cuda_devices().devices;
  if (index < 0) return "CPU";
  if (static_cast<std::size_t>(index) >= gpus.size()) return std::string(device);
  return gpus[static_cast<std::size_t>(index)].name;
}

std::size_t cuda_free_bytes(int index) {
  return opened_library().library->free_bytes(index);
}

std::unique_ptr<Backend> make_backend(std::string_view device, std::shared_ptr<ThreadPool> pool,
                                      Precision precision) {
  const int index = cuda_index(find_device(device));
  if (index < 0) return make_cpu_backend(std::move(pool), precision);
  return opened_library().library->make_backend(index, precision);
}

}  // namespace fieldscope
