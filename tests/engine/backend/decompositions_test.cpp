// The decompositions that this build uses, Eigen's or our own, against their definitions. Built a
// second time with our own among the tests of the stand-ins.
#include "engine/backend/cpu/decompositions.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/math/random.h"

namespace fieldscope::cpu {
namespace {

using Numbers = std::vector<double>;

Numbers random_square(std::uint64_t seed, std::size_t n) {
  Numbers a(n * n);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = 2 * random_uniform(seed, i) - 1;
  return a;
}

Numbers transposed(const Numbers& a, std::size_t n) {
  Numbers t(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) t[j * n + i] = a[i * n + j];
  return t;
}

Numbers product(const Numbers& a, const Numbers& b, std::size_t n) {
  Numbers c(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
  return c;
}

double greatest(const Numbers& a) {
  double most = 0;
  for (const double x : a) most = std::max(most, std::abs(x));
  return most;
}

double greatest_difference(const Numbers& a, const Numbers& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

void expect_orthonormal(const Numbers& q, std::size_t n) {
  Numbers identity(n * n);
  for (std::size_t i = 0; i < n; ++i) identity[i * (n + 1)] = 1;
  EXPECT_LT(greatest_difference(product(transposed(q, n), q, n), identity), 1e-13);
}

void expect_decomposes(const Numbers& a, std::size_t n) {
  const SymmetricEigen eigen = symmetric_eigen(n, a);
  ASSERT_TRUE(eigen.converged);
  EXPECT_TRUE(std::is_sorted(eigen.values.begin(), eigen.values.end()));
  expect_orthonormal(eigen.vectors, n);
  Numbers symmetric = transposed(a, n);
  for (std::size_t i = 0; i < a.size(); ++i) symmetric[i] = (symmetric[i] + a[i]) / 2;
  EXPECT_LT(greatest_difference(reassembled(eigen.vectors, eigen.values), symmetric),
            1e-13 * greatest(a));
}

TEST(Decompositions, EigenvaluesAndVectorsMakeTheMatrixAgain) {
  for (const std::size_t n : {1u, 2u, 3u, 4u, 10u, 31u, 100u}) {
    SCOPED_TRACE(n);
    expect_decomposes(random_square(n, n), n);
  }
}

TEST(Decompositions, MatricesWithManyEqualEigenvalues) {
  const std::size_t n = 12;
  expect_decomposes(Numbers(n * n, 1.0), n);  // rank one
  Numbers a(n * n);
  for (std::size_t i = 0; i < n; ++i) a[i * (n + 1)] = i % 3 == 0 ? 2 : -1;
  expect_decomposes(a, n);
  a[1] = a[n] = 1e-300;
  expect_decomposes(a, n);
  const SymmetricEigen nothing = symmetric_eigen(3, Numbers(9));
  EXPECT_TRUE(nothing.converged);
  EXPECT_EQ(nothing.values, Numbers(3));
}

TEST(Decompositions, EigenvaluesThatAreKnown) {
  // 2 on the diagonal, -1 beside it: 2 - 2 cos(k pi / (n + 1)).
  const std::size_t n = 20;
  Numbers a(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    a[i * (n + 1)] = 2;
    if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
  }
  const SymmetricEigen eigen = symmetric_eigen(n, a);
  for (std::size_t k = 0; k < n; ++k)
    EXPECT_NEAR(eigen.values[k], 2 - 2 * std::cos(static_cast<double>(k + 1) * M_PI / (n + 1)),
                1e-14);
}

TEST(Decompositions, ExtremeScalesNeitherOverflowNorVanish) {
  for (const double scale : {1e-200, 1e200}) {
    Numbers a = random_square(3, 9);
    for (double& x : a) x *= scale;
    expect_decomposes(a, 9);
  }
}

TEST(Decompositions, WhatIsNotFiniteIsToldAndStaysSo) {
  for (const double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
    Numbers a = random_square(5, 6);
    a[7] = bad;
    EXPECT_FALSE(symmetric_eigen(6, a).converged);
    const Numbers q = orthonormal(6, a);
    EXPECT_FALSE(std::all_of(q.begin(), q.end(), [](double x) { return std::isfinite(x); }));
  }
}

TEST(Decompositions, OrthonormalBasesMakeTriangles) {
  for (const std::size_t n : {1u, 2u, 5u, 40u}) {
    SCOPED_TRACE(n);
    const Numbers a = random_square(n + 1, n), q = orthonormal(n, a);
    expect_orthonormal(q, n);
    const Numbers r = product(transposed(q, n), a, n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < i; ++j) EXPECT_LT(std::abs(r[i * n + j]), 1e-13);
  }
  // The sign of each column is the reflections', and there is none for the last.
  EXPECT_LT(greatest_difference(orthonormal(2, {3, 1, 4, 2}), {-0.6, -0.8, -0.8, 0.6}), 1e-15);
  EXPECT_EQ(orthonormal(2, {3, 1, 0, 2}), (Numbers{1, 0, 0, 1}));
}

}  // namespace
}  // namespace fieldscope::cpu
