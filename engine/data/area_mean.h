// Shrinking a picture along one axis: how much each source pixel counts for a target pixel.
#pragma once

#include <algorithm>
#include <vector>

namespace fieldscope {

/// Which source pixels make one target pixel along one axis, and with what weight. The weights add
/// up to one.
struct Taps {
  int first = 0;
  std::vector<double> weights;
};

/// The share of each source pixel that target pixel `index` covers; target <= source.
inline Taps covered(int source, int target, int index) {
  const double scale = static_cast<double>(source) / target;
  const double begin = index * scale;
  const double end = std::min<double>((index + 1) * scale, source);
  Taps taps;
  taps.first = static_cast<int>(begin);
  for (int i = taps.first; i < source && i < end; ++i) {
    const double share = std::min<double>(end, i + 1) - std::max<double>(begin, i);
    if (share > 0) taps.weights.push_back(share / scale);
  }
  return taps;
}

}  // namespace fieldscope
