#include <cstdlib>
#include <string_view>

#include "engine/backend/cuda/stream.h"
#include "engine/math/bytes.h"

namespace fieldscope::cuda {
namespace {

/// FIELDSCOPE_CUDA_GRAPHS=off: for who looks for a mistake, or for what graphs bring.
bool graphs_wanted() {
  const char* const given = std::getenv("FIELDSCOPE_CUDA_GRAPHS");
  return given == nullptr || std::string_view(given) != "off";
}

cudaStream_t new_stream() {
  cudaStream_t stream;
  FIELDSCOPE_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

using Graph = Handle<cudaGraph_t, cudaGraphDestroy>;

Graph end_capture(cudaStream_t stream) {
  cudaGraph_t graph = nullptr;
  FIELDSCOPE_CHECK(cudaStreamEndCapture(stream, &graph),
                   "a step; FIELDSCOPE_CUDA_GRAPHS=off does without");
  return Graph(graph);
}

}  // namespace

Stream::Stream() : stream_(new_stream()), graphs_wanted_(graphs_wanted()) {}

Stream::~Stream() {
  cudaGraph_t graph = nullptr;
  if (gathering_ && cudaStreamEndCapture(stream_, &graph) == cudaSuccess) cudaGraphDestroy(graph);
}

void Stream::begin_step() {
  interrupt();  // what an error has left behind
  interrupted_ = false;
  if (!may_gather_ || !graphs_wanted_) return;
  // Relaxed: kernels may be loaded on the way, and other runs get and free memory meanwhile.
  FIELDSCOPE_CHECK(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed));
  gathering_ = true;
}

void Stream::end_step() {
  launch_gathered();
  may_gather_ = !interrupted_;
}

void Stream::interrupt() {
  interrupted_ = true;
  launch_gathered();
}

void Stream::wait() {
  interrupt();
  FIELDSCOPE_CHECK(cudaStreamSynchronize(stream_));
}

void Stream::copy_now(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  interrupt();  // memory that is not page-locked is nothing for a graph
  FIELDSCOPE_CHECK(cudaMemcpyAsync(to, from, bytes, kind, stream_), format_bytes(bytes));
  wait();
}

void Stream::launch_gathered() {
  if (!gathering_) return;
  gathering_ = false;
  const Graph graph = end_capture(stream_);
  std::size_t nodes = 0;
  FIELDSCOPE_CHECK(cudaGraphGetNodes(graph, nullptr, &nodes));
  if (nodes == 0) return;
  Handle<cudaGraphExec_t, cudaGraphExecDestroy>& instance = instances_[nodes];
  cudaGraphExecUpdateResultInfo info = {};
  if (instance != nullptr && cudaGraphExecUpdate(instance, graph, &info) != cudaSuccess) {
    cudaGetLastError();  // it was of another kind
    instance = {};
  }
  if (instance == nullptr) {
    cudaGraphExec_t fresh = nullptr;
    FIELDSCOPE_CHECK(cudaGraphInstantiate(&fresh, graph, 0), std::to_string(nodes) + " nodes");
    instance = Handle<cudaGraphExec_t, cudaGraphExecDestroy>(fresh);
  }
  FIELDSCOPE_CHECK(cudaGraphLaunch(instance, stream_), std::to_string(nodes) + " nodes");
  ++graphs_;
}

}  // namespace fieldscope::cuda
