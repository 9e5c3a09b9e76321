// fieldscope replay: a saved experiment trained again, to the same bits where it is on the same
// device.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "app/headless/progress_line.h"
#include "app/headless/text.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/experiment/saved.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

struct Comparison {
  std::string label;
  std::uint64_t steps = 0;
  std::size_t edits = 0;
  std::size_t weights = 0;
  std::size_t different = 0;  ///< how many weights are not the same number
  double largest = 0;         ///< their largest difference
  std::string failure;        ///< why it could not be replayed
  bool elsewhere = false;     ///< not on the devices that it was trained on
};

/// Whether a replay on `device` (empty: as it was) computes elsewhere than the run did.
bool goes_elsewhere(const Checkpoint& saved, const std::string& device) {
  if (device.empty()) return false;
  bool elsewhere = saved.initial.device != device;
  for (const RecordedEdit& recorded : saved.edits)
    if (const auto* move = std::get_if<MoveTo>(&recorded.edit))
      elsewhere = elsewhere || move->device != device;
  return elsewhere;
}

Comparison compare(const Checkpoint& saved, const SavedExperiment& experiment,
                   const std::shared_ptr<ThreadPool>& pool, const std::string& device, bool quiet) {
  Comparison comparison;
  comparison.elsewhere = goes_elsewhere(saved, device);
  comparison.label = run_label(saved.config);
  comparison.steps = saved.progress.step;
  comparison.edits = saved.edits.size();
  comparison.weights = saved.weights.size();
  try {
    ProgressLine progress(ProgressLine::mode_for(quiet), comparison.label);
    const auto show = [&](const Session& session) {
      if (!progress.due()) return;
      const double at = static_cast<double>(session.progress().step);
      ProgressLine::State state;
      state.score = state.loss = std::nan("");
      state.step = session.progress().step;
      state.share = at / static_cast<double>(saved.progress.step);
      state.steps_per_second = at / session.progress().train_seconds;
      state.seconds_left = session.progress().train_seconds * (1 / state.share - 1);
      progress.show(state);
    };
    const std::vector<double> again =
        replay(saved, experiment.dataset, pool, show, device).weights();
    if (again.size() != saved.weights.size()) {
      comparison.failure = "it has " + std::to_string(again.size()) + " weights, not " +
                           std::to_string(saved.weights.size());
      return comparison;
    }
    for (std::size_t i = 0; i < again.size(); ++i) {
      if (again[i] == saved.weights[i]) continue;
      ++comparison.different;
      comparison.largest = std::fmax(comparison.largest, std::fabs(again[i] - saved.weights[i]));
    }
  } catch (const UsageError&) {
    throw;
  } catch (const DataError&) {
    throw;
  } catch (const DeviceError&) {
    throw;
  } catch (const std::runtime_error& error) {
    comparison.failure = error.what();
  }
  return comparison;
}

bool identical(const Comparison& comparison) {
  return comparison.failure.empty() && comparison.different == 0;
}

/// Nobody promises the same bits of another device.
bool as_promised(const Comparison& comparison) {
  return identical(comparison) || (comparison.failure.empty() && comparison.elsewhere);
}

std::string verdict(const Comparison& comparison) {
  if (!comparison.failure.empty()) return "FAIL: " + comparison.failure;
  if (comparison.different == 0) return "identical";
  char text[96];
  std::snprintf(text, sizeof text, "%s: %zu of %zu weights differ, by up to %.3g",
                comparison.elsewhere ? "on another device" : "FAIL", comparison.different,
                comparison.weights, comparison.largest);
  return text;
}

}  // namespace

int run_replay(const Options& options) {
  if (options.files.size() != 1) {
    throw UsageError("replay needs one saved experiment: fieldscope replay NAME.fieldscope");
  }
  const SavedExperiment experiment = read_experiment(options.files.front());
  if (experiment.runs.empty()) {
    throw DataError("cannot replay '" + options.files.front() + "': it holds no runs");
  }
  const auto pool = std::make_shared<ThreadPool>(options.threads);
  // Without a word about it, everything happens where it happened.
  const std::string device = options.device == "auto" ? "" : find_device(options.device);
  bool all_promised = true;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const Comparison comparison =
        compare(experiment.runs[i], experiment, pool, device, options.quiet);
    all_promised = all_promised && as_promised(comparison);
    if (options.json) {
      rows.push_back({{"run", i},
                      {"label", comparison.label},
                      {"steps", comparison.steps},
                      {"edits", comparison.edits},
                      {"weights", comparison.weights},
                      {"different", comparison.different},
                      {"largest", comparison.largest},
                      {"identical", identical(comparison)},
                      {"elsewhere", comparison.elsewhere},
                      {"message", comparison.failure}});
    } else if (!options.quiet || !as_promised(comparison)) {
      std::printf("%s: %llu steps, %zu changes: %s\n", comparison.label.c_str(),
                  static_cast<unsigned long long>(comparison.steps), comparison.edits,
                  verdict(comparison).c_str());
      std::fflush(stdout);
    }
  }
  if (options.json) {
    std::printf("%s\n", rows.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  }
  return all_promised ? ExitCode::done : ExitCode::fell_short;
}

}  // namespace fieldscope
