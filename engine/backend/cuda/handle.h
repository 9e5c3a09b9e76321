// Ownership of what the CUDA libraries hand out.
#pragma once

#include <utility>

namespace fieldscope::cuda {

/// Owns a handle H that DESTROY frees; what freeing returns nobody can act on.
template <class H, auto Destroy>
class Handle {
 public:
  Handle() = default;
  explicit Handle(H handle) : handle_(handle) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  operator H() const { return handle_; }

 private:
  void reset() {
    if (handle_ != nullptr) Destroy(handle_);
  }
  H handle_ = nullptr;
};

}  // namespace fieldscope::cuda
