// fieldscope bench: how fast this machine trains, against its arithmetic peak.

#include <chrono>
#include <cstdio>
#include <limits>
#include <optional>

#include "app/headless/bench_report.h"
#include "app/headless/interrupt.h"
#include "app/headless/machine.h"
#include "app/headless/output_folder.h"
#include "app/headless/progress_line.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/export/atomic_file.h"

namespace fieldscope {
namespace {

BenchResult measure(const BenchPlan& plan, const std::shared_ptr<ThreadPool>& pool, bool quiet) {
  const InterruptGuard interrupt;
  ProgressLine progress(ProgressLine::mode_for(quiet), "bench");
  const auto begun = std::chrono::steady_clock::now();
  return measure_bench(plan, pool, [&](double share) {
    if (progress.due()) {
      ProgressLine::State state;
      state.counts_steps = false;
      state.score = state.loss = state.seconds_left = std::numeric_limits<double>::quiet_NaN();
      state.share = share;
      const double seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
      if (share > 0) state.seconds_left = seconds / share - seconds;
      progress.show(state);
    }
    return !interrupt.requested();
  });
}

}  // namespace

int run_bench(const Options& options) {
  const BenchPlan plan = plan_bench(options);
  const auto pool = std::make_shared<ThreadPool>(options.threads);
  std::optional<OutputFolder> out;
  if (!options.out.empty()) out.emplace(options.out);
  const BenchResult result = measure(plan, pool, options.quiet);
  const BenchMachine machine = {cpu_name(), cpu_instruction_set(), pool->threads(),
                                peak_resident_bytes(),
                                cuda_index(plan.device) < 0 ? "" : device_title(plan.device)};
  if (out) write_file(out->path() / "bench.json", bench_json(plan, result, machine));
  if (options.json) {
    std::fputs(bench_json(plan, result, machine).c_str(), stdout);
  } else if (!options.quiet) {
    std::fputs(bench_table(plan, result, machine).c_str(), stdout);
    if (out) std::printf("Results in %s\n", out->path().c_str());
  }
  return result.interrupted ? ExitCode::fell_short : ExitCode::done;
}

}  // namespace fieldscope
