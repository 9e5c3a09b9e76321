// Work beside the window's thread: asked for its result once a frame, never waited for.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <utility>

namespace fieldscope::gui {

// Whether get() would return at once. False for a future without work.
template <typename T>
bool ready(const std::future<T>& future) {
  return future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

// Runs `work` beside the window and wakes it at the end, whether that went well or not.
template <typename T>
std::future<T> in_background_thread(std::function<T()> work, std::function<void()> wake) {
  return std::async(std::launch::async, [work = std::move(work), wake = std::move(wake)] {
    struct Wake {
      const std::function<void()>& call;
      ~Wake() { call(); }
    } at_end{wake};
    return work();
  });
}

}  // namespace fieldscope::gui
