// The decompositions without a library, for machines that have no Eigen. The algorithms are those
// of Golub and Van Loan, Matrix Computations, 4th edition; inner loops run along rows.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "engine/backend/cpu/decompositions.h"

namespace fieldscope::cpu {
namespace {

using Numbers = std::vector<double>;

/// In sums that do not wait for each other, so that the compiler can make vectors of them.
double dot(const double* x, const double* y, std::size_t n) {
  constexpr std::size_t chains = 8;
  double sums[chains] = {};
  std::size_t i = 0;
  for (; i + chains <= n; i += chains)
    for (std::size_t c = 0; c < chains; ++c) sums[c] += x[i + c] * y[i + c];
  for (; i < n; ++i) sums[0] += x[i] * y[i];
  return std::accumulate(sums, sums + chains, 0.0);
}

/// y += a x
void axpy(double a, const double* x, double* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += a * x[i];
}

/// The reflection H = I - beta v v^T with H x = alpha e_1, and alpha (5.1). x becomes v, whose
/// first element is 1.
struct Reflection {
  double beta = 0;
  double alpha = 0;
};
Reflection reflect(std::span<double> x) {
  const double first = x[0];
  const double tail = dot(x.data() + 1, x.data() + 1, x.size() - 1);
  x[0] = 1;
  if (tail <= std::numeric_limits<double>::min()) {  // there already
    std::fill(x.begin() + 1, x.end(), 0.0);
    return {0, first};
  }
  const double length = std::sqrt(first * first + tail);
  const double alpha = first >= 0 ? -length : length;  // no cancellation
  for (double& number : x.subspan(1)) number /= first - alpha;
  return {(alpha - first) / alpha, alpha};
}

/// A symmetric tridiagonal matrix, and what it came from: A = Z^T T Z.
struct Tridiagonal {
  Numbers diagonal;
  Numbers beside;  ///< beside[i] = T[i][i + 1]
  Numbers z;       ///< [n][n]: in its rows, so that rotations and reflections run along them
};

/// Algorithm 8.3.1. `a` is used up.
Tridiagonal tridiagonalise(std::size_t n, Numbers a) {
  Tridiagonal t{Numbers(n), Numbers(n), Numbers(n * n)};
  std::vector<Numbers> v(n);
  Numbers beta(n), w(n);
  for (std::size_t k = 0; k + 2 < n; ++k) {
    const std::size_t first = k + 1, rest = n - first;
    v[k].assign(a.begin() + static_cast<std::ptrdiff_t>(k * n + first),
                a.begin() + static_cast<std::ptrdiff_t>(k * n + n));
    const Reflection h = reflect(v[k]);
    beta[k] = h.beta;
    t.beside[k] = h.alpha;
    if (h.beta == 0) continue;
    for (std::size_t i = 0; i < rest; ++i)
      w[i] = h.beta * dot(&a[(first + i) * n + first], v[k].data(), rest);
    axpy(-0.5 * h.beta * dot(w.data(), v[k].data(), rest), v[k].data(), w.data(), rest);
    for (std::size_t i = 0; i < rest; ++i) {
      double* row = &a[(first + i) * n + first];
      for (std::size_t j = 0; j < rest; ++j) row[j] -= v[k][i] * w[j] + w[i] * v[k][j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) t.diagonal[i] = a[i * n + i];
  if (n > 1) t.beside[n - 2] = a[(n - 2) * n + n - 1];

  // The product of the reflections, last one first: each then meets only a corner.
  for (std::size_t i = 0; i < n; ++i) t.z[i * n + i] = 1;
  for (std::size_t k = n; k-- > 0;) {
    if (beta[k] == 0) continue;
    const std::size_t first = k + 1, rest = n - first;
    for (std::size_t i = first; i < n; ++i) {
      double* row = &t.z[i * n + first];
      axpy(-beta[k] * dot(row, v[k].data(), rest), v[k].data(), row, rest);
    }
  }
  return t;
}

/// Algorithm 8.3.2: one step of QR with Wilkinson's shift on rows first to last, which no zero
/// beside the diagonal divides.
void qr_step(Tridiagonal& t, std::size_t first, std::size_t last) {
  const std::size_t n = t.diagonal.size();
  Numbers &d = t.diagonal, &e = t.beside;
  const double half = (d[last - 1] - d[last]) / 2, side = e[last - 1];
  const double away = half >= 0 ? half + std::hypot(half, side) : half - std::hypot(half, side);
  double x = d[first] - (d[last] - side / away * side), y = e[first];
  for (std::size_t k = first; k < last; ++k) {
    // Turns (x, y) onto the first axis.
    const double length = std::hypot(x, y);
    const double c = length > 0 ? x / length : 1, s = length > 0 ? y / length : 0;
    if (k > first) e[k - 1] = length;
    const double upper = d[k], lower = d[k + 1], beside = e[k];
    d[k] = c * c * upper + 2 * c * s * beside + s * s * lower;
    d[k + 1] = s * s * upper - 2 * c * s * beside + c * c * lower;
    e[k] = (c * c - s * s) * beside + c * s * (lower - upper);
    if (k + 1 < last) {
      x = e[k];
      y = s * e[k + 1];
      e[k + 1] *= c;
    }
    double *p = &t.z[k * n], *q = p + n;
    for (std::size_t i = 0; i < n; ++i) {
      const double was = p[i];
      p[i] = c * was + s * q[i];
      q[i] = c * q[i] - s * was;
    }
  }
}

/// Algorithm 8.3.3: leaves the eigenvalues on the diagonal and their vectors in the rows of z.
bool diagonalise(Tridiagonal& t) {
  const std::size_t n = t.diagonal.size();
  const Numbers& d = t.diagonal;
  std::size_t steps_left = 30 * n;  // two or three an eigenvalue are usual
  for (std::size_t last = n - 1; last > 0;) {
    for (std::size_t i = 0; i < last; ++i) {
      const double around = std::abs(d[i]) + std::abs(d[i + 1]);
      if (std::abs(t.beside[i]) <= std::numeric_limits<double>::epsilon() * around) t.beside[i] = 0;
    }
    while (last > 0 && t.beside[last - 1] == 0) --last;
    if (last == 0) return true;
    if (steps_left-- == 0) return false;
    std::size_t first = last - 1;
    while (first > 0 && t.beside[first - 1] != 0) --first;
    qr_step(t, first, last);
  }
  return true;
}

}  // namespace

SymmetricEigen symmetric_eigen(std::size_t n, const std::vector<double>& a, bool) {
  SymmetricEigen result{false, Numbers(n), Numbers(n * n)};
  double scale = 0;  // the greatest element becomes 1: squares can neither overflow nor vanish
  bool finite = true;
  for (const double number : a) {
    finite = finite && std::isfinite(number);
    scale = std::max(scale, std::abs(number));
  }
  if (!finite) {
    result.values.assign(n, std::numeric_limits<double>::quiet_NaN());
    result.vectors.assign(n * n, std::numeric_limits<double>::quiet_NaN());
    return result;
  }
  if (scale == 0) scale = 1;
  Numbers symmetric(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      symmetric[i * n + j] = 0.5 * (a[i * n + j] / scale + a[j * n + i] / scale);
  Tridiagonal t = tridiagonalise(n, std::move(symmetric));
  result.converged = n == 0 || diagonalise(t);

  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return t.diagonal[i] < t.diagonal[j]; });
  for (std::size_t k = 0; k < n; ++k) {
    result.values[k] = scale * t.diagonal[order[k]];
    for (std::size_t i = 0; i < n; ++i) result.vectors[i * n + k] = t.z[order[k] * n + i];
  }
  return result;
}

std::vector<double> reassembled(const std::vector<double>& vectors,
                                const std::vector<double>& values) {
  const std::size_t n = values.size();
  Numbers result(n * n), scaled(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) scaled[k] = vectors[i * n + k] * values[k];
    for (std::size_t j = 0; j < n; ++j) result[i * n + j] = dot(scaled.data(), &vectors[j * n], n);
  }
  return result;
}

std::vector<double> orthonormal(std::size_t n, const std::vector<double>& a) {
  // Both a and Q are kept by columns here, so that reflections run along them.
  Numbers columns(n * n), q(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) columns[j * n + i] = a[i * n + j];
  Numbers beta(n);
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t rest = n - k;
    double* v = &columns[k * n + k];
    beta[k] = reflect({v, rest}).beta;
    for (std::size_t j = k + 1; j < n; ++j) {
      double* column = &columns[j * n + k];
      axpy(-beta[k] * dot(v, column, rest), v, column, rest);
    }
  }
  for (std::size_t j = 0; j < n; ++j) {
    q[j * n + j] = 1;
    for (std::size_t k = j + 1; k-- > 0;) {  // the later ones leave e_j alone
      double* column = &q[j * n + k];
      axpy(-beta[k] * dot(&columns[k * n + k], column, n - k), &columns[k * n + k], column, n - k);
    }
  }
  Numbers result(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) result[i * n + j] = q[j * n + i];
  return result;
}

}  // namespace fieldscope::cpu
