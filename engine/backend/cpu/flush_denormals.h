// Treats denormal numbers as zero on the calling thread while it lives. Narrow Gaussians and
// wavelets underflow by design, and a denormal operand costs a CPU about a hundred times a normal
// one; numbers below 1e-38 mean nothing to a float32 gradient. The same on every thread, so results
// stay deterministic. float64, used for verification, never comes near its own denormals.
#pragma once

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace fieldscope::cpu {

#if defined(__SSE2__)
class FlushDenormals {
 public:
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_to_zero | are_zero); }
  ~FlushDenormals() { _mm_setcsr(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  static constexpr unsigned flush_to_zero = 0x8000, are_zero = 0x0040;
  unsigned before_;
};
#else
/// Elsewhere denormals are kept: right, only slower where they occur.
struct FlushDenormals {
  FlushDenormals() {}
};
#endif

}  // namespace fieldscope::cpu
