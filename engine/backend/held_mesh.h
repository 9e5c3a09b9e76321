// A mesh where a backend reads it: on the CPU the dataset's own arrays, on a device with memory of
// its own a copy there. Move-only; owned by whoever asked the backend for it (Backend::hold); its
// dataset and its backend must outlive it.
#pragma once

#include <utility>

#include "engine/backend/buffer.h"
#include "engine/math/occupancy_points.h"

namespace fieldscope {

class HeldMesh {
 public:
  HeldMesh() = default;
  explicit HeldMesh(const MeshView& datasets_own) : view_(datasets_own) {}
  /// `view` is of arrays that lie in `copy`.
  HeldMesh(const MeshView& view, Buffer copy) : view_(view), copy_(std::move(copy)) {}

  /// For backends only: where their device reads it.
  const MeshView& view() const { return view_; }

 private:
  MeshView view_;
  Buffer copy_;
};

}  // namespace fieldscope
