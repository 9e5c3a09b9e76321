// The closed list of activation functions. To add one: a file beside this one, one line here, one
// line in engine/field/spec.cpp; the derivative test finds it by itself.
#pragma once

#include <cstddef>
#include <utility>

#include "engine/math/activations/finer.h"
#include "engine/math/activations/gabor.h"
#include "engine/math/activations/gaussian.h"
#include "engine/math/activations/relu.h"
#include "engine/math/activations/silu.h"
#include "engine/math/activations/sinc.h"
#include "engine/math/activations/sine.h"
#include "engine/math/activations/softplus.h"
#include "engine/math/activations/tanh.h"
#include "engine/math/activations/wavelet.h"
#include "engine/math/type_list.h"

namespace fieldscope {

using Activations =
    TypeList<Sine, Gaussian, Wavelet, Relu, Sinc, Finer, Gabor, Tanh, Silu, Softplus>;

/// Index into Activations.
using ActivationIndex = int;

template <class A>
inline constexpr ActivationIndex activation_index = index_in<A, Activations>;

/// Calls visit(A{}) for the activation of that index, with A its type from the list.
template <class Visitor>
decltype(auto) with_activation(ActivationIndex index, Visitor&& visit) {
  return with_type(Activations{}, index, std::forward<Visitor>(visit));
}

}  // namespace fieldscope
