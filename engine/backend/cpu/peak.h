// How fast this machine multiplies and adds at best: the yardstick that every speed is held
// against. For benchmarks; one thread at a time.
#pragma once

namespace fieldscope {

class ThreadPool;

/// float32 multiply-adds that all threads of the pool do at once for about that long, on numbers
/// that never leave the registers, in GFLOP/s (a multiply-add counts two). One short measurement:
/// on a machine with other work it varies, so the peak is the best of many.
double measure_fma_peak(ThreadPool& pool, double seconds = 0.01);

}  // namespace fieldscope
