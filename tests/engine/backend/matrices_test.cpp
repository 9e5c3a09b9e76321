// Matrix operations of the CPU backend against plain loops, and the Kronecker factors against the
// gradients of single samples.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/field/objective.h"
#include "tests/engine/support.h"

namespace fieldscope {
namespace {

using namespace test;

using Numbers = std::vector<double>;

class Matrices : public testing::TestWithParam<Precision> {
 protected:
  double tolerance() const { return GetParam() == Precision::f64 ? 1e-12 : 2e-5; }
  Numbers symmetric(std::size_t n, std::uint64_t seed) {
    const Numbers x = random_numbers(seed, n * n);
    Numbers a(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t k = 0; k < n; ++k)
          a[i * n + j] += x[i * n + k] * x[j * n + k] / static_cast<double>(n);
    return a;
  }
  static Numbers product(const Numbers& a, const Numbers& b, std::size_t n) {
    Numbers c(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < n; ++k)
        for (std::size_t j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
    return c;
  }
  static Numbers identity(std::size_t n) {
    Numbers a(n * n);
    for (std::size_t i = 0; i < n; ++i) a[i * (n + 1)] = 1;
    return a;
  }

  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
  std::unique_ptr<Backend> backend_ = make_cpu_backend(pool_, GetParam());
};

TEST_P(Matrices, ProductsOfAllShapesAgreeWithPlainLoops) {
  struct Shape {
    std::size_t m, n, k;
  };
  for (const Shape& s : {Shape{1, 1, 1}, Shape{12, 32, 32}, Shape{13, 33, 31}, Shape{5, 70, 100},
                         Shape{64, 3, 2}, Shape{3, 64, 600}, Shape{40, 40, 1100}}) {
    for (const bool ta : {false, true})
      for (const bool tb : {false, true}) {
        SCOPED_TRACE(std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k) +
                     (ta ? " ta" : "") + (tb ? " tb" : ""));
        const Numbers a = random_numbers(1, s.m * s.k), b = random_numbers(2, s.k * s.n);
        const std::size_t stride = s.n + 3, offset = 5;
        Numbers c = random_numbers(3, offset + s.m * stride);
        Buffer ba = upload(*backend_, a), bb = upload(*backend_, b), bc = upload(*backend_, c);
        const Matrix ma = ta ? matrix_in(ba, 0, s.k, s.m) : matrix_in(ba, 0, s.m, s.k);
        const Matrix mb = tb ? matrix_in(bb, 0, s.n, s.k) : matrix_in(bb, 0, s.k, s.n);
        const MatrixProduct product{ma, mb, {&bc, offset, s.m, s.n, stride}, ta, tb, 0.5, -2};
        backend_->multiply(std::span(&product, 1));
        for (std::size_t i = 0; i < s.m; ++i)
          for (std::size_t j = 0; j < s.n; ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < s.k; ++k)
              sum +=
                  (ta ? a[k * s.m + i] : a[i * s.k + k]) * (tb ? b[j * s.k + k] : b[k * s.n + j]);
            double& to = c[offset + i * stride + j];
            to = 0.5 * sum - 2 * to;
          }
        EXPECT_LT(relative_error(download(*backend_, bc), c), tolerance());
      }
  }
}

TEST_P(Matrices, WithoutBetaWhateverWasThereIsForgotten) {
  Buffer a = upload(*backend_, {1, 2, 3, 4}), c = upload(*backend_, Numbers(4, NAN));
  const MatrixProduct square{matrix_in(a, 0, 2, 2), matrix_in(a, 0, 2, 2), matrix_in(c, 0, 2, 2)};
  backend_->multiply(std::span(&square, 1));
  EXPECT_EQ(download(*backend_, c), (Numbers{7, 10, 15, 22}));
  const MatrixProduct bad{matrix_in(a, 0, 2, 2), matrix_in(a, 0, 1, 4), matrix_in(c, 0, 2, 2)};
  EXPECT_THROW(backend_->multiply(std::span(&bad, 1)), std::logic_error);
  const MatrixProduct beyond{matrix_in(a, 1, 2, 2), matrix_in(a, 0, 2, 2), matrix_in(c, 0, 2, 2)};
  EXPECT_THROW(backend_->multiply(std::span(&beyond, 1)), std::logic_error);
}

TEST_P(Matrices, CopiesDotsAndScalesFollowTheirStrides) {
  Buffer a = upload(*backend_, {1, 2, 3, 4, 5, 6}), b = upload(*backend_, Numbers(8, 9));
  const Matrix from{&a, 1, 2, 2, 3}, to{&b, 0, 2, 2, 4};
  const MatrixCopy copy{from, to};
  backend_->copy(std::span(&copy, 1));
  EXPECT_EQ(download(*backend_, b), (Numbers{2, 3, 9, 9, 5, 6, 9, 9}));
  EXPECT_EQ(backend_->dot(from, to), 4 + 9 + 25 + 36);
  backend_->scale(2, to);
  EXPECT_EQ(download(*backend_, b), (Numbers{4, 6, 9, 9, 10, 12, 9, 9}));
}

TEST_P(Matrices, PowersUndoThemselves) {
  for (const std::size_t n : {1u, 2u, 7u, 40u}) {
    const Numbers a = symmetric(n, n);
    Buffer from = upload(*backend_, a), inverse = backend_->allocate(n * n),
           root = backend_->allocate(n * n);
    const MatrixPower powers[] = {
        {matrix_in(from, 0, n, n), matrix_in(inverse, 0, n, n), 0.25, 0, -1},
        {matrix_in(from, 0, n, n), matrix_in(root, 0, n, n), 0, 0.5, -0.25}};
    backend_->power(powers);
    Numbers shifted = a;
    for (std::size_t i = 0; i < n; ++i) shifted[i * (n + 1)] += 0.25;
    EXPECT_LT(relative_error(product(download(*backend_, inverse), shifted, n), identity(n)),
              100 * tolerance());
    // root^4 (a + lambda_max / 2) = I; lambda_max by the power method.
    Numbers v(n, 1);
    double largest = 0;
    for (int k = 0; k < 3000; ++k) {
      Numbers next(n);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) next[i] += a[i * n + j] * v[j];
      largest = 0;
      for (double x : next) largest += x * x;
      largest = std::sqrt(largest);
      for (std::size_t i = 0; i < n; ++i) v[i] = next[i] / largest;
    }
    Numbers ridged = a;
    for (std::size_t i = 0; i < n; ++i) ridged[i * (n + 1)] += largest / 2;
    const Numbers r = download(*backend_, root), r2 = product(r, r, n), r4 = product(r2, r2, n);
    EXPECT_LT(relative_error(product(r4, ridged, n), identity(n)),
              std::max(1e-6, 100 * tolerance()));
  }
}

TEST_P(Matrices, WhatIsNotFiniteStaysSo) {
  Buffer a = upload(*backend_, {1, NAN, NAN, 2}), b = backend_->allocate(4);
  const MatrixPower power{matrix_in(a, 0, 2, 2), matrix_in(b, 0, 2, 2), 0, 0, -1};
  backend_->power(std::span(&power, 1));
  EXPECT_FALSE(backend_->all_finite(b));
}

TEST_P(Matrices, EigenvectorsAndOrthonormalBases) {
  const std::size_t n = 23;
  const Numbers a = symmetric(n, 4);
  Buffer from = upload(*backend_, a), basis = backend_->allocate(n * n);
  const Eigenvectors problem{matrix_in(from, 0, n, n), matrix_in(basis, 0, n, n)};
  backend_->eigenvectors(std::span(&problem, 1));
  const Numbers v = download(*backend_, basis);
  const auto transposed = [n](const Numbers& x) {
    Numbers t(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) t[j * n + i] = x[i * n + j];
    return t;
  };
  EXPECT_LT(relative_error(product(transposed(v), v, n), identity(n)), tolerance());
  const Numbers diagonal = product(transposed(v), product(a, v, n), n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      EXPECT_LT(i == j ? 0 : std::abs(diagonal[i * n + j]), 100 * tolerance());
  for (std::size_t i = 1; i < n; ++i)
    EXPECT_GE(diagonal[(i - 1) * (n + 1)], diagonal[i * (n + 1)] - 100 * tolerance());

  const Numbers x = random_numbers(8, n * n);
  Buffer q = upload(*backend_, x);
  const Matrix matrix = matrix_in(q, 0, n, n);
  backend_->orthonormalise(std::span(&matrix, 1));
  const Numbers qn = download(*backend_, q);
  EXPECT_LT(relative_error(product(transposed(qn), qn, n), identity(n)), tolerance());
  const Numbers r = product(transposed(qn), x, n);  // upper triangular
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_LT(std::abs(r[i * n + j]), 100 * tolerance());
}

/// From the gradients of single samples: there dW = dL/dz x^T and db = dL/dz.
TEST_P(Matrices, KroneckerFactorsAreMeansOverTheSamples) {
  struct Case {
    const char* activation;
    std::size_t batch;
    FieldShape shape;
  };
  for (const auto& [activation, batch, shape] :
       {Case{"sine", 3, {2, 3}}, Case{"wavelet", 7, {2, 3}}, Case{"relu_pe", 5, {2, 3}},
        Case{"sine", 5, {6, 4, 3}}, Case{"sine", 5, {6, 4, 3, true}},
        Case{"wavelet", 7, {6, 4, 3, true}}, Case{"relu_pe", 5, {6, 4, 3, true}}}) {
    SCOPED_TRACE(std::string(activation) + (shape.head ? " head" : ""));
    const auto d = static_cast<std::size_t>(shape.coordinates);
    const auto numbers = static_cast<std::size_t>(shape.outputs);
    KnobValues knobs;
    if (std::string(activation) == "sine") knobs["omega"] = 2;
    const Field field = make_field(activation, {35, 22}, shape, knobs);
    const ParameterLayout layout = layout_of(field.network());
    Buffer w = upload(*backend_, field.initial_weights(5));
    const Numbers x = random_numbers(1, batch * d), t = random_numbers(2, batch * numbers);
    Buffer bx = upload(*backend_, x), bt = upload(*backend_, t);
    Buffer g = backend_->allocate(w.size()), plain = backend_->allocate(w.size());
    std::size_t size = 0;
    for (const LinearMap& map : layout.maps)
      size += static_cast<std::size_t>((map.in + 1) * (map.in + 1) + map.out * map.out);
    Buffer factors = upload(*backend_, Numbers(size, NAN));
    const Batch all{&bx, &bt, batch};
    const double loss =
        backend_->gradient_and_factors(field.network(), LossKind::mse, w, all, g, factors);
    EXPECT_EQ(backend_->gradient(field.network(), LossKind::mse, w, all, plain), loss);
    EXPECT_EQ(download(*backend_, g), download(*backend_, plain));

    Numbers expected(size);
    for (std::size_t s = 0; s < batch; ++s) {
      const auto own_rows = [s](const Numbers& rows, std::size_t width) {
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>(s * width);
        return Numbers(first, first + static_cast<std::ptrdiff_t>(width));
      };
      Buffer sx = upload(*backend_, own_rows(x, d)), st = upload(*backend_, own_rows(t, numbers));
      backend_->gradient(field.network(), LossKind::mse, w, {&sx, &st, 1}, plain);
      const Numbers own = download(*backend_, plain);
      std::size_t at = 0;
      for (const LinearMap& map : layout.maps) {
        const auto n = static_cast<std::size_t>(map.in), m = static_cast<std::size_t>(map.out);
        Numbers delta(own.begin() + static_cast<std::ptrdiff_t>(map.bias),
                      own.begin() + static_cast<std::ptrdiff_t>(map.bias + m));
        const auto strongest = static_cast<std::size_t>(
            std::max_element(delta.begin(), delta.end(),
                             [](double a, double b) { return std::abs(a) < std::abs(b); }) -
            delta.begin());
        Numbers input(n + 1, 1);
        for (std::size_t i = 0; i < n; ++i)
          input[i] = own[map.weight + strongest * n + i] / delta[strongest];
        for (std::size_t i = 0; i <= n; ++i)
          for (std::size_t j = 0; j <= n; ++j)
            expected[at + i * (n + 1) + j] += input[i] * input[j] / batch;
        at += (n + 1) * (n + 1);
        for (std::size_t i = 0; i < m; ++i)
          for (std::size_t j = 0; j < m; ++j)
            expected[at + i * m + j] += delta[i] * delta[j] / batch;
        at += m * m;
      }
    }
    EXPECT_LT(relative_error(download(*backend_, factors), expected), 10 * tolerance());
  }
}

INSTANTIATE_TEST_SUITE_P(Both, Matrices, testing::Values(Precision::f64, Precision::f32),
                         [](const auto& of) {
                           return of.param == Precision::f64 ? "float64" : "float32";
                         });

}  // namespace
}  // namespace fieldscope
