// What a sharded mailbox of several shards promises beyond what mailbox.test.cpp asks of every mailbox.
#include <gtest/gtest.h>

#include <jacquard/mailbox/sharded_mailbox.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

template <class Box>
std::vector<int> received(Box& box, std::uint32_t limit = batch_max) {
  std::vector<int> values;
  (void)box.receive(limit, [&](int&& value) { values.push_back(value); });
  return values;
}

TEST(sharded_mailbox, a_full_shard_refuses_though_another_has_room) {
  sharded_mailbox<int, 3> box({.capacity = 2});
  EXPECT_EQ(box.capacity(), 6u);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(box.sender_of(0).send(i + 0), send_result::accepted);
  EXPECT_EQ(box.sender_of(0).send(9), send_result::busy);
  EXPECT_EQ(box.sender_of(3).try_send(9), send_result::busy)
      << "sender 3 of 3 shards is in shard 0";
  EXPECT_EQ(box.sender_of(1).send(2), send_result::accepted);
  EXPECT_EQ(box.size(), 3u);
  EXPECT_EQ(received(box), (std::vector{0, 1, 2}));
  const mailbox_counters counters = box.counters();
  EXPECT_EQ(counters.refused_busy, 2u);
  EXPECT_EQ(counters.received, 3u);
  EXPECT_TRUE(counters.balanced());
}

TEST(sharded_mailbox, the_sweep_goes_on_where_it_stopped) {
  sharded_mailbox<int, 3> box({.capacity = 8});
  for (int shard = 0; shard < 3; ++shard) {
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(box.sender_of(static_cast<std::uint32_t>(shard)).send(10 * shard + i),
                send_result::accepted);
    }
  }
  EXPECT_EQ(received(box, 1), std::vector{0});
  EXPECT_EQ(received(box, 1), std::vector{10});
  EXPECT_EQ(received(box, 1), std::vector{20});
  EXPECT_EQ(received(box, 1), std::vector{1}) << "each shard once before any of them twice";
  EXPECT_EQ(received(box, 3), (std::vector{11, 12, 21}));
  EXPECT_EQ(received(box, 64), (std::vector{2, 22}));
}

TEST(sharded_mailbox, close_refuses_in_every_shard_and_keeps_what_was_accepted) {
  sharded_mailbox<int, 4> box({.capacity = 1});
  ASSERT_EQ(box.sender_of(1).send(1), send_result::accepted);
  ASSERT_EQ(box.sender_of(3).send(3), send_result::accepted);
  EXPECT_TRUE(box.close());
  EXPECT_FALSE(box.close());
  EXPECT_TRUE(box.is_closed());
  for (std::uint32_t shard = 0; shard < 4; ++shard) {
    EXPECT_EQ(box.sender_of(shard).send(9), send_result::closed);
  }
  EXPECT_EQ(box.send(9), send_result::closed);
  EXPECT_EQ(box.try_idle(), idle_result::more);
  EXPECT_EQ(received(box), (std::vector{1, 3}));
  EXPECT_EQ(box.try_idle(), idle_result::finished);
}

TEST(sharded_mailbox, the_schedule_hook_is_called_once_whichever_shard_wakes) {
  int scheduled = 0;
  mailbox_options<int> options{.capacity = 4};
  options.schedule = {.call = [](void* who) noexcept { ++*static_cast<int*>(who); },
                      .who = &scheduled};
  sharded_mailbox<int, 4> box(options);
  for (std::uint32_t shard = 0; shard < 4; ++shard) {
    ASSERT_EQ(box.sender_of(shard).send(1), send_result::accepted);
  }
  EXPECT_EQ(scheduled, 1);
  EXPECT_EQ(received(box).size(), 4u);
  EXPECT_EQ(box.try_idle(), idle_result::idle) << "what was raised has been received";
  for (std::uint32_t shard = 4; shard-- > 0;) {
    ASSERT_EQ(box.sender_of(shard).send(1), send_result::accepted);
    EXPECT_EQ(scheduled, 2);
  }
  EXPECT_EQ(received(box).size(), 4u);
  EXPECT_EQ(box.try_idle(), idle_result::idle);
  EXPECT_TRUE(box.close());
  EXPECT_EQ(scheduled, 3) << "once for the end of all shards";
  EXPECT_EQ(box.try_idle(), idle_result::finished);
}

TEST(sharded_mailbox, a_consumer_that_would_wait_for_itself_in_another_shard_is_told) {
  sharded_mailbox<int, 2> box({.capacity = 1, .overflow = overflow::block, .block_for = 60s});
  ASSERT_EQ(box.sender_of(0).send(0), send_result::accepted);
  ASSERT_EQ(box.sender_of(1).send(1), send_result::accepted);
  std::vector<send_result> told;
  (void)box.receive(1, [&](int&&) { told.push_back(box.sender_of(1).send(2)); });
  EXPECT_EQ(told, std::vector{send_result::would_deadlock});
  (void)box.receive(1, [&](int&&) { told.push_back(box.sender_of(0).send(2)); });
  EXPECT_EQ(told.back(), send_result::accepted) << "that one has been emptied";
}

TEST(sharded_mailbox, every_shard_drops_by_the_policy_for_itself) {
  std::vector<int> dead;
  mailbox_options<int> options{.capacity = 1, .overflow = overflow::drop_oldest};
  options.dead_letter = {.call =
                             [](void* who, int&& value, drop_reason why) noexcept {
                               EXPECT_EQ(why, drop_reason::oldest);
                               static_cast<std::vector<int>*>(who)->push_back(value);
                             },
                         .who = &dead};
  sharded_mailbox<int, 2> box(options);
  ASSERT_EQ(box.sender_of(0).send(1), send_result::accepted);
  ASSERT_EQ(box.sender_of(1).send(2), send_result::accepted);
  ASSERT_EQ(box.sender_of(1).send(3), send_result::accepted);
  EXPECT_EQ(dead, std::vector{2});
  EXPECT_EQ(received(box), (std::vector{1, 3}));
  EXPECT_EQ(box.counters().dropped_oldest, 1u);
}

TEST(sharded_mailbox, threads_fill_the_shards_evenly) {
  sharded_mailbox<int, 4> box({.capacity = 2});
  for (int i = 0; i < 8; ++i) {
    std::thread([&] { EXPECT_EQ(box.send(int{i}), send_result::accepted); }).join();
  }
  EXPECT_EQ(box.size(), box.capacity());
}

TEST(sharded_mailbox, each_thread_keeps_its_order_and_nothing_is_lost) {
  constexpr int senders = 6;
  constexpr int each = 20'000;
  sharded_mailbox<std::uint64_t, 4> box(
      {.capacity = 16, .overflow = overflow::block, .block_for = 60s});
  std::vector<std::thread> threads;
  std::atomic<int> left{senders};
  for (int s = 0; s < senders; ++s) {
    threads.emplace_back([&, s] {
      for (int i = 0; i < each; ++i) {
        const auto word = static_cast<std::uint64_t>(s) << 32 | static_cast<std::uint64_t>(i);
        ASSERT_EQ(box.send(std::uint64_t{word}), send_result::accepted);
      }
      if (left.fetch_sub(1) == 1) {
        EXPECT_TRUE(box.close());
      }
    });
  }
  std::array<std::uint64_t, senders> next{};
  for (;;) {
    const receipt got = box.wait_receive(batch_max, [&](std::uint64_t&& word) {
      EXPECT_EQ(word & 0xffff'ffff, next[word >> 32]++);
    });
    if (got.finished) break;
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::uint64_t count : next) EXPECT_EQ(count, std::uint64_t{each});
  EXPECT_TRUE(box.counters().balanced());
}

// Its move into the mailbox can be held up, which is the middle of a send: the place is claimed, nothing published.
struct slow_message {
  std::atomic<int>* gate = nullptr;  // 1: hold up, and say so with 2, until it is 3
  int value = 0;

  slow_message(std::atomic<int>* gate_, int value_) : gate(gate_), value(value_) {}
  slow_message(slow_message&& from) noexcept : gate(from.gate), value(from.value) {
    int expected = 1;
    if (gate == nullptr || !gate->compare_exchange_strong(expected, 2)) return;
    while (gate->load() != 3) std::this_thread::yield();
  }
  slow_message& operator=(slow_message&&) = delete;
};
TEST(sharded_mailbox, a_sender_that_stops_half_way_holds_up_its_own_shard_only) {
  sharded_mailbox<slow_message, 2> box({.capacity = 4});
  std::atomic<int> gate{1};
  std::thread slow([&] {
    EXPECT_EQ(box.sender_of(0).send(slow_message{&gate, 1}), send_result::accepted);
  });
  while (gate.load() != 2) std::this_thread::yield();
  std::thread other([&] {
    std::this_thread::sleep_for(2ms);  // the consumer waits by now, more often than not
    EXPECT_EQ(box.sender_of(1).send(slow_message{nullptr, 2}), send_result::accepted);
  });
  int got = 0;
  const auto take = [&](slow_message&& message) { got = message.value; };
  EXPECT_EQ(box.wait_receive(1, take).messages, 1u);
  EXPECT_EQ(got, 2) << "the one that was sent while the other was under way";
  gate.store(3);
  EXPECT_EQ(box.wait_receive(1, take).messages, 1u);
  EXPECT_EQ(got, 1);
  other.join();
  slow.join();
}

}  // namespace
}  // namespace jacquard
