// Orders are bijections of any size, and as good as random: what is counted here must look as it
// would of orders drawn uniformly. Keys are fixed, so that no bound fails by chance.
#include "engine/math/shuffle.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

std::uint64_t key_of(std::uint64_t epoch, std::uint64_t seed = 1) {
  return random_key(seed, Stream::batches, epoch);
}

/// How far the counts of equally likely things are from even, in standard deviations of chi
/// squared.
double unevenness(const std::vector<double>& counts, double total) {
  const double expected = total / static_cast<double>(counts.size());
  const double freedom = static_cast<double>(counts.size()) - 1;
  double chi_squared = 0;
  for (const double count : counts)
    chi_squared += (count - expected) * (count - expected) / expected;
  return (chi_squared - freedom) / std::sqrt(2 * freedom);
}

void expect_bijection(std::uint64_t n) {
  const Shuffle shuffle(key_of(n), n);
  EXPECT_EQ(shuffle.size(), n);
  std::vector<bool> seen(n);
  for (std::uint64_t place = 0; place < n; ++place) {
    const std::uint64_t item = shuffle(place);
    ASSERT_LT(item, n);
    ASSERT_FALSE(seen[item]) << item << " twice among " << n;
    seen[item] = true;
  }
}

TEST(Shuffles, AreBijectionsOfAnySize) {
  for (std::uint64_t n = 1; n <= 3000; ++n) expect_bijection(n);
  for (const std::uint64_t n : {4095, 4096, 4097, 65535, 65536, 65537, 1000003})
    expect_bijection(n);
}

TEST(Shuffles, OfHugeSizesGiveDifferentItemsEverywhere) {
  for (const std::uint64_t n : {24000000ull, (1ull << 32) - 5, 1ull << 32, (1ull << 32) + 1,
                                (1ull << 48) - 1, 1ull << 48}) {
    const Shuffle shuffle(key_of(n), n);
    constexpr std::size_t bins = 64;
    std::vector<std::uint64_t> items;
    std::vector<double> counts(bins);
    for (const std::uint64_t first : {std::uint64_t{0}, n / 2, n - 100000})
      for (std::uint64_t place = first; place < first + 100000; ++place) {
        const std::uint64_t item = shuffle(place);
        ASSERT_LT(item, n);
        items.push_back(item);
        ++counts[item / (n / bins + 1)];
      }
    EXPECT_LT(unevenness(counts, static_cast<double>(items.size())), 4) << n;
    std::sort(items.begin(), items.end());
    EXPECT_EQ(std::adjacent_find(items.begin(), items.end()), items.end()) << n;
  }
}

TEST(Shuffles, TakeEveryOrderEquallyOften) {
  const std::vector<std::size_t> orders = {1, 1, 2, 6, 24, 120, 720};
  for (std::uint64_t n = 2; n < orders.size(); ++n) {
    std::map<std::uint64_t, double> seen;
    const std::uint64_t epochs = 500 * orders[n];
    for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
      const Shuffle shuffle(key_of(epoch), n);
      std::uint64_t order = 0;
      for (std::uint64_t place = 0; place < n; ++place) order = order * n + shuffle(place);
      ++seen[order];
    }
    ASSERT_EQ(seen.size(), orders[n]);
    std::vector<double> counts;
    for (const auto& [order, count] : seen) counts.push_back(count);
    EXPECT_LT(std::abs(unevenness(counts, static_cast<double>(epochs))), 4) << n;
  }
}

TEST(Shuffles, PutEveryItemEverywhereEquallyOften) {
  for (const std::uint64_t n : {8u, 10u, 17u, 31u, 64u, 100u, 144u}) {
    const std::uint64_t epochs = 10000;
    std::vector<double> counts(n * n);
    for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
      const Shuffle shuffle(key_of(epoch), n);
      for (std::uint64_t place = 0; place < n; ++place) ++counts[place * n + shuffle(place)];
    }
    // Rows and columns sum to `epochs`: (n - 1)^2 degrees of freedom, which unevenness()
    // overstates.
    const auto m = static_cast<double>(n);
    const double expected = static_cast<double>(epochs) / m, freedom = (m - 1) * (m - 1);
    double chi_squared = 0;
    for (const double c : counts) chi_squared += (c - expected) * (c - expected) / expected;
    EXPECT_LT(std::abs(chi_squared - freedom) / std::sqrt(2 * freedom), 4) << n;
  }
}

/// How far items end up from one another that were neighbours, or one below the other in the
/// rectangle of the network: any distance but 0 is equally likely.
TEST(Shuffles, TearNeighboursApart) {
  for (const std::uint64_t n : {9u, 36u, 64u, 100u, 1000u, 4095u, 4096u, 10000u}) {
    for (const std::uint64_t apart : {1, 2, 4, 8, 16, 32, 64, 128}) {
      if (apart >= n) continue;
      constexpr std::uint64_t epochs = 100000;
      std::vector<double> counts(n - 1);
      for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
        const Shuffle shuffle(key_of(epoch), n);
        const std::uint64_t place = random_below(7, epoch, n - apart);
        ++counts[(shuffle(place + apart) + n - shuffle(place)) % n - 1];
      }
      EXPECT_LT(std::abs(unevenness(counts, epochs)), 4) << n << ", " << apart << " apart";
    }
  }
}

TEST(Shuffles, HaveNoSerialCorrelation) {
  constexpr std::uint64_t n = 256 * 256;
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    const Shuffle shuffle(key_of(epoch), n);
    const auto at = [&](std::uint64_t place) {
      return static_cast<double>(shuffle(place)) / n - 0.5;
    };
    double next = 0, place_itself = 0;
    for (std::uint64_t place = 0; place + 1 < n; ++place) {
      next += at(place) * at(place + 1);
      place_itself += at(place) * (static_cast<double>(place) / n - 0.5);
    }
    const double deviation = std::sqrt(static_cast<double>(n)) / 12;
    EXPECT_LT(std::abs(next), 4 * deviation) << epoch;
    EXPECT_LT(std::abs(place_itself), 4 * deviation) << epoch;
  }
}

TEST(Shuffles, FillMinibatchesEvenly) {
  // How many of a minibatch come from each of 64 parts of the picture, over epochs and seeds.
  constexpr std::uint64_t n = 256 * 256, batch = 512, parts = 64;
  std::vector<double> counts(parts);
  for (std::uint64_t epoch = 0; epoch < 1000; ++epoch) {
    const Minibatch pixels = {Shuffle(key_of(epoch / 10, epoch % 10), n), 7 * batch, batch};
    for (std::size_t i = 0; i < pixels.size; ++i) ++counts[pixels.item(i) / (n / parts)];
  }
  EXPECT_LT(std::abs(unevenness(counts, 1000 * batch)), 4);
}

TEST(Shuffles, OfOtherEpochsAndSeedsHaveNothingInCommon) {
  // Two random orders agree in one place on average.
  constexpr std::uint64_t n = 10000;
  double agreements = 0, pairs = 0;
  const Shuffle first(key_of(0), n);
  for (std::uint64_t seed = 1; seed < 20; ++seed)
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
      if (seed == 1 && epoch == 0) continue;
      const Shuffle other(key_of(epoch, seed), n);
      for (std::uint64_t place = 0; place < n; ++place)
        agreements += first(place) == other(place) ? 1 : 0;
      ++pairs;
    }
  EXPECT_NEAR(agreements / pairs, 1, 4 / std::sqrt(pairs));
}

/// A saved run starts from its seed again: these orders must never change.
TEST(Shuffles, AreTheSameForever) {
  using Items = std::vector<std::uint64_t>;
  const auto items = [](std::uint64_t n) {
    const Shuffle shuffle(key_of(2, 3), n);
    Items first;
    for (std::uint64_t place = 0; place < std::min<std::uint64_t>(n, 8); ++place)
      first.push_back(shuffle(place));
    return first;
  };
  EXPECT_EQ(items(1), (Items{0}));
  EXPECT_EQ(items(7), (Items{1, 6, 2, 4, 3, 5, 0}));
  EXPECT_EQ(items(65536), (Items{40647, 5928, 53348, 39357, 32378, 15883, 65533, 46021}));
  EXPECT_EQ(items(24000000),
            (Items{19466198, 11293238, 2732548, 222973, 14031863, 8195815, 9405885, 19887912}));
  EXPECT_EQ(items(1ull << 40), (Items{445836315621, 114996352060, 1065758652433, 190228832229,
                                      34046319783, 342712736250, 769252079365, 921477482788}));
}

}  // namespace
}  // namespace fieldscope
