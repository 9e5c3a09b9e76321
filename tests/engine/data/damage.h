// Files damaged at random, in the ways that files are: bits, bytes, words, cuts, pieces twice.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/math/random.h"

namespace fieldscope::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  /// From 0 to below.
  std::size_t operator()(std::size_t below) {
    return static_cast<std::size_t>(random_uniform(seed_, at_++) * static_cast<double>(below));
  }

 private:
  std::uint64_t seed_;
  std::uint64_t at_ = 0;
};

struct Damage {
  std::span<const std::string> words;  ///< that readers of the format may stumble over
  std::size_t most_times = 3;
  std::size_t most_erased = 9;  ///< bytes, each time
};

inline std::string damaged(std::string bytes, Dice& dice, const Damage& damage) {
  for (std::size_t times = 1 + dice(damage.most_times); times > 0 && !bytes.empty(); --times) {
    const std::size_t at = dice(bytes.size());
    switch (dice(5)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(dice(256));
        break;
      case 2:
        bytes.insert(at, damage.words[dice(damage.words.size())]);
        break;
      case 3:
        bytes.erase(at, 1 + dice(damage.most_erased));
        break;
      default:
        if (dice(8) == 0) bytes.resize(at);
        bytes.insert(dice(bytes.size() + 1), bytes.substr(at / 2, dice(40)));
    }
  }
  return bytes;
}

}  // namespace fieldscope::test
