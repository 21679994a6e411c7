// actor_inbox.test.cpp: bounded inboxes: the exact bound, the four policies, and books that balance.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct parcel {
  static constexpr std::string_view name = "parcel";
  int number;
};
struct precious {
  std::unique_ptr<int> content;
};
struct hold {};  // keeps the actor in its handler until it is let go
struct size {
  using reply = int;
};
struct send_to_yourself {
  using reply = send_result;
};

struct door {
  std::atomic<bool> held{false};
  std::atomic<bool> open{false};
  void wait_until_held() const {
    while (!held.load()) std::this_thread::yield();
  }
};

struct clerk {
  using messages = jacquard::messages<parcel, precious, hold, size, send_to_yourself>;

  explicit clerk(std::vector<int>& list, door* way = nullptr) : handled(list), at(way) {}
  void on(context<clerk>&, const parcel& m) { handled.push_back(m.number); }
  void on(context<clerk>&, const precious&) {}
  void on(context<clerk>&, const hold&) {
    at->held.store(true);
    while (!at->open.load()) std::this_thread::yield();
  }
  int on(context<clerk>&, const size&) { return static_cast<int>(handled.size()); }
  send_result on(context<clerk>& here, const send_to_yourself&) {
    while (here.self().inbox()->waiting < 2) {
      if (const auto sent = here.self().tell(parcel{0}); sent != send_result::accepted) return sent;
    }
    return here.self().tell(parcel{0});
  }

  std::vector<int>& handled;
  door* at;
};

// What the hook was told.
struct ledger {
  static void note(void* who, const undelivered& what) noexcept {
    auto& self = *static_cast<ledger*>(who);
    const std::lock_guard guard(self.mutex);
    self.lines.push_back(std::string(what.actor) + " " + std::string(what.message) + " " +
                         to_string(what.why));
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

struct a_bounded_inbox : testing::TestWithParam<std::uint32_t> {
  std::vector<int> handled;
  door way;
  ledger told;
  native_environment world;
  actor_system system{world,
                      {.scheduling = {.workers = GetParam()},
                       .on_undelivered = {.call = &ledger::note, .who = &told}}};

  // A clerk that is in the middle of a handler.
  actor_ref<clerk> held_clerk(spawn_options options) {
    const auto one = system.spawn<clerk>(std::move(options), handled, &way);
    EXPECT_EQ(one.tell(hold{}), send_result::accepted);
    way.wait_until_held();
    return one;
  }
  void let_go_and_wait(const actor_ref<clerk>& who) {
    way.open.store(true);
    who.stop();
    ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
  }
};

void expect_balance(const inbox_counters& now) {
  EXPECT_EQ(now.sent,
            now.received + now.waiting +
                std::accumulate(std::begin(now.lost), std::end(now.lost), std::uint64_t{0}));
}

TEST_P(a_bounded_inbox, holds_exactly_its_capacity_and_hands_the_next_message_back) {
  const auto one = held_clerk({.capacity = 4});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(one.tell(parcel{i}), send_result::accepted);
  precious mine{std::make_unique<int>(7)};
  EXPECT_EQ(one.tell(std::move(mine)), send_result::busy);
  ASSERT_NE(mine.content, nullptr) << "a refused message is still the sender's";
  EXPECT_EQ(*mine.content, 7);
  const auto now = one.inbox();
  ASSERT_TRUE(now.has_value());
  EXPECT_EQ(now->waiting, 4u);
  EXPECT_EQ(now->refused_busy, 1u);
  EXPECT_EQ(now->received, 1u) << "the one that is being handled does not wait";
  expect_balance(*now);
  let_go_and_wait(one);
  EXPECT_EQ(handled, (std::vector<int>{0, 1, 2, 3}));
}

TEST_P(a_bounded_inbox, refuses_a_question_that_has_no_room) {
  const auto one = held_clerk({.capacity = 1});
  auto first = one.ask(size{});
  EXPECT_EQ(one.ask(size{}).wait(), reply_status::refused);
  way.open.store(true);
  EXPECT_EQ(first.wait(), reply_status::ready);
  one.stop();
}

TEST_P(a_bounded_inbox, drops_the_newest_and_says_so) {
  const auto one = held_clerk({.name = "clerk", .capacity = 2, .overflow = overflow::drop_newest});
  EXPECT_EQ(one.tell(parcel{1}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{2}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{3}), send_result::dropped);
  const auto now = one.inbox();
  EXPECT_EQ(now->lost_for(undelivered_reason::dropped_newest), 1u);
  EXPECT_EQ(now->sent, 4u);
  expect_balance(*now);
  EXPECT_EQ(told.lines, (std::vector<std::string>{"clerk parcel dropped_newest"}));
  let_go_and_wait(one);
  EXPECT_EQ(handled, (std::vector<int>{1, 2}));
}

TEST_P(a_bounded_inbox, drops_the_oldest_and_keeps_the_order) {
  const auto one = held_clerk({.name = "clerk", .capacity = 3, .overflow = overflow::drop_oldest});
  auto lost = one.ask(size{});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(one.tell(parcel{i}), send_result::accepted);
  EXPECT_EQ(lost.wait(), reply_status::refused) << "it was the oldest";
  const auto now = one.inbox();
  EXPECT_EQ(now->waiting, 3u);
  EXPECT_EQ(now->lost_for(undelivered_reason::dropped_oldest), 8u);
  expect_balance(*now);
  EXPECT_EQ(told.lines.size(), 8u);
  EXPECT_EQ(told.lines.back(), "clerk parcel dropped_oldest");
  let_go_and_wait(one);
  EXPECT_EQ(handled, (std::vector<int>{7, 8, 9}));
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::dropped_oldest), 8u);
}

TEST_P(a_bounded_inbox, blocks_a_plain_thread_until_there_is_room) {
  const auto one = held_clerk({.capacity = 1, .overflow = overflow::block, .block_for = 20s});
  EXPECT_EQ(one.tell(parcel{1}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{2}, {.wait_until = sync::native::after(5ms)}), send_result::deadline);
  std::thread opener([this] {
    std::this_thread::sleep_for(20ms);
    way.open.store(true);
  });
  EXPECT_EQ(one.tell(parcel{3}), send_result::accepted);
  opener.join();
  expect_balance(*one.inbox());
  EXPECT_EQ(one.inbox()->refused_deadline, 1u);
  let_go_and_wait(one);
  EXPECT_EQ(handled, (std::vector<int>{1, 3}));
}

TEST_P(a_bounded_inbox, wakes_who_waits_for_room_when_the_actor_ends) {
  const auto one = held_clerk({.capacity = 1, .overflow = overflow::block, .block_for = 20s});
  EXPECT_EQ(one.tell(parcel{1}), send_result::accepted);
  std::thread killer([&] {
    std::this_thread::sleep_for(20ms);
    one.kill();
    way.open.store(true);
  });
  EXPECT_EQ(one.tell(parcel{2}), send_result::closed);
  killer.join();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::killed), 1u);
}

TEST_P(a_bounded_inbox, never_lets_an_actor_wait_for_itself) {
  const auto one =
      system.spawn<clerk>({.capacity = 2, .overflow = overflow::block, .block_for = 20s}, handled);
  auto answer = one.ask(send_to_yourself{});
  ASSERT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
  EXPECT_EQ(answer.take(), send_result::would_deadlock);
  one.stop();
}

// Forwards on request, and says what became of it.
struct messenger {
  struct forward {
    using reply = send_result;
  };
  using messages = jacquard::messages<forward>;
  explicit messenger(actor_ref<clerk> to) : target(to) {}
  send_result on(context<messenger>&, const forward&) { return target.tell(parcel{9}); }
  actor_ref<clerk> target;
};

TEST(a_bounded_inbox_on_two_workers, never_makes_a_worker_wait) {
  std::vector<int> handled;
  door way;
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  const auto one = system.spawn<clerk>(
      {.capacity = 1, .overflow = overflow::block, .block_for = 20s}, handled, &way);
  ASSERT_EQ(one.tell(hold{}), send_result::accepted);
  way.wait_until_held();
  ASSERT_EQ(one.tell(parcel{1}), send_result::accepted);
  const auto two = system.spawn<messenger>({}, one);
  auto answer = two.ask(messenger::forward{});
  ASSERT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
  EXPECT_EQ(answer.take(), send_result::busy);
  way.open.store(true);
  one.stop();
  two.stop();
}

TEST_P(a_bounded_inbox, takes_orders_when_it_is_full) {
  const auto one = held_clerk({.capacity = 1});
  EXPECT_EQ(one.tell(parcel{1}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{2}), send_result::busy);
  EXPECT_TRUE(one.kill());
  way.open.store(true);
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
  EXPECT_TRUE(handled.empty());
  EXPECT_EQ(told.lines, (std::vector<std::string>{" parcel killed"}));
  EXPECT_FALSE(one.inbox().has_value());
}

TEST_P(a_bounded_inbox, takes_its_capacity_from_the_system_where_the_actor_does_not_say) {
  native_environment another;
  actor_system small(another, {.inbox_capacity = 1});
  const auto one = small.spawn<clerk>({}, handled, &way);
  ASSERT_EQ(one.tell(hold{}), send_result::accepted);
  way.wait_until_held();
  EXPECT_EQ(one.tell(parcel{1}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{2}), send_result::busy);
  EXPECT_FALSE(system.spawn<clerk>({}, handled).inbox().has_value()) << "the other has no bound";
  way.open.store(true);
  one.stop();
  (void)small.shutdown(10s);
  (void)system.shutdown(10s);
}

TEST_P(a_bounded_inbox, drops_what_has_expired_when_it_takes_it_out) {
  const auto one = held_clerk({.name = "clerk", .capacity = 8});
  const auto soon = system.now() + 10ms;
  const auto late = system.now() + 1h;
  EXPECT_EQ(one.tell(parcel{1}, {.expires = soon}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{2}, {.expires = late}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{3}), send_result::accepted);
  auto missed = one.ask(size{}, {.expires = soon});
  auto met = one.ask(size{}, {.expires = late});
  while (system.now() <= soon) std::this_thread::yield();
  way.open.store(true);
  EXPECT_EQ(missed.wait(), reply_status::timed_out);
  ASSERT_EQ(met.wait(), reply_status::ready);
  EXPECT_EQ(met.take(), 2);
  EXPECT_EQ(one.inbox()->lost_for(undelivered_reason::expired), 2u);
  expect_balance(*one.inbox());
  let_go_and_wait(one);
  EXPECT_EQ(handled, (std::vector<int>{2, 3}));
  ASSERT_EQ(told.lines.size(), 2u);
  EXPECT_EQ(told.lines.front(), "clerk parcel expired");
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::expired), 2u);
}

TEST_P(a_bounded_inbox, lets_messages_expire_without_a_bound_too) {
  const auto one = held_clerk({});
  EXPECT_EQ(one.tell(parcel{1}, {.expires = system.now()}), send_result::accepted);
  EXPECT_EQ(one.tell(parcel{2}), send_result::accepted);
  let_go_and_wait(one);
  EXPECT_EQ(handled, (std::vector<int>{2}));
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::expired), 1u);
  EXPECT_EQ(system.counters().dead_letters, 0u);
}

// Counts what it handles; shared by all actors of a run.
struct counter_actor {
  using messages = jacquard::messages<parcel>;
  explicit counter_actor(std::atomic<std::uint64_t>& sum) : handled(sum) {}
  void on(context<counter_actor>&, const parcel&) { handled.fetch_add(1); }
  std::atomic<std::uint64_t>& handled;
};

// Actors come and go in the same cells while others send: nothing vanishes uncounted, nothing exceeds its bound.
TEST_P(a_bounded_inbox, accounts_for_every_message_while_actors_come_and_go) {
  for (const overflow policy :
       {overflow::reject, overflow::drop_newest, overflow::drop_oldest, overflow::block}) {
    std::atomic<std::uint64_t> handled_count{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> dropped{0};
    const auto before = system.counters();
    for (int round = 0; round < 40; ++round) {
      const auto one = system.spawn<counter_actor>(
          {.batch = 2, .capacity = 3, .overflow = policy, .block_for = 1ms}, handled_count);
      std::vector<std::thread> senders;
      for (int s = 0; s < 3; ++s) {
        senders.emplace_back([&, one] {
          for (int i = 0; i < 60; ++i) {
            switch (one.tell(parcel{i})) {
              case send_result::accepted:
                accepted.fetch_add(1);
                break;
              case send_result::dropped:
                dropped.fetch_add(1);
                break;
              default:
                break;
            }
          }
        });
      }
      if (round % 2 == 0) std::this_thread::yield();
      round % 3 == 0 ? one.kill() : one.stop();
      for (std::thread& each : senders) each.join();
    }
    ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
    const auto after = system.counters();
    const auto lost = [&](undelivered_reason why) {
      return after.undelivered_for(why) - before.undelivered_for(why);
    };
    EXPECT_EQ(dropped.load(), lost(undelivered_reason::dropped_newest)) << to_string(policy);
    EXPECT_EQ(accepted.load(), handled_count.load() + (after.dead_letters - before.dead_letters) +
                                   lost(undelivered_reason::dropped_oldest))
        << to_string(policy);
  }
}

INSTANTIATE_TEST_SUITE_P(one_two_and_more_than_cores, a_bounded_inbox, testing::Values(1u, 2u, 4u));

}  // namespace
}  // namespace jacquard
