// The order in which a run's work is done on its device. What belongs to one training step is put
// together there into a CUDA graph, so that the host begins a step with one call instead of ten and
// the device goes from kernel to kernel without waiting for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "engine/backend/cuda/check.h"
#include "engine/backend/cuda/handle.h"

namespace fieldscope::cuda {

/// A stream on the device that was present when it was made. One thread at a time.
///
/// A step is captured anew each time, which costs the host about what launching it would, and the
/// graph of an earlier step with as many nodes is given the new arguments. So whoever puts work in
/// need not know about graphs, but for one thing: before what a graph cannot hold (waiting, getting
/// and freeing memory, libraries that do so), interrupt().
class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  operator cudaStream_t() const { return stream_; }

  /// What is put in from here to end_step() is one step. It is gathered into a graph if the step
  /// before could have been: the first of its kind gets memory and loads kernels.
  void begin_step();
  void end_step();

  /// Begins what has been gathered; the rest of the step is put in piece by piece.
  void interrupt();
  /// Waits for all that was put in.
  void wait();
  /// Copies between the host's memory and the device's and waits for it: the host may do with its
  /// own what it likes then.
  void copy_now(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);

  /// Graphs launched so far.
  std::uint64_t graphs() const { return graphs_; }

 private:
  void launch_gathered();

  Handle<cudaStream_t, cudaStreamDestroy> stream_;
  /// By their number of nodes: a run's steps are of a few kinds.
  std::map<std::size_t, Handle<cudaGraphExec_t, cudaGraphExecDestroy>> instances_;
  const bool graphs_wanted_;
  bool gathering_ = false, interrupted_ = false, may_gather_ = false;
  std::uint64_t graphs_ = 0;
};

}  // namespace fieldscope::cuda
