#include <gtest/gtest.h>

#include <jacquard/sim/random.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {
namespace {

TEST(Time, ReadsNumbersWithUnits) {
  EXPECT_EQ(parse_time("250ns"), 250);
  EXPECT_EQ(parse_time("1.5us"), 1500);
  EXPECT_EQ(parse_time("0.000000001s"), 1);
  EXPECT_EQ(parse_time("20ms"), 20 * millisecond);
  EXPECT_EQ(parse_time("10m"), 600 * second);
  EXPECT_EQ(parse_time("0s"), 0);
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* const text :
       {"", "5", "us", "-1us", "1.us", ".5us", "1..2us", "1.5ns", "5 us", "1h", "86401s",
        "99999999999999999999s", "1e3us", "0.0000000001s", "1.2.3s"}) {
    EXPECT_FALSE(parse_time(text).has_value()) << text;
  }
}

TEST(Time, WhatIsWrittenIsReadBack) {
  stream draws(3, domain::user, "/x");
  for (int i = 0; i < 10'000; ++i) {
    const nanoseconds time = draws.between(0, longest) >> draws.below(47);
    EXPECT_EQ(parse_time(to_text(time)), time) << to_text(time);
  }
}

TEST(Time, TextForPeopleIsShort) {
  EXPECT_EQ(to_short_text(999), "999ns");
  EXPECT_EQ(to_short_text(995'898), "995.8us");
  EXPECT_EQ(to_short_text(1'050'000'000), "1.0s");
}

}  // namespace
}  // namespace jacquard::sim
