// A block of threads that work together: what a kernel with shared memory, barriers and warp-wide
// instructions asks of a device. See README.md.
#pragma once

#include <cstddef>
#include <cstdint>

struct dim3;

/// Runs body(argument) once for each thread of a cluster of `blocks` blocks, as fibers of the
/// calling thread, with threadIdx.x and blockIdx.x (from first_block on) set and `shared_bytes` of
/// shared memory a block, full of NaN at first. Aborts with a message where threads wait for others
/// that never come.
void fake_run_blocks(unsigned first_block, unsigned blocks, unsigned threads,
                     std::size_t shared_bytes, void (*body)(void*), void* argument);

/// Looks whether products are to be wrong; before each cluster.
void fake_read_faults();

/// The dynamic shared memory of the block; it ends at a page that nobody may touch.
float* fake_shared_memory();

void __syncthreads();
void __syncwarp();

/// The barrier of a cluster, which its threads first arrive at and then wait for.
void fake_cluster_arrive();
void fake_cluster_wait();
/// mapa: where block `rank` of the cluster has what lies there in the shared memory of this one.
/// While FAKE_CUDA_WRONG_CLUSTERS is set, that is in this one. A block of a cluster that has not
/// begun, or has ended, has no shared memory that could be touched.
float* fake_in_block(float* own, int rank);

/// Something that all 32 lanes of a warp do together: each comes with its own registers; whoever
/// comes last does it for all of them.
using FakeCollective = void (*)(void* const (&registers)[32]);
void fake_collective(FakeCollective run, void* registers);

template <class T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  struct Registers {
    T value, result;
    int mask;
  } own = {value, value, mask};
  fake_collective(
      [](void* const(&lanes)[32]) {
        for (int lane = 0; lane < 32; ++lane) {
          Registers& to = *static_cast<Registers*>(lanes[lane]);
          to.result = static_cast<const Registers*>(lanes[(lane ^ to.mask) & 31])->value;
        }
      },
      &own);
  return own.result;
}

/// mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 and m16n8k16 with bf16, fragments as the PTX
/// manual lays them out. Sums are truncated to float, as tensor cores do.
/// While FAKE_CUDA_WRONG_PRODUCTS is set, rows 0 and 1 change places.
void fake_mma_tf32(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]);
void fake_mma_bf16(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]);

/// cp.async of 16 bytes (`bytes` of them, the rest zero), and its groups. What is copied arrives
/// only when the group is waited for; until then there are NaN in its place.
void fake_copy_async(float* to, const float* from, unsigned bytes);
void fake_copy_async_commit();
void fake_copy_async_wait(int pending);
