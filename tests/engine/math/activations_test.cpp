// Derivatives of every listed activation by central differences: a new one is tested by being
// listed.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/math/activations/list.h"

namespace fieldscope {
namespace {

constexpr double points[] = {-1.3, -0.41, -0.02, 0.013, 0.3, 0.77, 1.9};

/// Parameters that keep every activation well scaled on the points above.
constexpr ActivationParameters parameters{{1.7, 0.9}};

/// |a - b| small against the size that the function's derivatives have here.
void expect_close(double a, double b) {
  EXPECT_NEAR(a, b, 2e-7 * (1 + std::abs(b)));
}

template <class A>
void check_derivatives() {
  const typename A::template At<double> f(parameters);
  constexpr double h = 1e-5;
  for (double u : points) {
    if constexpr (A::maps == 1) {
      const auto at = f(u), left = f(u - h), right = f(u + h);
      expect_close((right.f - left.f) / (2 * h), at.fu);
      expect_close((right.fu - left.fu) / (2 * h), at.fuu);
    } else {
      for (double w : points) {
        const auto at = f(u, w);
        const auto left = f(u - h, w), right = f(u + h, w), below = f(u, w - h),
                   above = f(u, w + h);
        expect_close((right.f - left.f) / (2 * h), at.fu);
        expect_close((above.f - below.f) / (2 * h), at.fw);
        expect_close((right.fu - left.fu) / (2 * h), at.fuu);
        expect_close((right.fw - left.fw) / (2 * h), at.fuw);
        expect_close((above.fu - below.fu) / (2 * h), at.fuw);
        expect_close((above.fw - below.fw) / (2 * h), at.fww);
      }
    }
  }
}

template <class A>
void check_single_precision() {
  const typename A::template At<double> exact(parameters);
  const typename A::template At<float> single(parameters);
  double largest = 10;  // rounding is relative to what the second derivative is made of
  if constexpr (A::maps == 1)
    for (double u : points) largest = std::max(largest, 2 * std::abs(exact(u).fuu));
  for (double u : points) {
    if constexpr (A::maps == 1) {
      const auto a = exact(static_cast<double>(static_cast<float>(u)));
      const auto b = single(static_cast<float>(u));
      EXPECT_NEAR(b.f, a.f, 1e-6);
      EXPECT_NEAR(b.fu, a.fu, 2e-6);
      EXPECT_NEAR(b.fuu, a.fuu, 1e-6 * largest);
    } else {
      const auto a = exact(static_cast<double>(static_cast<float>(u)), 0.25);
      const auto b = single(static_cast<float>(u), 0.25f);
      EXPECT_NEAR(b.f, a.f, 1e-6);
      EXPECT_NEAR(b.fuw, a.fuw, 1e-5);
      EXPECT_NEAR(b.fww, a.fww, 1e-5);
    }
  }
}

TEST(Activations, DerivativesAgreeWithCentralDifferences) {
  for (int i = 0; i < Activations::size; ++i) {
    SCOPED_TRACE("activation " + std::to_string(i));
    with_activation(i, []<class A>(A) { check_derivatives<A>(); });
  }
}

TEST(Activations, SinglePrecisionAgreesWithDouble) {
  for (int i = 0; i < Activations::size; ++i) {
    SCOPED_TRACE("activation " + std::to_string(i));
    with_activation(i, []<class A>(A) { check_single_precision<A>(); });
  }
}

}  // namespace
}  // namespace fieldscope
