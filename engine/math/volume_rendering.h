// Volume rendering of one ray and the loss of its colour (MATHS section 2; Mildenhall et al. 2020,
// equation 3), with exact first derivatives and their tangents in the field's raw numbers. Shared
// by both engines: one body of code for a loop over rays and a kernel with a thread a ray.
#pragma once

#include <cmath>
#include <cstddef>

#include "engine/math/portable.h"

namespace fieldscope {

/// How a density comes from the field's number r.
enum class DensityActivation {
  softplus,  ///< log(1 + exp(r))
  exp        ///< exp(r), continued as a straight line from r = 15 on
};

/// Numbers that a field gives at each sample of a ray: red, green, blue, density, all raw.
inline constexpr int radiance_outputs = 4;

/// What NeRF's code adds to 1 - alpha in the product of the transmittance.
inline constexpr double transmittance_floor = 1e-10;

/// f, f' and f'' of a function of one raw number.
struct RawJet {
  double f, d, dd;
};

FIELDSCOPE_HOST_DEVICE RawJet logistic_jet(double r) {
  const double tail = ::exp(-::fabs(r));
  const double f = (r >= 0 ? 1 : tail) / (1 + tail), d = tail / ((1 + tail) * (1 + tail));
  return {f, d, d * (1 - 2 * f)};
}

FIELDSCOPE_HOST_DEVICE RawJet density_jet(DensityActivation activation, double r) {
  if (activation == DensityActivation::softplus) {
    const RawJet slope = logistic_jet(r);
    return {(r > 0 ? r : 0) + ::log1p(::exp(-::fabs(r))), slope.f, slope.d};
  }
  constexpr double straight_from = 15;
  const double f = ::exp(r < straight_from ? r : straight_from);
  if (r < straight_from) return {f, f, f};
  return {f * (1 + (r - straight_from)), f, 0};
}

/// Share of the light that a sample of raw density r, spread over `length`, takes away.
FIELDSCOPE_HOST_DEVICE double opacity_of(DensityActivation activation, double r, double length) {
  return -::expm1(-density_jet(activation, r).f * length);
}

/// The samples of one ray, near to far; sample i's numbers lie at y + i stride.
template <class T>
struct RaySamples {
  T* y = nullptr;   ///< [4] each: raw numbers, then dL/dy
  T* ry = nullptr;  ///< [4] each: R{y}, then R{dL/dy}; null: not wanted
  std::size_t stride = radiance_outputs;
  const T* lengths = nullptr;  ///< [count]: delta of each
  std::size_t count = 0;
  double* scratch = nullptr;  ///< [2 count]
};

/// C = sum of T_i alpha_i c_i + (1 - sum of T_i alpha_i) background; loss = scale |C - target|^2.
struct RayLoss {
  DensityActivation density = DensityActivation::softplus;
  double background = 0;  ///< of each of the three colours
  double scale = 1;
  /// R{dL/dy} is that of the Gauss-Newton matrix: J^T (d2L/dC2) J R{y}, J = dC/dy, so that it is
  /// positive semidefinite as the rendered colour, not the raw number, is what the loss is convex
  /// in.
  bool gauss_newton = false;
};

/// The colour of a ray, and its tangent along ry if there is one. Scratch gets T and R{T} of each
/// sample.
template <class T>
FIELDSCOPE_HOST_DEVICE void render_ray(const RayLoss& loss, const RaySamples<T>& ray,
                                       double (&colour)[3], double (&tangent)[3]) {
  double t = 1, rt = 0;
  for (int k = 0; k < 3; ++k) {
    colour[k] = loss.background;
    tangent[k] = 0;
  }
  for (std::size_t i = 0; i < ray.count; ++i) {
    const T* y = ray.y + i * ray.stride;
    const double length = ray.lengths[i];
    const RawJet density = density_jet(loss.density, y[3]);
    const double through = ::exp(-density.f * length), alpha = -::expm1(-density.f * length);
    double ra = 0, rw = 0;
    ray.scratch[2 * i] = t;
    ray.scratch[2 * i + 1] = rt;
    if (ray.ry != nullptr) {
      ra = length * through * density.d * ray.ry[i * ray.stride + 3];
      rw = rt * alpha + t * ra;
    }
    for (int k = 0; k < 3; ++k) {
      const RawJet c = logistic_jet(y[k]);
      colour[k] += t * alpha * (c.f - loss.background);
      if (ray.ry != nullptr)
        tangent[k] += rw * (c.f - loss.background) + t * alpha * c.d * ray.ry[i * ray.stride + k];
    }
    if (ray.ry != nullptr) rt = rt * (through + transmittance_floor) - t * ra;
    t *= through + transmittance_floor;
  }
}

/// Returns the ray's share of the loss; y becomes dL/dy and ry becomes R{dL/dy}.
template <class T>
FIELDSCOPE_HOST_DEVICE double ray_loss(const RayLoss& loss, const RaySamples<T>& ray,
                                       const T* target) {
  double colour[3], rendered_tangent[3];
  render_ray(loss, ray, colour, rendered_tangent);
  double value = 0, dc[3], rdc[3];  // dL/dC and its tangent
  for (int k = 0; k < 3; ++k) {
    const double difference = colour[k] - target[k];
    value += loss.scale * difference * difference;
    dc[k] = 2 * loss.scale * difference;
    rdc[k] = 2 * loss.scale * rendered_tangent[k];
  }
  // From far to near: `behind` = the dL/dw to be expected behind sample i, which is what dL/dalpha
  // sets against the sample's own dL/dw (no division by a transmittance that may have died out).
  double behind = 0, rbehind = 0;
  const bool exact = !loss.gauss_newton;
  for (std::size_t i = ray.count; i-- > 0;) {
    T* y = ray.y + i * ray.stride;
    T* ry = ray.ry != nullptr ? ray.ry + i * ray.stride : nullptr;
    const double length = ray.lengths[i], t = ray.scratch[2 * i], rt = ray.scratch[2 * i + 1];
    const RawJet density = density_jet(loss.density, y[3]);
    const double through = ::exp(-density.f * length), alpha = -::expm1(-density.f * length);
    const double rdensity = ry != nullptr ? density.d * ry[3] : 0;
    const double ra = length * through * rdensity, w = t * alpha, rw = rt * alpha + t * ra;
    double dw = 0, rdw = 0;
    for (int k = 0; k < 3; ++k) {
      const RawJet c = logistic_jet(y[k]);
      const double rc = ry != nullptr ? c.d * ry[k] : 0;
      dw += dc[k] * (c.f - loss.background);
      rdw += rdc[k] * (c.f - loss.background) + (exact ? dc[k] * rc : 0);
      if (ry != nullptr)
        ry[k] =
            static_cast<T>(rdc[k] * w * c.d + (exact ? dc[k] * (rw * c.d + w * c.dd * ry[k]) : 0));
      y[k] = static_cast<T>(dc[k] * w * c.d);
    }
    const double own = dw - behind, rown = rdw - rbehind;
    const double ddensity = length * through * t * own;
    if (ry != nullptr) {
      const double moved = exact ? (rt - length * rdensity * t) * own : 0;
      const double rddensity = length * through * (t * rown + moved);
      ry[3] = static_cast<T>(rddensity * density.d + (exact ? ddensity * density.dd * ry[3] : 0));
      rbehind = (exact ? ra * own : 0) + alpha * rdw + (through + transmittance_floor) * rbehind;
    }
    y[3] = static_cast<T>(ddensity * density.d);
    behind = alpha * dw + (through + transmittance_floor) * behind;
  }
  return value;
}

}  // namespace fieldscope
