// Compiles the kernels for every instruction set that the compiler knows and picks the best one
// that the machine has, at run time.
#include "engine/backend/cpu/block.h"

// Few instruction sets, so that the file compiles fast: baseline, SSE4, AVX2, AVX-512, NEON; none
// whose vectors have no size that the compiler knows.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/backend/cpu/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/backend/cpu/gradient-inl.h"
#include "engine/backend/cpu/matrix-inl.h"
#include "engine/backend/cpu/tile-inl.h"
#include "engine/backend/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fieldscope::cpu {
namespace HWY_NAMESPACE {

template <class T>
constexpr Kernels<T> table{pack<T>,        run_tile<T>,        add_gradient<T>, add_factor<T>,
                           pack_matrix<T>, multiply_matrix<T>, update<T>,       dot<T>,
                           axpy<T>,        all_finite<T>,      random_signs<T>};

const Kernels<float>& kernels_f32() {
  return table<float>;
}
const Kernels<double>& kernels_f64() {
  return table<double>;
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

HWY_EXPORT(kernels_f32);
HWY_EXPORT(kernels_f64);
HWY_EXPORT(target_name);

template <>
const Kernels<float>& kernels<float>() {
  return HWY_DYNAMIC_DISPATCH(kernels_f32)();
}
template <>
const Kernels<double>& kernels<double>() {
  return HWY_DYNAMIC_DISPATCH(kernels_f64)();
}

// Where there is one instruction set only, Highway 1.0 dispatches by pasting names together, and
// they must then be plain: called from inside the namespace.
std::string instruction_set() {
  const std::string target = HWY_DYNAMIC_DISPATCH(target_name)();
  return target.starts_with("AVX3") ? "AVX-512" : target;
}

}  // namespace fieldscope::cpu

namespace fieldscope {

std::string cpu_instruction_set() {
  return cpu::instruction_set();
}

}  // namespace fieldscope
#endif
