// Warp-wide matrix products of the fake: fragments as the PTX manual lays them out (section "Matrix
// multiply-accumulate operation using mma instruction").
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "cuda_runtime.h"

namespace {

struct Registers {
  float* c;
  const std::uint32_t *a, *b;
};

thread_local bool wrong = false;

float from_bits(std::uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// Towards zero.
float truncated(double x) {
  const float nearest = static_cast<float>(x);
  if (!(std::fabs(static_cast<double>(nearest)) > std::fabs(x))) return nearest;
  std::uint32_t bits;
  std::memcpy(&bits, &nearest, sizeof bits);
  return from_bits(bits - 1);
}

/// c[16][8] += a[16][Depth] b[Depth][8]: products are exact, their sum is truncated once.
template <int Depth>
void multiply_add(void* const (&lanes)[32], const double (&a)[16][Depth],
                  const double (&b)[Depth][8]) {
  double sum[16][8];
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 8; ++column) {
      const Registers& own = *static_cast<const Registers*>(lanes[row % 8 * 4 + column / 2]);
      sum[row][column] = static_cast<double>(own.c[row / 8 * 2 + column % 2]);
    }
  for (int row = 0; row < 16; ++row)
    for (int k = 0; k < Depth; ++k)
      for (int column = 0; column < 8; ++column) sum[row][column] += a[row][k] * b[k][column];
  if (wrong) std::swap(sum[0], sum[1]);
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 8; ++column) {
      const Registers& own = *static_cast<const Registers*>(lanes[row % 8 * 4 + column / 2]);
      own.c[row / 8 * 2 + column % 2] = truncated(sum[row][column]);
    }
}

/// Of what is in a register the hardware reads the first 19 bits.
double tf32(std::uint32_t bits) {
  return static_cast<double>(from_bits(bits & 0xffffe000u));
}

void mma_tf32(void* const (&lanes)[32]) {
  double a[16][8], b[8][8];
  for (int lane = 0; lane < 32; ++lane) {
    const Registers& own = *static_cast<const Registers*>(lanes[lane]);
    const int group = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; ++i) a[group + i % 2 * 8][t + i / 2 * 4] = tf32(own.a[i]);
    for (int i = 0; i < 2; ++i) b[t + i * 4][group] = tf32(own.b[i]);
  }
  multiply_add(lanes, a, b);
}

void mma_bf16(void* const (&lanes)[32]) {
  double a[16][16], b[16][8];
  const auto half = [](std::uint32_t pair, int which) {
    return static_cast<double>(from_bits(which == 0 ? pair << 16 : pair & 0xffff0000u));
  };
  for (int lane = 0; lane < 32; ++lane) {
    const Registers& own = *static_cast<const Registers*>(lanes[lane]);
    const int group = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; ++i)
      for (int h = 0; h < 2; ++h) a[group + i % 2 * 8][2 * t + h + i / 2 * 8] = half(own.a[i], h);
    for (int i = 0; i < 2; ++i)
      for (int h = 0; h < 2; ++h) b[2 * t + h + i * 8][group] = half(own.b[i], h);
  }
  multiply_add(lanes, a, b);
}

}  // namespace

void fake_read_faults() {
  wrong = std::getenv("FAKE_CUDA_WRONG_PRODUCTS") != nullptr;
}

void fake_mma_tf32(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  Registers own = {c, a, b};
  fake_collective(&mma_tf32, &own);
}

void fake_mma_bf16(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  Registers own = {c, a, b};
  fake_collective(&mma_bf16, &own);
}
