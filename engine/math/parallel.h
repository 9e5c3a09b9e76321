// Work on the host that divides by itself, for code that must not know whose threads it runs on.
#pragma once

#include <cstddef>
#include <functional>

namespace fieldscope {

/// Runs body(begin, end) over parts that make up [0, count), on as many threads as it likes, and
/// returns when all are done. What a body throws comes out.
using Parallel = std::function<void(std::size_t count,
                                    const std::function<void(std::size_t, std::size_t)>& body)>;

/// Runs everything on the calling thread.
void serially(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body);

/// On threads of its own, which live as long as the call: for work of tenths of a second and more.
/// 0: as many as there are cores.
Parallel on_threads(int threads = 0);

}  // namespace fieldscope
