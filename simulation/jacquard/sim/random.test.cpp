#include <gtest/gtest.h>

#include <jacquard/sim/random.hpp>

#include <array>
#include <set>
#include <vector>

namespace jacquard::sim {
namespace {

std::vector<std::uint64_t> first(stream draws, std::size_t count) {
  std::vector<std::uint64_t> drawn;
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(draws.next());
  return drawn;
}

TEST(Random, ADrawDependsOnSeedPurposeEntityAndCounterOnly) {
  EXPECT_EQ(first({7, domain::service, "/consumer"}, 50),
            first({7, domain::service, "/consumer"}, 50));
  EXPECT_NE(first({8, domain::service, "/consumer"}, 4),
            first({7, domain::service, "/consumer"}, 4));
  EXPECT_NE(first({7, domain::network, "/consumer"}, 4),
            first({7, domain::service, "/consumer"}, 4));
  EXPECT_NE(first({7, domain::service, "/producer/1"}, 4),
            first({7, domain::service, "/consumer"}, 4));
}

TEST(Random, OneMoreDrawOfAnEntityMovesNoOtherEntitysDraws) {
  stream one(7, domain::network, "/producer/1");
  stream two(7, domain::network, "/producer/2");
  const std::vector<std::uint64_t> undisturbed = first(two, 20);
  for (int extra = 0; extra < 1000; ++extra) (void)one.next();
  EXPECT_EQ(first(two, 20), undisturbed);
}

TEST(Random, TheSameSeedMeansTheSameDrawsOnEveryMachine) {
  // Written down once. A change here means that every stored seed means something else.
  stream draws(0x9f3a, domain::workload, "/producer/0");
  EXPECT_EQ(draws.next(), 0x13bb48717bcf7d4cu);
  EXPECT_EQ(draws.next(), 0x821a41da9c964e9eu);
}

TEST(Random, BelowCoversItsRangeEvenly) {
  stream draws(1, domain::user, "/x");
  std::array<int, 10> hits{};
  for (int i = 0; i < 100'000; ++i) ++hits[draws.below(10)];
  for (const int hit : hits) {
    EXPECT_GT(hit, 9'500);
    EXPECT_LT(hit, 10'500);
  }
}

TEST(Random, BetweenIncludesBothEnds) {
  stream draws(1, domain::user, "/x");
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(draws.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
}

TEST(Random, StreamsOfNeighbouringSeedsShareNoDraws) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const std::uint64_t draw : first({seed, domain::user, "/x"}, 100)) seen.insert(draw);
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

}  // namespace
}  // namespace jacquard::sim
