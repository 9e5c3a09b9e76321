// Memory of a backend: numbers of the backend's precision. Move-only; freed where it was allocated.
// Owned by whoever asked for it; used by one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace fieldscope {

class Buffer {
 public:
  using Release = void (*)(void* data, std::size_t bytes, void* owner);

  Buffer() = default;
  Buffer(void* data, std::size_t size, std::size_t bytes, Release release, void* owner)
      : data_(data), size_(size), bytes_(bytes), release_(release), owner_(owner) {}
  ~Buffer() { reset(); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      reset();
      swap(other);
    }
    return *this;
  }

  std::size_t size() const { return size_; }    ///< in numbers
  std::size_t bytes() const { return bytes_; }  ///< as allocated
  bool empty() const { return size_ == 0; }

  /// For backends only: the numbers, of type T = the backend's precision.
  template <class T>
  T* data() {
    return static_cast<T*>(data_);
  }
  template <class T>
  const T* data() const {
    return static_cast<const T*>(data_);
  }

 private:
  void reset() {
    if (data_ != nullptr) release_(data_, bytes_, owner_);
    data_ = nullptr;
    size_ = bytes_ = 0;
  }
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(bytes_, other.bytes_);
    std::swap(release_, other.release_);
    std::swap(owner_, other.owner_);
  }

  void* data_ = nullptr;
  std::size_t size_ = 0, bytes_ = 0;
  Release release_ = nullptr;
  void* owner_ = nullptr;
};

}  // namespace fieldscope
