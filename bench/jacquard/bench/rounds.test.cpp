// Every contender, every workload that it can run, in small: the answers are right. And queues that are
// wrong on purpose: the judge says what is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <jacquard/bench/rounds.hpp>
#include <jacquard/bench/two_rmw_ring.hpp>

namespace jacquard::bench {
namespace {

round_plan small(workload work, unsigned senders) {
  round_plan plan;
  plan.operations = work == workload::open_loop ? 50 : 2 * field_capacity;
  plan.batch = work == workload::sojourn ? 16 : 1;
  plan.senders = senders;
  plan.where = placement::same_core;
  plan.on = *seats_for(placement::same_core, allowed_processors());
  plan.period_ns = 20'000;
  return plan;
}

TEST(Rounds, EveryContenderGivesTheRightAnswerInEveryWorkloadItCanRun) {
  ASSERT_GE(field().size(), 6u);
  for (const contender& entry : field()) {
    int ran = 0;
    for (std::size_t index = 0; index < workload_count; ++index) {
      const auto work = static_cast<workload>(index);
      for (const unsigned senders : {1u, 2u, 4u}) {
        if (senders > 1 && work != workload::transfer) continue;
        if (!entry.can(work, senders)) continue;
        auto plan = small(work, senders);
        if (work == workload::open_loop) {
          const auto apart = seats_for(placement::cross_core, allowed_processors());
          if (!apart.has_value()) continue;  // its sender spins
          plan.on = *apart;
        }
        const round_result result = entry.of(work)(plan);
        EXPECT_EQ(result.fault, "")
            << entry.name << " workload " << index << " senders " << senders;
        EXPECT_EQ(result.operations, plan.operations) << entry.name;
        EXPECT_GT(result.ns, 0.0) << entry.name;
        ++ran;
      }
    }
    EXPECT_GT(ran, 0) << entry.name;
  }
}

TEST(Rounds, TheCanaryTakesLongerByItsFactor) {
  const std::uint64_t start = ticks();
  std::uint64_t end = ticks();
  while (end - start < 100'000) end = ticks();
  const std::uint64_t late = slowed(start, end, 1.15);
  EXPECT_GE(static_cast<double>(late - start), 1.149 * static_cast<double>(end - start));
  EXPECT_EQ(slowed(start, end, 1.0), end);
}

enum class defect { loses, doubles, swaps, damages };

// A correct ring with one fault at the 700th message.
template <defect Defect>
struct broken_adapter {
  static constexpr unsigned senders_max = 0;
  static constexpr bool only_waits = false;
  struct sender {
    explicit sender(broken_adapter& a) : all(a) {}
    bool try_push(message&& m) {
      const bool now = all.pushed++ == 700;
      if (now && Defect == defect::loses) return true;
      if (now && Defect == defect::doubles) {
        message again = m;
        (void)all.queue.try_push(std::move(again));
      }
      if (now && Defect == defect::swaps) {
        message other(0, m.sequence() + 1, 0);
        return all.queue.try_push(std::move(other));
      }
      if (now && Defect == defect::damages) reinterpret_cast<unsigned char*>(&m)[63] ^= 1;
      return all.queue.try_push(std::move(m));
    }
    broken_adapter& all;
  };
  struct consumer {
    explicit consumer(broken_adapter& a) : all(a) {}
    template <class F>
    std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      std::uint32_t got = 0;
      for (message m; got < max && all.queue.try_pop(m); ++got) visit(m);
      return got;
    }
    broken_adapter& all;
  };
  two_rmw_ring<message, field_capacity> queue;
  std::uint64_t pushed = 0;
};

TEST(Rounds, AQueueThatLosesDoublesSwapsOrDamagesAMessageIsFoundOut) {
  auto plan = small(workload::pair, 1);
  plan.operations = 4096;
  EXPECT_NE(pair_round<broken_adapter<defect::loses>>(plan).fault, "");
  EXPECT_NE(pair_round<broken_adapter<defect::doubles>>(plan).fault, "");
  EXPECT_NE(pair_round<broken_adapter<defect::swaps>>(plan).fault, "");
  EXPECT_EQ(pair_round<broken_adapter<defect::damages>>(plan).fault, "a message was damaged");
}

// A queue that takes long to build, which is nobody's business.
struct slow_to_build : broken_adapter<defect::damages> {
  static constexpr auto takes = std::chrono::milliseconds{20};
  slow_to_build() {
    pushed = 701;  // its one fault is behind it
    const auto end = std::chrono::steady_clock::now() + takes;
    while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }
};

TEST(Rounds, WhatIsBuiltBeforeARoundIsNotTimed) {
  auto plan = small(workload::pair, 1);
  plan.clock = probe_clock();
  double least = 1e18;  // of five: a processor that was taken away is timed
  for (int i = 0; i < 5; ++i) {
    const round_result result = pair_round<slow_to_build>(plan);
    EXPECT_EQ(result.fault, "");
    least = std::min(least, result.ns);
  }
  EXPECT_LT(least, 1e6 * static_cast<double>(slow_to_build::takes.count()) / 10.0);
}

}  // namespace
}  // namespace jacquard::bench
