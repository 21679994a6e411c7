// The yardstick: a bounded ring with a sequence number in each cell, producers that claim a place by
// compare-and-swap, one consumer; all of them wait until they succeed. The complete executions are those of
// GenMC 0.11. The blocked ones are ours, exact, and no more than GenMC's, which stand behind them.
#include <gtest/gtest.h>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using namespace jacquard;
using enum std::memory_order;

template <sync::policy Sync, unsigned Producers, unsigned Messages, unsigned Capacity>
class sequence_ring_is_fair_to_every_message {
 public:
  static constexpr unsigned thread_count = Producers + 1;

  void before() {
    for (unsigned i = 0; i < Capacity; ++i) ring_[i].sequence.store(i, relaxed);
  }

  void thread(unsigned index) {
    if (index == Producers) {
      for (unsigned i = 0; i < Producers * Messages; ++i) received_[i] = pop();
    } else {
      for (unsigned i = 0; i < Messages; ++i) push(static_cast<int>(index * 10 + i));
    }
  }

  void after() {
    unsigned next[Producers] = {};
    for (const int message : received_) {
      const auto from = static_cast<unsigned>(message) / 10;
      Sync::require(from < Producers, "I1: a message comes from a producer");
      Sync::require(static_cast<unsigned>(message) % 10 == next[from]++,
                    "I2: in the producer's order");
    }
  }

 private:
  struct place {
    sync::atomic<Sync, unsigned> sequence{0};
    sync::cell<Sync, int> message{0};
  };

  void push(int message) {
    unsigned at = 0;
    Sync::await([&] {
      at = tail_.load(relaxed);
      if (ring_[at % Capacity].sequence.load(acquire) != at) return false;
      return tail_.compare_exchange_strong(at, at + 1, relaxed, relaxed);
    });
    ring_[at % Capacity].message.with_mut([&](int& m) { m = message; });
    ring_[at % Capacity].sequence.store(at + 1, release);
  }

  int pop() {
    const unsigned at = head_++;
    place& from = ring_[at % Capacity];
    Sync::await([&] { return from.sequence.load(acquire) == at + 1; });
    const int message = from.message.with([](const int& m) { return m; });
    from.sequence.store(at + Capacity, release);
    return message;
  }

  place ring_[Capacity];
  sync::atomic<Sync, unsigned> tail_{0};
  unsigned head_ = 0;  // the consumer's own
  int received_[Producers * Messages] = {};
};

template <unsigned Producers, unsigned Messages, unsigned Capacity>
void expect_counts(std::uint64_t complete, std::uint64_t blocked, std::uint64_t blocked_there) {
  const model::certificate c = model::run_explore<
      sequence_ring_is_fair_to_every_message<model::explore, Producers, Messages, Capacity>>({});
  EXPECT_EQ(c.verdict, model::verdict::holds) << c.what << "\n" << c.history;
  EXPECT_EQ(c.executions, complete);
  EXPECT_EQ(c.blocked, blocked);
  EXPECT_LE(c.blocked, blocked_there);
  std::printf("  %u x %u, capacity %u: %llu complete, %llu blocked, %.3f s (GenMC: %llu + %llu)\n",
              Producers, Messages, Capacity, static_cast<unsigned long long>(c.executions),
              static_cast<unsigned long long>(c.blocked), c.seconds,
              static_cast<unsigned long long>(complete),
              static_cast<unsigned long long>(blocked_there));
}

TEST(sequence_ring, two_producers_of_one_message) { expect_counts<2, 1, 2>(2, 6, 6); }
TEST(sequence_ring, two_producers_of_two_messages) {
  expect_counts<2, 2, 2>(6, 49, 51);
  expect_counts<2, 2, 4>(6, 32, 33);
}
TEST(sequence_ring, three_producers_of_one_message) {
  expect_counts<3, 1, 2>(6, 71, 81);
  expect_counts<3, 1, 4>(6, 63, 74);
}
TEST(sequence_ring, two_producers_of_three_messages) { expect_counts<2, 3, 2>(20, 259, 297); }
TEST(sequence_ring, three_producers_of_two_messages) { expect_counts<3, 2, 2>(90, 3'825, 5'252); }

}  // namespace
