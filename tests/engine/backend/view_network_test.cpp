// Networks that see a view direction, in front or behind the trunk: their derivatives in float64
// against finite differences of higher order, and that the density does not see the direction.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/layers.h"
#include "tests/engine/plain_forward.h"

namespace fieldscope {
namespace {

using namespace test;
using Numbers = std::vector<double>;

struct Case {
  std::string activation;
  KnobValues knobs;
  std::vector<int> hidden;
  bool head;
  std::size_t batch;
  double step = 4e-4;  ///< of finite differences
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.activation << (c.head ? " head" : " single") << " batch " << c.batch;
}

class ViewNetworks : public testing::TestWithParam<Case> {
 protected:
  const Case& c_ = GetParam();
  const Field field_ = make_field(c_.activation, c_.hidden, {6, 4, 3, c_.head}, c_.knobs);
  const Network& network_ = field_.network();
  const std::unique_ptr<Backend> backend_ =
      make_cpu_backend(std::make_shared<ThreadPool>(2), Precision::f64);
  const Numbers w_ = field_.initial_weights(5), v_ = random_numbers(2, w_.size());
  const Numbers x_ = random_numbers(1, 6 * c_.batch), t_ = random_numbers(3, 4 * c_.batch);

  Numbers moved(const Numbers& v, double step) const {
    Numbers w = w_;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] += step * v[i];
    return w;
  }
  Numbers outputs(const Numbers& w) const {
    Buffer y = upload(*backend_, Numbers(4 * c_.batch, NAN));
    backend_->forward(network_, upload(*backend_, w), upload(*backend_, x_), c_.batch, y);
    return download(*backend_, y);
  }
  std::pair<double, Numbers> gradient(const Numbers& w, const Numbers& targets,
                                      LossKind loss = LossKind::mse) const {
    const Buffer x = upload(*backend_, x_), t = upload(*backend_, targets);
    Buffer g = upload(*backend_, Numbers(w.size(), NAN));
    const double value =
        backend_->gradient(network_, loss, upload(*backend_, w), {&x, &t, c_.batch}, g);
    return {value, download(*backend_, g)};
  }
  Numbers product(Curvature curvature, LossKind loss = LossKind::mse) const {
    const Buffer x = upload(*backend_, x_), t = upload(*backend_, t_);
    Buffer g = upload(*backend_, Numbers(w_.size(), NAN)), hv = upload(*backend_, download(g));
    backend_->gradient_and_product(network_, loss, curvature, upload(*backend_, w_),
                                   upload(*backend_, v_), {&x, &t, c_.batch}, g, hv);
    EXPECT_LT(relative_error(download(g), gradient(w_, t_, loss).second), 1e-13);
    return download(hv);
  }
  Numbers download(const Buffer& buffer) const { return test::download(*backend_, buffer); }
  Numbers download(const Backend& on, const Buffer& buffer) const {
    return test::download(on, buffer);
  }

  /// d/dr values(w + r v) at r = 0, with an error of the fourth order.
  template <class Values>
  Numbers slope(const Numbers& v, const Values& values) const {
    const double h = c_.step;
    const Numbers far_left = values(moved(v, -2 * h)), left = values(moved(v, -h)),
                  right = values(moved(v, h)), far_right = values(moved(v, 2 * h));
    Numbers slope(left.size());
    for (std::size_t i = 0; i < slope.size(); ++i)
      slope[i] = (8 * (right[i] - left[i]) - (far_right[i] - far_left[i])) / (12 * h);
    return slope;
  }
};

TEST_P(ViewNetworks, TheGradientIsThatOfFiniteDifferences) {
  const Numbers g = gradient(w_, t_).second;
  Numbers some, expected;  // every tensor's first and last, and many between
  std::vector<std::size_t> which;
  for (const ParameterTensor& tensor : field_.tensors())
    for (std::size_t i = 0; i < tensor.size; i += std::max<std::size_t>(tensor.size / 9, 1))
      which.insert(which.end(), {tensor.offset + i, tensor.offset + tensor.size - 1 - i});
  for (const std::size_t i : which) {
    Numbers unit(w_.size());
    unit[i] = 1;
    some.push_back(g[i]);
    expected.push_back(
        slope(unit, [&](const Numbers& w) { return Numbers{gradient(w, t_).first}; })[0]);
  }
  EXPECT_LT(relative_error(some, expected), 1e-6);
}

TEST_P(ViewNetworks, TheHessianProductIsThatOfFiniteDifferences) {
  for (const LossKind loss : {LossKind::mse, LossKind::bce}) {
    const Numbers hv = product(Curvature::hessian, loss);
    const Numbers expected =
        slope(v_, [&](const Numbers& w) { return gradient(w, t_, loss).second; });
    EXPECT_LT(relative_error(hv, expected), 1e-6);
    // Each tensor's own share, too: a small one does not show next to a large one.
    for (const ParameterTensor& tensor : field_.tensors()) {
      const auto share = [&](const Numbers& all) {
        const auto at = all.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
        return Numbers(at, at + static_cast<std::ptrdiff_t>(tensor.size));
      };
      EXPECT_LT(relative_error(share(hv), share(expected)), 1e-5) << tensor.name;
    }
  }
}

/// The gradient of the mean square at targets y - Jv is J^T H J v, H the loss's own Hessian.
TEST_P(ViewNetworks, TheGaussNewtonProductGoesThroughTheOutputs) {
  const Numbers jv = slope(v_, [&](const Numbers& w) { return outputs(w); });
  Numbers targets = outputs(w_);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] -= jv[i];
  EXPECT_LT(relative_error(product(Curvature::gauss_newton), gradient(w_, targets).second), 1e-6);
}

TEST_P(ViewNetworks, OnlyWithoutAHeadTheDensitySeesTheDirection) {
  const PlainForward plain(field_, w_);
  Numbers turned = x_;
  for (std::size_t i = 0; i < turned.size(); ++i)
    if (i % 6 >= 3) turned[i] = -turned[i];
  const auto values = [&](const Numbers& x) {
    Buffer y = upload(*backend_, Numbers(4 * c_.batch, NAN));
    backend_->forward(network_, upload(*backend_, w_), upload(*backend_, x), c_.batch, y);
    return download(y);
  };
  const Numbers before = values(x_), after = values(turned);
  for (std::size_t s = 0; s < c_.batch; ++s) {
    EXPECT_NE(before[4 * s], after[4 * s]);
    EXPECT_EQ(before[4 * s + 3] == after[4 * s + 3], c_.head);
  }
}

TEST_P(ViewNetworks, SinglePrecisionIsClose) {
  const auto on = make_cpu_backend(std::make_shared<ThreadPool>(3), Precision::f32);
  const auto as_floats = [](Numbers numbers) {
    for (double& number : numbers) number = static_cast<float>(number);
    return numbers;
  };
  Numbers results[2];
  for (Backend* backend : {backend_.get(), on.get()}) {
    const Buffer w = upload(*backend, as_floats(w_)), v = upload(*backend, as_floats(v_));
    const Buffer x = upload(*backend, as_floats(x_)), t = upload(*backend, as_floats(t_));
    Buffer g = upload(*backend, Numbers(w_.size(), NAN)), hv = upload(*backend, w_);
    backend->gradient_and_product(network_, LossKind::mse, Curvature::hessian, w, v,
                                  {&x, &t, c_.batch}, g, hv);
    Numbers& all = results[backend == on.get()];
    all = download(*backend, g);
    const Numbers second = download(*backend, hv);
    all.insert(all.end(), second.begin(), second.end());
  }
  EXPECT_LT(relative_error(results[1], results[0]), 2e-5);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ViewNetworks,
    testing::Values(Case{"sine", {{"omega", 3}}, {5, 33, 40}, true, 13},
                    Case{"sine", {{"omega", 3}}, {5, 33, 40}, false, 13},
                    Case{"sine", {{"omega", 3}}, {33}, true, 1},
                    Case{"sine",
                         {{"omega", 3}, {"encoding", 2}, {"features", 7}, {"bandwidth", 0.3}},
                         {40, 5},
                         true,
                         145},
                    Case{"wavelet", {{"omega", 2}, {"scale", 1.5}}, {40, 33, 5}, true, 157},
                    Case{"wavelet", {{"omega", 2}, {"scale", 1.5}}, {5, 40}, true, 3},
                    Case{"wavelet", {{"omega", 2}, {"scale", 1.5}}, {40, 33, 5}, false, 31},
                    // Steps too small to cross a kink.
                    Case{"relu_pe", {{"levels", 6}}, {33, 40}, true, 29, 1e-6},
                    Case{"relu_pe", {{"levels", 2}}, {5, 40}, true, 12, 1e-6},
                    Case{"relu_pe", {{"levels", 6}}, {33, 40}, false, 29, 1e-6}));

/// What a pass has left in its memory is in nobody's way.
TEST(ViewNetwork, AfterOthersOnTheSameBackend) {
  const auto pool = std::make_shared<ThreadPool>(2);
  const auto shared = make_cpu_backend(pool, Precision::f32);
  const auto results = [&](Backend& backend, const Field& field) {
    constexpr std::size_t batch = 100;
    const Buffer w = upload(backend, field.initial_weights(5));
    const Buffer v = upload(backend, random_numbers(2, w.size()));
    const Buffer x = upload(backend, random_numbers(1, 6 * batch));
    const Buffer t = upload(backend, random_numbers(3, 4 * batch));
    Buffer g = backend.allocate(w.size()), hv = backend.allocate(w.size());
    Buffer y = backend.allocate(4 * batch);
    backend.gradient_and_product(field.network(), LossKind::mse, Curvature::hessian, w, v,
                                 {&x, &t, batch}, g, hv);
    backend.forward(field.network(), w, x, batch, y);
    return std::vector{download(backend, g), download(backend, hv), download(backend, y)};
  };
  for (const bool head : {false, true, false, true})
    for (const char* activation : {"wavelet", "sine", "relu_pe"}) {
      const Field field = make_field(activation, {40, 33}, {6, 4, 3, head});
      EXPECT_EQ(results(*shared, field), results(*make_cpu_backend(pool, Precision::f32), field))
          << activation << head;
    }
}

TEST(ViewNetwork, LayersInTheOrderOfTheWayForward) {
  const Field field = make_field("wavelet", {7, 9}, {6, 4, 3, true});
  const std::vector<Layer> layers = layers_of(field.network());
  ASSERT_EQ(layers.size(), 5u);  // two of the trunk, density, head, output
  const int inputs[] = {0, 1, 2, 2, 4}, depending[] = {0, 7, 9, 9, 4}, ins[] = {3, 7, 9, 12, 4};
  const int outs[] = {7, 9, 1, 4, 3}, behind[] = {0, 3, 0, 0, 0};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(layers[i].input, inputs[i]);
    EXPECT_EQ(layers[i].maps[0].in, ins[i]);
    EXPECT_EQ(layers[i].out(), outs[i]);
    EXPECT_EQ(layers[i].behind, behind[i]);
    EXPECT_EQ(layers[i].depending(layers), depending[i]);
    EXPECT_EQ(layers[i].activated, i != 2 && i != 4);
    EXPECT_EQ(layers[i].map_count, layers[i].activated ? 2 : 1);
  }
  EXPECT_EQ(layers[2].column, 3);
}

}  // namespace
}  // namespace fieldscope
