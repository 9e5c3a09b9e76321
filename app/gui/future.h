// Work beside the window's thread: asked for its result once a frame, never waited for.
#pragma once

#include <chrono>
#include <future>

namespace fieldscope::gui {

// Whether get() would return at once. False for a future without work.
template <typename T>
bool ready(const std::future<T>& future) {
  return future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace fieldscope::gui
