#include "engine/backend/cuda/summation.h"
#include "engine/backend/cuda/warp.h"

namespace fieldscope::cuda {
namespace {

struct Sum {
  std::size_t n;
  const double* numbers;
  Total total;
};

constexpr int sum_threads = 256;
constexpr std::size_t sum_bytes = sum_threads / warp_lanes * sizeof(double);

__global__ void __launch_bounds__(sum_threads) sum_numbers(const __grid_constant__ Sum p) {
  double sum = 0;
  for (std::size_t i = threadIdx.x; i < p.n; i += sum_threads) sum += p.numbers[i];
  sum = block_sum(sum, reinterpret_cast<double*>(shared_memory()));
  if (threadIdx.x == 0) *p.total.to = (p.total.joins ? *p.total.to : 0) + p.total.scale * sum;
}

}  // namespace

void add_up(cudaStream_t stream, std::size_t n, const double* numbers, const Total& total) {
  launch_blocks(stream, &sum_numbers, 1, sum_threads, sum_bytes, Sum{n, numbers, total},
                std::to_string(n) + " numbers");
}

}  // namespace fieldscope::cuda
