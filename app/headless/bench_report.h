// From options to what is measured, and from what was measured to what `bench` says. Pure
// functions; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "app/headless/bench_measure.h"
#include "app/headless/options.h"

namespace fieldscope {

/// Without activations and batches: sine at all four batches and the others at one of them.
/// Otherwise every activation that is named (or all of them) with every batch that is named (or all
/// four). Throws UsageError.
BenchPlan plan_bench(const Options& options);

/// What the measurement ran on.
struct BenchMachine {
  std::string name;
  std::string simd;  ///< instruction set in use
  int threads = 0;
  std::uint64_t peak_resident_bytes = 0;
  std::string gpu = {};  ///< what computed, if not the CPU
};

std::string bench_table(const BenchPlan& plan, const BenchResult& result,
                        const BenchMachine& machine);
/// The same as a JSON object.
std::string bench_json(const BenchPlan& plan, const BenchResult& result,
                       const BenchMachine& machine);

}  // namespace fieldscope
