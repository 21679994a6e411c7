// Behaviour of channels, each claim on its own: by hand, in seeded orders, and on real threads.
#include <gtest/gtest.h>

#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

template <class C>
strand<int> send_all(C& to, int first, int count) {
  int accepted = 0;
  for (int i = first; i < first + count; ++i) {
    int message = i;
    if (co_await to.send(std::move(message)) == send_result::accepted) ++accepted;
  }
  co_return accepted;
}
template <class C>
strand<std::vector<int>> receive_all(C& from) {
  std::vector<int> got;
  while (auto message = co_await from.receive()) got.push_back(*message);
  co_return got;
}

TEST(channel, holds_exactly_its_capacity) {
  for (const std::uint32_t capacity : {1u, 2u, 3u, 64u, 100u}) {
    channel<int> box({.capacity = capacity});
    for (std::uint32_t lap = 0; lap < 3; ++lap) {
      for (std::uint32_t i = 0; i < capacity; ++i) {
        ASSERT_EQ(box.try_send(static_cast<int>(i)), send_result::accepted);
      }
      ASSERT_EQ(box.try_send(-1), send_result::busy);
      EXPECT_EQ(box.size(), capacity);
      for (std::uint32_t i = 0; i < capacity; ++i) {
        EXPECT_EQ(*box.try_receive(), static_cast<int>(i));
      }
      EXPECT_EQ(box.try_receive().status(), receive_status::empty);
    }
  }
}

TEST(channel, unbounded_takes_everything_in_order) {
  channel<std::unique_ptr<int>> box({.capacity = unbounded});
  int sent = 0;
  int got = 0;
  for (int lap = 0; lap < 200; ++lap) {
    for (int i = 0; i < 37; ++i) {
      ASSERT_EQ(box.try_send(std::make_unique<int>(sent++)), send_result::accepted);
    }
    for (int i = 0; i < 13; ++i) ASSERT_EQ(**box.try_receive(), got++);
  }
  while (auto rest = box.try_receive()) ASSERT_EQ(**rest, got++);
  EXPECT_EQ(got, sent);
}

TEST(channel, a_refused_message_is_still_the_senders) {
  channel<std::unique_ptr<int>> box({.capacity = 1});
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  EXPECT_EQ(box.try_send(std::move(first)), send_result::accepted);
  EXPECT_EQ(box.try_send(std::move(second)), send_result::busy);
  EXPECT_NE(second, nullptr);
  box.close();
  EXPECT_EQ(box.try_send(std::move(second)), send_result::closed);
  EXPECT_NE(second, nullptr);
}

TEST(channel, a_full_one_makes_the_sender_wait_and_keeps_the_order) {
  manual_executor hand;
  channel<int> box({.capacity = 2});
  spawned<int> sender = spawn(hand, send_all(box, 0, 5));
  hand.run_until_idle();
  EXPECT_FALSE(sender.is_done());
  EXPECT_EQ(box.size(), 2u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*box.try_receive(), i);
    hand.run_until_idle();
  }
  EXPECT_EQ(sender.take(), 5);
}

TEST(channel, without_room_a_sender_and_a_receiver_meet) {
  manual_executor hand;
  channel<int> box({.capacity = 0});
  EXPECT_EQ(box.try_send(1), send_result::busy);
  EXPECT_EQ(box.try_receive().status(), receive_status::empty);
  spawned<int> sender = spawn(hand, send_all(box, 10, 2));
  hand.run_until_idle();
  EXPECT_EQ(*box.try_receive(), 10) << "taken from the waiting sender";
  hand.run_until_idle();
  spawned<std::vector<int>> receiver = spawn(hand, receive_all(box));
  hand.run_until_idle();
  EXPECT_EQ(sender.take(), 2);
  EXPECT_EQ(box.try_send(12), send_result::accepted) << "a receiver waits";
  box.close();
  hand.run_until_idle();
  EXPECT_EQ(receiver.take(), (std::vector{11, 12}));
}

TEST(channel, waiting_receivers_are_served_first_come_first_served) {
  manual_executor hand;
  channel<int> box({.capacity = 4});
  auto one = [](channel<int>& from) -> strand<int> { co_return *(co_await from.receive()); };
  std::vector<spawned<int>> receivers;
  for (int i = 0; i < 3; ++i) receivers.push_back(spawn(hand, one(box)));
  hand.run_until_idle();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(box.try_send(std::move(i)), send_result::accepted);
  hand.run_until_idle();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receivers[static_cast<std::size_t>(i)].take(), i);
}

TEST(channel, after_close_what_was_accepted_is_received_and_nothing_else) {
  manual_executor hand;
  channel<int> box({.capacity = 3});
  spawned<int> sender = spawn(hand, send_all(box, 0, 5));
  hand.run_until_idle();
  EXPECT_TRUE(box.close());
  EXPECT_FALSE(box.close()) << "a channel is closed once";
  hand.run_until_idle();
  EXPECT_EQ(sender.take(), 3) << "the waiting sender is told, its message is its own";
  spawned<std::vector<int>> receiver = spawn(hand, receive_all(box));
  hand.run_until_idle();
  EXPECT_EQ(receiver.take(), (std::vector{0, 1, 2}));
  EXPECT_EQ(box.try_receive().status(), receive_status::closed);
  EXPECT_EQ(box.try_send(1), send_result::closed);
}

TEST(channel, close_tells_every_waiting_receiver) {
  manual_executor hand;
  channel<int> box;
  std::vector<spawned<std::vector<int>>> receivers;
  for (int i = 0; i < 5; ++i) receivers.push_back(spawn(hand, receive_all(box)));
  hand.run_until_idle();
  box.close();
  hand.run_until_idle();
  for (auto& each : receivers) EXPECT_TRUE(each.take().empty());
}

TEST(channel, messages_that_nobody_receives_end_with_the_channel) {
  const auto shared = std::make_shared<int>(1);
  {
    channel<std::shared_ptr<int>> box({.capacity = 8});
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(box.try_send(std::shared_ptr(shared)), send_result::accepted);
    EXPECT_EQ(shared.use_count(), 6);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(channel, messages_that_own_something_survive_every_way_through) {
  const auto shared = std::make_shared<int>(1);
  using box_type = channel<std::shared_ptr<int>>;
  auto sender = [](box_type& to, std::shared_ptr<int> what) -> strand<void> {
    for (int i = 0; i < 20; ++i) (void)co_await to.send(std::shared_ptr<int>(what));  // a temporary
    std::shared_ptr<int> named = what;
    (void)co_await to.send(std::move(named));
    to.close();
  };
  auto receiver = [](box_type& from) -> strand<long> {
    long most = 0;
    while (auto got = co_await from.receive()) most = std::max(most, (*got).use_count());
    co_return most;
  };
  for (const std::uint32_t capacity : {0u, 1u, 3u, unbounded}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      manual_executor hand({.seed = seed});
      {
        box_type box({.capacity = capacity});
        detach(hand, sender(box, shared));
        spawned<long> most = spawn(hand, receiver(box));
        hand.run_until_idle();
        EXPECT_GT(most.take(), 1);
      }
      EXPECT_EQ(shared.use_count(), 1) << "capacity " << capacity << " seed " << seed;
    }
  }
}

TEST(channel, any_order_of_strands_loses_nothing_and_keeps_each_senders_order) {
  for (const std::uint32_t capacity : {0u, 1u, 2u, 7u, unbounded}) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      manual_executor hand({.seed = seed});
      local_channel<int> box({.capacity = capacity});
      std::vector<spawned<int>> senders;
      std::vector<spawned<std::vector<int>>> receivers;
      for (int s = 0; s < 3; ++s) senders.push_back(spawn(hand, send_all(box, s * 100, 20)));
      for (int r = 0; r < 3; ++r) receivers.push_back(spawn(hand, receive_all(box)));
      auto closer = [](auto& from, auto& what) -> strand<void> {
        for (auto& each : from) EXPECT_EQ(co_await each, 20);
        what.close();
      };
      spawned<void> closing = spawn(hand, closer(senders, box));
      hand.run_until_idle();
      closing.take();
      std::vector<int> all;
      for (auto& each : receivers) {
        const std::vector<int> got = each.take();
        int last[3] = {-1, -1, -1};
        for (const int message : got) {
          EXPECT_GT(message, last[message / 100]);
          last[message / 100] = message;
        }
        all.insert(all.end(), got.begin(), got.end());
      }
      std::sort(all.begin(), all.end());
      std::vector<int> expected;
      for (int s = 0; s < 3; ++s) {
        for (int i = 0; i < 20; ++i) expected.push_back(s * 100 + i);
      }
      ASSERT_EQ(all, expected) << "capacity " << capacity << " seed " << seed;
    }
  }
}

// By hand, any history of try_ calls is that of a deque with a bound.
TEST(channel, try_calls_are_those_of_a_bounded_queue) {
  std::uint64_t state = 7;
  const auto draw = [&](std::uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
  };
  for (int lap = 0; lap < 200; ++lap) {
    const std::uint32_t capacity = static_cast<std::uint32_t>(draw(5));
    channel<int> box({.capacity = capacity});
    std::deque<int> model;
    bool closed = false;
    for (int step = 0; step < 100; ++step) {
      const auto what = draw(20);
      if (what < 10) {
        const send_result expected = closed                     ? send_result::closed
                                     : model.size() == capacity ? send_result::busy
                                                                : send_result::accepted;
        if (expected == send_result::accepted) model.push_back(step);
        int message = step;
        ASSERT_EQ(box.try_send(std::move(message)), expected);
      } else if (what < 19) {
        auto got = box.try_receive();
        if (model.empty()) {
          ASSERT_EQ(got.status(), closed ? receive_status::closed : receive_status::empty);
        } else {
          ASSERT_EQ(*got, model.front());
          model.pop_front();
        }
      } else if (step > 50) {
        ASSERT_EQ(box.close(), !closed);
        closed = true;
      }
    }
  }
}

TEST(channel, a_thread_gives_up_at_its_deadline_and_keeps_its_message) {
  channel<std::unique_ptr<int>> box({.capacity = 1});
  EXPECT_EQ(box.wait_receive(sync::native::after(1ms)).status(), receive_status::deadline);
  EXPECT_EQ(box.wait_send(std::make_unique<int>(1)), send_result::accepted);
  auto second = std::make_unique<int>(2);
  EXPECT_EQ(box.wait_send(std::move(second), sync::native::after(1ms)), send_result::deadline);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(**box.wait_receive(), 1);
  EXPECT_EQ(box.try_receive().status(), receive_status::empty) << "what was given up does not come";
}

// Threads of every kind on one channel; each message counted.
template <class Lock>
void exchange(std::uint32_t capacity, int messages) {
  constexpr int parties = 3;
  basic_channel<int, sync::native, Lock> box({.capacity = capacity});
  std::vector<std::atomic<int>> seen(static_cast<std::size_t>(parties * messages));
  std::atomic<int> refused{0};
  std::atomic<bool> ordered{true};
  std::vector<std::thread> senders, receivers;
  for (int s = 0; s < parties; ++s) {
    senders.emplace_back([&, s] {
      for (int i = 0; i < messages; ++i) {
        int message = s * messages + i;
        for (;;) {
          send_result result;
          if (i % 3 == 0) {
            result = box.try_send(std::move(message));
          } else if (i % 3 == 1) {
            result = box.wait_send(std::move(message));
          } else {
            result = box.wait_send(std::move(message), sync::native::after(20us));
          }
          if (result == send_result::accepted) break;
          refused.fetch_add(1);
          std::this_thread::yield();
        }
      }
    });
    receivers.emplace_back([&] {
      std::vector<int> last(parties, -1);
      for (int i = 0;; ++i) {
        auto got = i % 2 == 0 ? box.wait_receive() : box.wait_receive(sync::native::after(20us));
        if (got.status() == receive_status::closed) return;
        if (!got) continue;
        seen[static_cast<std::size_t>(*got)].fetch_add(1);
        int& before = last[static_cast<std::size_t>(*got / messages)];
        if (*got <= before) ordered = false;
        before = *got;
      }
    });
  }
  for (std::thread& each : senders) each.join();
  box.close();
  for (std::thread& each : receivers) each.join();
  EXPECT_TRUE(ordered.load());
  for (const auto& count : seen) ASSERT_EQ(count.load(), 1);
}

TEST(channel, threads_exchange_each_message_exactly_once) {
  for (const std::uint32_t capacity : {0u, 1u, 5u, unbounded}) {
    exchange<basic_brief_lock<>>(capacity, 1500);
    exchange<std::mutex>(capacity, 1500);
  }
}

TEST(channel, strands_on_workers_and_threads_exchange_each_message_exactly_once) {
  for (const std::uint32_t capacity : {0u, 1u, 16u, unbounded}) {
    native_environment world;
    scheduler workers(world, {.workers = 2});
    channel<int> there({.capacity = capacity}), back({.capacity = capacity});
    auto relay = [](channel<int>& from, channel<int>& to) -> strand<int> {
      int count = 0;
      while (auto message = co_await from.receive()) {
        (void)co_await to.send(std::move(*message));
        ++count;
      }
      co_return count;
    };
    std::vector<spawned<int>> relays;
    for (int i = 0; i < 8; ++i) relays.push_back(spawn(workers, relay(there, back)));
    constexpr int messages = 4000;
    std::thread sender([&] {
      for (int i = 0; i < messages; ++i) EXPECT_EQ(there.wait_send(int(i)), send_result::accepted);
      there.close();
    });
    std::vector<int> seen(messages);
    for (int i = 0; i < messages; ++i) ++seen[static_cast<std::size_t>(*back.wait_receive())];
    sender.join();
    int relayed = 0;
    for (auto& each : relays) relayed += each.wait();
    EXPECT_EQ(relayed, messages);
    for (const int count : seen) ASSERT_EQ(count, 1);
  }
}

TEST(channel, close_while_everybody_is_busy_loses_nothing_that_was_accepted) {
  for (int lap = 0; lap < 60; ++lap) {
    channel<int> box({.capacity = static_cast<std::uint32_t>(lap % 4)});
    std::atomic<int> accepted{0};
    std::atomic<int> got{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        while (box.wait_send(1) == send_result::accepted) accepted.fetch_add(1);
      });
      threads.emplace_back([&] {
        while (box.wait_receive()) got.fetch_add(1);
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(50 * (lap % 7)));
    box.close();
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(accepted.load(), got.load());
  }
}

TEST(channel_death, destroying_a_channel_that_somebody_waits_for_names_the_broken_rule) {
  EXPECT_DEATH(
      {
        manual_executor hand;
        channel<int> box;
        detach(hand,
               [](channel<int>& from) -> strand<void> { (void)co_await from.receive(); }(box));
        hand.run_until_idle();
        box.~basic_channel();
      },
      "a channel is not destroyed while somebody waits for it");
}

}  // namespace
}  // namespace jacquard
