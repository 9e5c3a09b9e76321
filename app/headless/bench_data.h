// What `bench` trains on: noise, which costs what real data do, of whatever size makes all steps
// alike. Pure; any thread.
#pragma once

#include <cstddef>
#include <memory>

#include "engine/data/dataset.h"

namespace fieldscope {

/// At least 65,536 pixels or rays in whole minibatches, so that no step is shorter than the others;
/// of occupancy the demo's mesh.
std::shared_ptr<const Dataset> bench_dataset(TaskKind task, std::size_t batch);

}  // namespace fieldscope
