#include "app/headless/workload.h"

#include <algorithm>

#include "app/headless/names.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

struct Pass {
  const char* name;
  Workload::Kind kind;
};
constexpr Pass passes[] = {{"inference", Workload::Kind::inference},
                           {"gradient", Workload::Kind::gradient},
                           {"product", Workload::Kind::product}};

}  // namespace

Workload parse_workload(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  for (const Pass& pass : passes) {
    if (name != pass.name) continue;
    if (name != text) {
      throw UsageError("workload '" + std::string(text) + "' is not valid; " + pass.name +
                       " has no knobs");
    }
    return {pass.name, pass.kind, {}};
  }
  std::vector<std::string> valid;
  for (const Pass& pass : passes) valid.emplace_back(pass.name);
  const std::vector<std::string> optimizers = optimizer_ids();
  valid.insert(valid.end(), optimizers.begin(), optimizers.end());
  if (std::find(valid.begin(), valid.end(), name) == valid.end())
    refuse_name("workload", name, valid);
  const OptimizerSpec optimizer = parse_optimizer(text);
  return {optimizer_text(optimizer), Workload::Kind::training, optimizer};
}

std::vector<Workload> default_workloads() {
  std::vector<Workload> workloads;
  for (const char* name : {"inference", "gradient", "product", "adam", "esgd:refresh_every=1",
                           "esgd:refresh_every=10", "esgd:refresh_every=100"})
    workloads.push_back(parse_workload(name));
  return workloads;
}

}  // namespace fieldscope
