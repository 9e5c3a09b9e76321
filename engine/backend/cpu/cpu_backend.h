// The CPU engine: tiles of samples over a shared thread pool, vectorised for the machine it runs on
// (one binary; the instruction set is chosen at run time), in float or double.
#pragma once

#include <memory>
#include <string>

#include "engine/backend/backend.h"

namespace fieldscope {

class ThreadPool;

/// A backend for one run. The pool is shared by all runs.
std::unique_ptr<Backend> make_cpu_backend(std::shared_ptr<ThreadPool> pool, Precision precision);

/// The vector instruction set in use: "AVX-512", "AVX2", "SSE4", "baseline".
std::string cpu_instruction_set();

}  // namespace fieldscope
