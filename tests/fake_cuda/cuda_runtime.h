// The part of the CUDA runtime that the CUDA backend uses, over host memory: see README.md.
#pragma once

#include <cstddef>
#include <functional>

#include "fake_block.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
inline constinit thread_local dim3 gridDim, blockDim, blockIdx, threadIdx;

struct alignas(16) float4 {
  float x, y, z, w;
};

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901,
  cudaErrorGraphExecUpdateFailure = 910,
  cudaErrorInvalidClusterSize = 912
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };

using cudaStream_t = struct FakeStream*;
using cudaEvent_t = struct FakeEvent*;
using cudaGraph_t = struct FakeGraph*;
using cudaGraphExec_t = struct FakeGraphExec*;
using cudaGraphNode_t = struct FakeGraphNode*;
struct cudaGraphExecUpdateResultInfo {
  int result;
};
enum cudaStreamCaptureMode { cudaStreamCaptureModeRelaxed = 2 };
constexpr unsigned cudaEventBlockingSync = 1, cudaEventDisableTiming = 2;
constexpr unsigned cudaHostAllocDefault = 0;
constexpr unsigned cudaStreamNonBlocking = 1;

struct cudaDeviceProp {
  char name[256];
  std::size_t totalGlobalMem, sharedMemPerBlockOptin;
  int major, minor, multiProcessorCount;
};
enum cudaLaunchAttributeID { cudaLaunchAttributeClusterDimension = 4 };
struct cudaLaunchAttribute {
  cudaLaunchAttributeID id;
  struct {
    struct {
      unsigned x, y, z;
    } clusterDim;
  } val;
};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  cudaLaunchAttribute* attrs = nullptr;
  unsigned numAttrs = 0;
};

enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };

const char* cudaGetErrorString(cudaError_t);
cudaError_t cudaGetLastError();
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total);
cudaError_t cudaMalloc(void** data, std::size_t bytes);
cudaError_t cudaFree(void* data);
cudaError_t cudaHostAlloc(void** data, std::size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void* data);
cudaError_t cudaMemsetAsync(void* data, int value, std::size_t bytes, cudaStream_t);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t);
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind, cudaStream_t);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t*, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t);
cudaError_t cudaStreamSynchronize(cudaStream_t);
cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode);
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t*);
cudaError_t cudaGraphDestroy(cudaGraph_t);
cudaError_t cudaGraphGetNodes(cudaGraph_t, cudaGraphNode_t*, std::size_t* count);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t*, cudaGraph_t, unsigned long long flags);
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t, cudaGraph_t, cudaGraphExecUpdateResultInfo*);
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t*, unsigned flags);
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t);
cudaError_t cudaEventSynchronize(cudaEvent_t);
cudaError_t cudaEventDestroy(cudaEvent_t);
cudaError_t cudaGraphicsUnregisterResource(struct cudaGraphicsResource*);
cudaError_t cudaGraphicsMapResources(int count, struct cudaGraphicsResource**, cudaStream_t);
cudaError_t cudaGraphicsUnmapResources(int count, struct cudaGraphicsResource**, cudaStream_t);
cudaError_t cudaGraphicsResourceGetMappedPointer(void** data, std::size_t* bytes,
                                                 struct cudaGraphicsResource*);

/// Dynamic shared memory that launches of a kernel may ask for; 48 KB without this.
cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute, int bytes);
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* kernel,
                                                          int threads, std::size_t shared_bytes);
/// Clusters of the launch that the device holds at once, on the present device: a processor has one
/// block at a time.
cudaError_t fake_max_active_clusters(int* clusters, const void* kernel, const cudaLaunchConfig_t*);
template <class Kernel>
cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, Kernel* kernel,
                                           const cudaLaunchConfig_t* config) {
  return fake_max_active_clusters(clusters, reinterpret_cast<const void*>(kernel), config);
}

/// Whether a launch of the kernel is possible: its sizes, and no more shared memory than allowed.
cudaError_t fake_check(const void* kernel, const cudaLaunchConfig_t&);
/// Blocks of one cluster.
unsigned fake_cluster_size(const cudaLaunchConfig_t&);

/// Work put into a stream: done when somebody waits for it, or part of the graph that is captured.
enum class FakeWork { kernel, copy, set, library };
cudaError_t fake_put(cudaStream_t, FakeWork, std::function<void()>);
/// Does all that was put into the stream; an error where it is captured.
cudaError_t fake_wait(cudaStream_t);

/// Device memory may be touched while one of these lives.
class FakeDeviceAccess {
 public:
  FakeDeviceAccess();
  ~FakeDeviceAccess();
  FakeDeviceAccess(const FakeDeviceAccess&) = delete;
  FakeDeviceAccess& operator=(const FakeDeviceAccess&) = delete;
};

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               const Arguments&... arguments) {
  if (const cudaError_t error = fake_check(reinterpret_cast<const void*>(kernel), *config);
      error != cudaSuccess)
    return error;
  const dim3 grid = config->gridDim, block = config->blockDim;
  const std::size_t shared_bytes = config->dynamicSmemBytes;
  const unsigned cluster = fake_cluster_size(*config);
  return fake_put(config->stream, FakeWork::kernel, [=] {
    const FakeDeviceAccess access;
    gridDim = grid;
    blockDim = block;
    const auto thread = [&] { kernel(arguments...); };
    using Thread = decltype(thread);
    const auto run = [](void* body) { (*static_cast<Thread*>(body))(); };
    for (unsigned first = 0; first < grid.x; first += cluster)
      if (shared_bytes > 0) {
        fake_run_blocks(first, cluster, block.x, shared_bytes, run,
                        const_cast<void*>(static_cast<const void*>(&thread)));
      } else {
        for (blockIdx.x = first; blockIdx.x < first + cluster; ++blockIdx.x)
          for (threadIdx.x = 0; threadIdx.x < block.x; ++threadIdx.x) thread();
      }
  });
}
