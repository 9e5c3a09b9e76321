// What the fake's blocks of threads do, and what they notice.
#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "cuda_runtime.h"

namespace {

/// Launches a kernel of `blocks` blocks of `threads` threads.
template <class Kernel>
cudaError_t launch(unsigned blocks, unsigned threads, std::size_t shared_bytes, Kernel kernel) {
  cudaStream_t stream;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  const auto body = +[](Kernel k) { k(); };
  const cudaError_t result = cudaLaunchKernelEx(&config, body, kernel);
  cudaStreamDestroy(stream);
  return result;
}

TEST(FakeBlocks, BarriersOrderWhatThreadsDo) {
  std::vector<float> sums(3);
  const auto kernel = [&] {
    float* const shared = fake_shared_memory();
    for (unsigned turn = 1; turn <= 5; ++turn) {
      shared[threadIdx.x] = static_cast<float>(turn * threadIdx.x);
      __syncthreads();
      float sum = 0;
      for (unsigned i = 0; i < blockDim.x; ++i) sum += shared[i];
      EXPECT_EQ(sum, static_cast<float>(turn * 96 * 95 / 2));
      sums[blockIdx.x] = sum;
      __syncthreads();
    }
  };
  EXPECT_EQ(launch(3, 96, 96 * sizeof(float), kernel), cudaSuccess);
  EXPECT_EQ(sums, std::vector<float>(3, 5 * 96 * 95 / 2));
}

TEST(FakeBlocks, LanesExchangeValues) {
  const auto kernel = [] {
    const unsigned lane = threadIdx.x % 32;
    EXPECT_EQ(__shfl_xor_sync(0xffffffffu, threadIdx.x, 4), threadIdx.x / 32 * 32 + (lane ^ 4));
    double sum = lane;
    for (int mask = 16; mask > 0; mask /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, mask);
    EXPECT_EQ(sum, 31 * 16);
  };
  EXPECT_EQ(launch(1, 64, 16, kernel), cudaSuccess);
}

TEST(FakeBlocks, TensorCoresMultiply) {
  // C[16][8] += A[16][8] B[8][8], each lane with the elements that the PTX manual gives it.
  const auto a = [](int row, int k) { return static_cast<float>(row - 2 * k); };
  const auto b = [](int k, int column) { return static_cast<float>(3 * k + column); };
  const auto bits = [](float x) {
    std::uint32_t result;
    std::memcpy(&result, &x, sizeof x);
    return result;
  };
  const auto kernel = [&] {
    const int lane = static_cast<int>(threadIdx.x), g = lane / 4, t = lane % 4;
    float c[4] = {1, 2, 3, 4};
    fake_mma_tf32(c, {bits(a(g, t)), bits(a(g + 8, t)), bits(a(g, t + 4)), bits(a(g + 8, t + 4))},
                  {bits(b(t, g)), bits(b(t + 4, g))});
    for (int i = 0; i < 4; ++i) {
      float want = static_cast<float>(i + 1);
      for (int k = 0; k < 8; ++k) want += a(g + i / 2 * 8, k) * b(k, 2 * t + i % 2);
      EXPECT_EQ(c[i], want);
    }
  };
  EXPECT_EQ(launch(1, 32, 16, kernel), cudaSuccess);
}

TEST(FakeBlocks, CopiesArriveWhenTheyAreWaitedFor) {
  alignas(16) float source[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const auto kernel = [&] {
    float* const shared = fake_shared_memory() + 8 * threadIdx.x;
    fake_copy_async(shared, source, 16);
    fake_copy_async_commit();
    fake_copy_async(shared + 4, source + 4, 8);
    fake_copy_async_commit();
    EXPECT_TRUE(std::isnan(shared[0]));
    fake_copy_async_wait(1);
    EXPECT_EQ(shared[3], 4);
    EXPECT_TRUE(std::isnan(shared[4]));
    fake_copy_async_wait(0);
    EXPECT_EQ(shared[5], 6);
    EXPECT_EQ(shared[6], 0);
  };
  EXPECT_EQ(launch(1, 32, 32 * 8 * sizeof(float), kernel), cudaSuccess);
}

TEST(FakeBlocks, MoreSharedMemoryThanAllowedIsRefused) {
  EXPECT_EQ(launch(1, 32, (48 << 10) + 1, [] {}), cudaErrorInvalidConfiguration);
}

using FakeBlocksDeathTest = testing::Test;

TEST(FakeBlocksDeathTest, ThreadsThatDoNotReachABarrier) {
  const auto some_return = [] {
    if (threadIdx.x < 7) return;
    __syncthreads();
  };
  EXPECT_DEATH(launch(1, 64, 16, some_return),
               "deadlock: of 64 threads 57 wait at a barrier, 0 in a warp's collective, and 7");
  const auto half_a_warp = [] {
    if (threadIdx.x < 16) __syncwarp();
    __syncthreads();
  };
  EXPECT_DEATH(launch(1, 32, 16, half_a_warp), "deadlock: of 32 threads 16 wait at a barrier, 16");
}

TEST(FakeBlocksDeathTest, LanesThatDoDifferentThings) {
  const auto kernel = [] {
    if (threadIdx.x < 16)
      __syncwarp();
    else
      __shfl_xor_sync(0xffffffffu, 1, 1);
  };
  EXPECT_DEATH(launch(1, 32, 16, kernel), "lanes of a warp do different things");
}

TEST(FakeBlocksDeathTest, SharedMemoryBeyondWhatTheLaunchAskedFor) {
  const auto kernel = [] {
    volatile float* const shared = fake_shared_memory();
    shared[threadIdx.x + 1] = 1;
  };
  EXPECT_DEATH(launch(1, 32, 32 * sizeof(float), kernel), "");
}

TEST(FakeBlocksDeathTest, BarriersWithoutABlock) {
  EXPECT_DEATH(launch(1, 32, 0, [] { __syncthreads(); }), "without shared memory");
}

}  // namespace
