// From options to the runs that they ask for: every optimizer with every activation, named so that
// no two are called alike. Pure functions; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/headless/options.h"
#include "app/headless/run.h"
#include "engine/data/image.h"

namespace fieldscope {

/// The dataset that the options ask for; a picture at its size, photographs reduced to it. Throws
/// DataError, and UsageError for a size that photographs cannot be reduced to.
std::shared_ptr<const Dataset> load_dataset(const Options& options);
/// The same with photographs of at most that size, whatever it makes of them.
std::shared_ptr<const Dataset> load_dataset_within(const Options& options, int width, int height);

/// What is unusual about a dataset, such as photographs left out: a line each on standard error,
/// where people who do not read summary.json see it.
void tell_notes(const Dataset& dataset, bool quiet);

/// One run for `train`. Throws UsageError when the options name several things.
RunPlan plan_train(const Options& options);

/// The runs of one seed, in the order given: optimizers first, each with every activation. Without
/// optimizers, those of the built-in comparison (or its first one if several activations are
/// compared). Throws UsageError.
std::vector<RunPlan> plan_compare(const Options& options, std::uint64_t seed);

/// Whether the options say anything about the runs, as opposed to the built-in comparison.
bool asks_for_runs(const Options& options);

/// What all runs have in common, for headings: "sine", "ESGD", or empty.
std::string common_label(const std::vector<RunPlan>& plans);

/// "4 × 256" or "128, 64".
std::string hidden_text(const std::vector<int>& hidden);

}  // namespace fieldscope
