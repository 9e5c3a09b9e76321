// Streams, events, graphs and page-locked memory of the fake. What is put into a stream is done as
// late as a device might do it: when somebody waits for it.
#include "streams.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace {

struct Work {
  FakeWork kind;
  std::function<void()> what;
};
using Works = std::vector<Work>;

}  // namespace

struct FakeGraph {
  Works nodes;
};
struct FakeGraphExec {
  Works nodes;
};
struct FakeStream {
  std::recursive_mutex mutex;
  Works waiting;
  FakeGraph* capturing = nullptr;
};
struct FakeEvent {
  FakeStream* stream = nullptr;  ///< null: not recorded
};

namespace {

struct Streams {
  std::recursive_mutex mutex;
  std::size_t graphs = 0, waits = 0;  ///< launched; for streams and events
  std::size_t uploads = 0;
  std::set<FakeStream*> all;
  std::map<const char*, std::size_t> pinned;  ///< bytes by their first
};
Streams& streams() {
  static Streams* the = [] {
    auto* const all = new Streams;  // lives as long as whatever still waits
    if (std::getenv("FAKE_CUDA_COUNT") != nullptr)
      std::atexit([] {
        std::fprintf(stderr, "fake CUDA: %zu graphs, %zu waits, %zu copies from the host\n",
                     streams().graphs, streams().waits, streams().uploads);
      });
    return all;
  }();
  return *the;
}
void count(std::size_t Streams::*what) {
  const std::lock_guard lock(streams().mutex);
  ++(streams().*what);
}

/// Of this thread.
thread_local FakeStream* captured = nullptr;

void run(FakeStream& stream) {
  const std::lock_guard lock(stream.mutex);
  Works works;
  works.swap(stream.waiting);
  if (works.empty()) return;
  const FakeDeviceAccess access;  // once for all: protecting memory takes longer than most work
  for (const Work& work : works) work.what();
}

}  // namespace

bool fake_capturing() {
  return captured != nullptr;
}

cudaError_t fake_put(cudaStream_t stream, FakeWork kind, std::function<void()> what) {
  const std::lock_guard lock(stream->mutex);
  if (stream->capturing != nullptr && captured != stream) return cudaErrorStreamCaptureUnsupported;
  Works& to = stream->capturing != nullptr ? stream->capturing->nodes : stream->waiting;
  to.push_back({kind, std::move(what)});
  return cudaSuccess;
}

cudaError_t fake_wait(cudaStream_t stream) {
  if (stream->capturing != nullptr) return cudaErrorStreamCaptureUnsupported;
  run(*stream);
  return cudaSuccess;
}

cudaError_t fake_wait_for_all() {
  if (fake_capturing()) return cudaErrorStreamCaptureUnsupported;
  const std::lock_guard lock(streams().mutex);
  for (FakeStream* stream : streams().all) run(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new FakeStream;
  const std::lock_guard lock(streams().mutex);
  streams().all.insert(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (captured == stream) captured = nullptr;
  const std::lock_guard lock(streams().mutex);
  run(*stream);
  streams().all.erase(stream);
  delete stream->capturing;
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  count(&Streams::waits);
  return fake_wait(stream);
}

// ---- graphs -------------------------------------------------------------------------------------

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (stream->capturing != nullptr || fake_capturing()) return cudaErrorStreamCaptureUnsupported;
  stream->capturing = new FakeGraph;
  captured = stream;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  if (captured != stream) return cudaErrorStreamCaptureInvalidated;
  *graph = std::exchange(stream->capturing, nullptr);
  captured = nullptr;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count) {
  if (nodes != nullptr) return cudaErrorInvalidValue;
  *count = graph->nodes.size();
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* instance, cudaGraph_t graph, unsigned long long) {
  *instance = new FakeGraphExec{graph->nodes};
  return cudaSuccess;
}
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t instance, cudaGraph_t graph,
                                cudaGraphExecUpdateResultInfo* info) {
  info->result = 1;
  if (instance->nodes.size() != graph->nodes.size()) return cudaErrorGraphExecUpdateFailure;
  for (std::size_t i = 0; i < graph->nodes.size(); ++i)
    if (instance->nodes[i].kind != graph->nodes[i].kind) return cudaErrorGraphExecUpdateFailure;
  info->result = 0;
  instance->nodes = graph->nodes;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t instance, cudaStream_t stream) {
  if (stream->capturing != nullptr) return cudaErrorStreamCaptureUnsupported;
  count(&Streams::graphs);
  const std::lock_guard lock(stream->mutex);
  stream->waiting.insert(stream->waiting.end(), instance->nodes.begin(), instance->nodes.end());
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t instance) {
  delete instance;
  return cudaSuccess;
}

// ---- events -------------------------------------------------------------------------------------

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new FakeEvent;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  if (stream->capturing != nullptr) return cudaErrorStreamCaptureUnsupported;
  event->stream = stream;
  return cudaSuccess;
}
/// What was put in behind the event is done, too: who relies on the opposite is not helped.
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (event->stream == nullptr) return cudaSuccess;
  count(&Streams::waits);
  return fake_wait(event->stream);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

// ---- page-locked memory -------------------------------------------------------------------------

cudaError_t cudaHostAlloc(void** data, std::size_t bytes, unsigned) {
  if (fake_capturing()) return cudaErrorStreamCaptureUnsupported;
  *data = std::malloc(bytes);
  if (*data == nullptr) return cudaErrorMemoryAllocation;
  std::memset(*data, 0xff, bytes);  // NaN
  const std::lock_guard lock(streams().mutex);
  streams().pinned[static_cast<const char*>(*data)] = bytes;
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* data) {
  if (data == nullptr) return cudaSuccess;
  if (const cudaError_t error = fake_wait_for_all(); error != cudaSuccess) return error;
  const std::lock_guard lock(streams().mutex);
  streams().pinned.erase(static_cast<const char*>(data));
  std::free(data);
  return cudaSuccess;
}
void fake_count_upload() {
  count(&Streams::uploads);
}
bool fake_is_pinned(const void* data, std::size_t bytes) {
  const std::lock_guard lock(streams().mutex);
  auto at = streams().pinned.upper_bound(static_cast<const char*>(data));
  if (at == streams().pinned.begin()) return false;
  --at;
  return static_cast<const char*>(data) + bytes <= at->first + at->second;
}
