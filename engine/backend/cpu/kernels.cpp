// Compiles the tile kernels for every instruction set that the compiler knows and picks the best
// one that the machine has, at run time.
#include "engine/backend/cpu/tile.h"

// Few instruction sets, so that the file compiles fast: baseline, SSE4, AVX2, AVX-512.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/backend/cpu/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/backend/cpu/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

void run_tile_f32(const TileJob<float>& job) {
  run_tile_here(job);
}
void run_tile_f64(const TileJob<double>& job) {
  run_tile_here(job);
}
void run_update_f32(const UpdateJob<float>& job) {
  run_update_here(job);
}
void run_update_f64(const UpdateJob<double>& job) {
  run_update_here(job);
}
const char* target_name() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace HWY_NAMESPACE
}  // namespace fieldscope::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <string>

#include "engine/backend/cpu/cpu_backend.h"

namespace fieldscope::cpu {

HWY_EXPORT(run_tile_f32);
HWY_EXPORT(run_tile_f64);
HWY_EXPORT(run_update_f32);
HWY_EXPORT(run_update_f64);
HWY_EXPORT(target_name);

void run_tile(const TileJob<float>& job) {
  HWY_DYNAMIC_DISPATCH(run_tile_f32)(job);
}
void run_tile(const TileJob<double>& job) {
  HWY_DYNAMIC_DISPATCH(run_tile_f64)(job);
}
void run_update(const UpdateJob<float>& job) {
  HWY_DYNAMIC_DISPATCH(run_update_f32)(job);
}
void run_update(const UpdateJob<double>& job) {
  HWY_DYNAMIC_DISPATCH(run_update_f64)(job);
}

std::size_t scratch_size(const Network& network, Pass pass) {
  return Scratch<float>(network, pass, nullptr).size;
}

}  // namespace fieldscope::cpu

namespace fieldscope {

std::string cpu_instruction_set() {
  const std::string target = HWY_DYNAMIC_DISPATCH(cpu::target_name)();
  if (target.starts_with("AVX3")) return "AVX-512";
  if (target.starts_with("SSE") || target == "SSE4") return target;
  return target;
}

}  // namespace fieldscope
#endif
