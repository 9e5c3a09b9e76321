// Memory, streams and devices of the fake: see README.md.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "cuda_runtime.h"
#include "streams.h"

namespace {

std::size_t number_from(const char* variable, std::size_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// One piece of device memory: whole pages, and one behind them that nobody may touch.
struct Piece {
  char* pages;
  std::size_t pages_bytes, bytes;
  int device;
};

struct Devices {
  const int count = static_cast<int>(number_from("FAKE_CUDA_DEVICES", 2));
  const std::size_t memory = number_from("FAKE_CUDA_MEMORY", 1024) << 20;
  const bool strict = number_from("FAKE_CUDA_STRICT", 0) != 0;
  const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));

  std::mutex mutex;
  std::map<const char*, Piece> pieces;              ///< by their first byte
  std::map<const char*, std::size_t> lent;          ///< bytes of OpenGL's buffers, by their first
  std::map<const void*, std::size_t> shared_bytes;  ///< that a kernel's launches may ask for
  std::vector<std::size_t> used = std::vector<std::size_t>(static_cast<std::size_t>(count));
  int accesses = 0;

  void protect(const Piece& piece, int how) { mprotect(piece.pages, piece.pages_bytes, how); }

  /// Whether all of these bytes lie in one piece.
  bool owns(const void* data, std::size_t bytes) {
    const std::lock_guard lock(mutex);
    const auto* const first = static_cast<const char*>(data);
    for (const auto& [begin, size] : lent)
      if (begin <= first && first + bytes <= begin + size) return true;
    auto at = pieces.upper_bound(first);
    if (at == pieces.begin()) return false;
    --at;
    return first + bytes <= at->first + at->second.bytes;
  }
};

Devices& devices() {
  static Devices* all = new Devices;  // lives as long as whatever still frees its memory
  return *all;
}

thread_local int current = 0;

/// Few, so that small batches are more than these do at once.
int processors() {
  return static_cast<int>(number_from("FAKE_CUDA_PROCESSORS", 3));
}
int capability() {
  return static_cast<int>(number_from("FAKE_CUDA_CAPABILITY", 90));
}

/// Shared memory of a block: what any kernel may ask for, and the most that can be allowed (9.0).
constexpr std::size_t usual_shared_bytes = std::size_t{48} << 10;
std::size_t most_shared_bytes() {
  return number_from("FAKE_CUDA_SHARED_KB", 227) << 10;
}

/// Allocations begin at a multiple of this, as those of a device do (at 256 bytes there): vectors
/// of four floats rely on it. What that leaves before the guard page nobody may have touched.
constexpr std::size_t alignment = 16;
constexpr unsigned char untouched = 0xff;

}  // namespace

void fake_lend(const void* data, std::size_t bytes) {
  const std::lock_guard lock(devices().mutex);
  devices().lent[static_cast<const char*>(data)] = bytes;
}
void fake_take_back(const void* data) {
  const std::lock_guard lock(devices().mutex);
  devices().lent.erase(static_cast<const char*>(data));
}

FakeDeviceAccess::FakeDeviceAccess() {
  Devices& d = devices();
  if (!d.strict) return;
  const std::lock_guard lock(d.mutex);
  if (d.accesses++ > 0) return;
  for (const auto& [data, piece] : d.pieces) d.protect(piece, PROT_READ | PROT_WRITE);
}

FakeDeviceAccess::~FakeDeviceAccess() {
  Devices& d = devices();
  if (!d.strict) return;
  const std::lock_guard lock(d.mutex);
  if (--d.accesses > 0) return;
  for (const auto& [data, piece] : d.pieces) d.protect(piece, PROT_NONE);
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorStreamCaptureUnsupported:
      return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated:
      return "operation failed due to a previous error during capture";
    case cudaErrorGraphExecUpdateFailure:
      return "the graph update was not performed because it included changes which violated "
             "constraints specific to instantiated graph update";
    case cudaErrorInvalidClusterSize:
      return "cluster misconfiguration";
  }
  return "unrecognized error code";
}
cudaError_t cudaGetLastError() {
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = devices().count;
  return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
}
cudaError_t cudaGetDevice(int* device) {
  *device = current;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= devices().count) return cudaErrorInvalidDevice;
  current = device;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device >= devices().count) return cudaErrorInvalidDevice;
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "Fake GPU %d", device);
  properties->totalGlobalMem = devices().memory;
  properties->sharedMemPerBlockOptin = most_shared_bytes();
  properties->multiProcessorCount = processors();
  properties->major = capability() / 10;
  properties->minor = capability() % 10;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  Devices& d = devices();
  const std::lock_guard lock(d.mutex);
  *total = d.memory;
  *free = d.memory - d.used[static_cast<std::size_t>(current)];
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** data, std::size_t bytes) {
  if (fake_capturing()) return cudaErrorStreamCaptureUnsupported;
  Devices& d = devices();
  const std::lock_guard lock(d.mutex);
  std::size_t& used = d.used[static_cast<std::size_t>(current)];
  if (bytes > d.memory - used) return cudaErrorMemoryAllocation;
  Piece piece;
  piece.pages_bytes = (bytes + d.page - 1) / d.page * d.page;
  piece.bytes = bytes;
  piece.device = current;
  void* pages = mmap(nullptr, piece.pages_bytes + d.page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return cudaErrorMemoryAllocation;
  piece.pages = static_cast<char*>(pages);
  mprotect(piece.pages + piece.pages_bytes, d.page, PROT_NONE);
  const std::size_t slack = (alignment - bytes % alignment) % alignment;
  char* const begin = piece.pages + piece.pages_bytes - bytes - slack;
  std::memset(begin, untouched, bytes + slack);  // NaN, in both precisions
  if (d.strict && d.accesses == 0) d.protect(piece, PROT_NONE);
  used += bytes;
  d.pieces[begin] = piece;
  *data = begin;
  return cudaSuccess;
}

cudaError_t cudaFree(void* data) {
  if (data == nullptr) return cudaSuccess;
  if (const cudaError_t error = fake_wait_for_all(); error != cudaSuccess) return error;
  Devices& d = devices();
  const std::lock_guard lock(d.mutex);
  const auto at = d.pieces.find(static_cast<char*>(data));
  if (at == d.pieces.end()) return cudaErrorInvalidValue;
  d.protect(at->second, PROT_READ | PROT_WRITE);
  for (const char* behind = at->first + at->second.bytes;
       behind < at->second.pages + at->second.pages_bytes; ++behind)
    if (static_cast<unsigned char>(*behind) != untouched) {
      std::fprintf(stderr, "fake CUDA: something was written behind %zu bytes of device memory\n",
                   at->second.bytes);
      std::abort();
    }
  d.used[static_cast<std::size_t>(at->second.device)] -= at->second.bytes;
  munmap(at->second.pages, at->second.pages_bytes + d.page);
  d.pieces.erase(at);
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* data, int value, std::size_t bytes, cudaStream_t stream) {
  if (stream == nullptr || !devices().owns(data, bytes)) return cudaErrorInvalidValue;
  return fake_put(stream, FakeWork::set, [=] {
    const FakeDeviceAccess access;
    std::memset(data, value, bytes);
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return cudaMemcpy2DAsync(to, bytes, from, bytes, bytes, 1, kind, stream);
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream) {
  if (width == 0 || height == 0) return cudaSuccess;
  if (width > to_pitch || width > from_pitch) return cudaErrorInvalidValue;
  Devices& d = devices();
  const std::size_t to_bytes = (height - 1) * to_pitch + width;
  const std::size_t from_bytes = (height - 1) * from_pitch + width;
  if (stream == nullptr || d.owns(to, to_bytes) != (kind != cudaMemcpyDeviceToHost) ||
      d.owns(from, from_bytes) != (kind != cudaMemcpyHostToDevice))
    return cudaErrorInvalidValue;
  const void* host = kind == cudaMemcpyHostToDevice   ? from
                     : kind == cudaMemcpyDeviceToHost ? to
                                                      : nullptr;
  const std::size_t host_bytes = kind == cudaMemcpyHostToDevice ? from_bytes : to_bytes;
  const bool pageable = host != nullptr && !fake_is_pinned(host, host_bytes);
  // What is not page-locked may be gone when a graph is launched: a device would copy whatever is
  // there by then.
  if (pageable && fake_capturing()) return cudaErrorStreamCaptureUnsupported;
  if (kind == cudaMemcpyHostToDevice) fake_count_upload();
  const auto copy = [=] {
    const FakeDeviceAccess access;
    for (std::size_t row = 0; row < height; ++row)
      std::memcpy(static_cast<char*>(to) + row * to_pitch,
                  static_cast<const char*>(from) + row * from_pitch, width);
  };
  const cudaError_t error = fake_put(stream, FakeWork::copy, copy);
  return error == cudaSuccess && pageable ? fake_wait(stream) : error;
}

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute, int bytes) {
  if (static_cast<std::size_t>(bytes) > most_shared_bytes()) return cudaErrorInvalidValue;
  const std::lock_guard lock(devices().mutex);
  devices().shared_bytes[kernel] = static_cast<std::size_t>(bytes);
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int,
                                                          std::size_t) {
  *blocks = 1;
  return cudaSuccess;
}

unsigned fake_cluster_size(const cudaLaunchConfig_t& config) {
  return config.numAttrs > 0 ? config.attrs[0].val.clusterDim.x : 1;
}

cudaError_t fake_check(const void* kernel, const cudaLaunchConfig_t& config) {
  if (config.gridDim.x == 0 || config.blockDim.x == 0 || config.blockDim.x > 1024 ||
      config.stream == nullptr)
    return cudaErrorInvalidConfiguration;
  constexpr unsigned most_blocks = 8;  // of a cluster, on every device that has any
  const unsigned cluster = fake_cluster_size(config);
  if (cluster == 0 || cluster > most_blocks || config.gridDim.x % cluster != 0 ||
      (cluster > 1 && (capability() < 90 || cluster > static_cast<unsigned>(processors()))))
    return cudaErrorInvalidClusterSize;
  if (config.dynamicSmemBytes <= usual_shared_bytes) return cudaSuccess;
  const std::lock_guard lock(devices().mutex);
  return config.dynamicSmemBytes <= devices().shared_bytes[kernel] ? cudaSuccess
                                                                   : cudaErrorInvalidConfiguration;
}

cudaError_t fake_max_active_clusters(int* clusters, const void*, const cudaLaunchConfig_t* config) {
  if (capability() < 90) return cudaErrorInvalidClusterSize;
  *clusters = processors() / static_cast<int>(fake_cluster_size(*config));
  return cudaSuccess;
}
