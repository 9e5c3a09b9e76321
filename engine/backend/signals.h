// What both engines keep of a block of samples on its way through a network and back: vocabulary of
// cpu/ and cuda/.
#pragma once

namespace fieldscope {

/// What a pass over the batch computes.
enum class Pass { forward, gradient, product };

/// What passes between layers, in the engine's own layout. One a layer; the first is the sample
/// itself, encoded.
template <class T>
struct Signals {
  T* a = nullptr;   ///< activation
  T* ra = nullptr;  ///< its tangent R{a}
  /// Of each map's output u (and w): df/du on the way forward, dL/du on the way back. At the output
  /// layer: y, then dL/dy. (cuda/ has W x there first.)
  T* d[2] = {nullptr, nullptr};
  /// R{df/du}, then R{dL/du}. At the output layer: R{y}, then R{dL/dy}.
  T* rd[2] = {nullptr, nullptr};
};

}  // namespace fieldscope
