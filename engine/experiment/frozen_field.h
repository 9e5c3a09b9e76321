// A run's radiance field as it was at one moment, to be looked at while the run goes on. Plain host
// data; any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/task/ray_marching.h"
#include "engine/train/snapshot.h"

namespace fieldscope {

struct FrozenField {
  RadianceField field;
  std::vector<double> weights;
  std::string device;  ///< where the run computed: "cpu" or "cuda:K"
  Progress at;
};

}  // namespace fieldscope
