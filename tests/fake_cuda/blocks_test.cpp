// What the fake's blocks of threads do, and what they notice.
#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "cuda_runtime.h"

namespace {

/// Launches a kernel of `blocks` blocks of `threads` threads, `cluster` blocks together.
template <class Kernel>
cudaError_t launch(unsigned blocks, unsigned threads, std::size_t shared_bytes, Kernel kernel,
                   unsigned cluster = 1) {
  cudaStream_t stream;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  cudaLaunchAttribute attribute = {cudaLaunchAttributeClusterDimension, {{cluster, 1, 1}}};
  config.attrs = &attribute;
  config.numAttrs = 1;
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

/// What a kernel does with a cluster of three blocks of 64 threads, on a device that has them.
class FakeClusters : public testing::Test {
 protected:
  void SetUp() override { unsetenv("FAKE_CUDA_PROCESSORS"); }  // three

  template <class Kernel>
  static cudaError_t run(Kernel kernel, unsigned clusters = 1) {
    return launch(3 * clusters, 64, 64 * sizeof(float), kernel, 3);
  }
  static void meet() {
    fake_cluster_arrive();
    fake_cluster_wait();
  }
};
using FakeClustersDeathTest = FakeClusters;

TEST_F(FakeClusters, BlocksReachEachOthersMemory) {
  std::vector<float> seen(6 * 64);
  const auto kernel = [&] {
    const unsigned rank = blockIdx.x % 3;
    float* const own = fake_shared_memory() + threadIdx.x;
    meet();
    *fake_in_block(own, static_cast<int>((rank + 1) % 3)) = static_cast<float>(blockIdx.x);
    meet();
    __syncthreads();
    seen[blockIdx.x * 64 + threadIdx.x] = fake_shared_memory()[63 - threadIdx.x];
  };
  EXPECT_EQ(run(kernel, 2), cudaSuccess);
  for (unsigned i = 0; i < 6 * 64; ++i) {
    const unsigned block = i / 64, from = block / 3 * 3 + (block + 2) % 3;
    EXPECT_EQ(seen[i], static_cast<float>(from));
  }
}

TEST_F(FakeClusters, NobodyWaitsWhoHasOnlyArrived) {
  std::vector<int> order;
  const auto kernel = [&] {
    fake_cluster_arrive();
    if (threadIdx.x == 0) order.push_back(1);
    fake_cluster_wait();
    if (threadIdx.x == 0) order.push_back(2);
  };
  EXPECT_EQ(run(kernel), cudaSuccess);
  EXPECT_EQ(order, (std::vector<int>{1, 1, 1, 2, 2, 2}));
}

TEST_F(FakeClusters, WhatADeviceCannotHoldIsRefused) {
  const auto nothing = [] {};
  EXPECT_EQ(launch(4, 32, 16, nothing, 3), cudaErrorInvalidClusterSize);
  EXPECT_EQ(launch(4, 32, 16, nothing, 4), cudaErrorInvalidClusterSize);
  setenv("FAKE_CUDA_PROCESSORS", "4", 1);
  EXPECT_EQ(launch(4, 32, 16, nothing, 4), cudaSuccess);
  setenv("FAKE_CUDA_CAPABILITY", "80", 1);
  EXPECT_EQ(launch(4, 32, 16, nothing, 4), cudaErrorInvalidClusterSize);
  unsetenv("FAKE_CUDA_CAPABILITY");
  unsetenv("FAKE_CUDA_PROCESSORS");
}

TEST_F(FakeClustersDeathTest, ABlockThatDoesNotReachTheBarrier) {
  const auto kernel = [] {
    if (blockIdx.x != 1) meet();
  };
  EXPECT_DEATH(run(kernel), "128 at their cluster's barrier, and 64 have ended");
}

TEST_F(FakeClustersDeathTest, ArrivingAndWaitingOutOfTurn) {
  EXPECT_DEATH(run([] { fake_cluster_wait(); }), "without arriving");
  const auto twice = [] {
    fake_cluster_arrive();
    fake_cluster_arrive();
  };
  EXPECT_DEATH(run(twice), "arrives twice");
}

TEST_F(FakeClustersDeathTest, ABlockThatHasNotBegunOrHasEnded) {
  const auto too_early = [] { *fake_in_block(fake_shared_memory(), 2) = 1; };
  EXPECT_DEATH(run(too_early), "");
  const auto too_late = [] {
    meet();
    if (blockIdx.x > 0) *fake_in_block(fake_shared_memory(), 0) = 1;
  };
  EXPECT_DEATH(run(too_late), "");
  EXPECT_DEATH(run([] { fake_in_block(fake_shared_memory() + 64, 0); }), "not in the block's");
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
               "deadlock: of 64 threads 57 wait at a barrier, 0 in a warp's collective, .* and 7");
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
