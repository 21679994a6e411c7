// actor_high_water.test.cpp: an actor's inbox that reaches its mark: who is told, how often, and that nothing else
// changes.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/diagnostics/describe.hpp>
#include <jacquard/env/native_environment.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
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
struct question {
  static constexpr std::string_view name = "question";
  using reply = int;
};
struct hold {};  // keeps the actor in its handler until it is let go
struct fill {
  static constexpr std::string_view name = "fill";
  int count;
};

struct door {
  std::atomic<int> held{0};
  std::atomic<int> open{0};
  void wait_until_held(int times) const {
    while (held.load() < times) std::this_thread::yield();
  }
};

struct clerk {
  using messages = jacquard::messages<parcel, question, hold, fill>;

  clerk(std::vector<int>& list, door& way) : handled(list), at(way) {}
  void on(context<clerk>&, const parcel& m) { handled.push_back(m.number); }
  int on(context<clerk>&, const question&) { return static_cast<int>(handled.size()); }
  void on(context<clerk>&, const hold&) {
    const int mine = ++at.held;
    while (at.open.load() < mine) std::this_thread::yield();
  }
  void on(context<clerk>& here, const fill& m) {
    for (int i = 0; i < m.count; ++i) EXPECT_EQ(here.self().tell(parcel{i}), send_result::accepted);
  }

  std::vector<int>& handled;
  door& at;
};

// What the hook was told.
struct ledger {
  static void note(void* who, const high_water_alarm& what) noexcept {
    auto& self = *static_cast<ledger*>(who);
    const std::lock_guard guard(self.mutex);
    self.lines.push_back(std::string(what.actor) + " " + std::string(what.message) + " " +
                         std::to_string(what.high_water));
  }
  std::size_t count() {
    const std::lock_guard guard(mutex);
    return lines.size();
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

struct an_inbox_with_a_mark : testing::TestWithParam<std::uint32_t> {
  std::vector<int> handled;
  door way;
  ledger told;
  native_environment world;
  actor_system system{world,
                      {.scheduling = {.workers = GetParam()},
                       .on_high_water = {.call = &ledger::note, .who = &told}}};
  int laps = 0;

  void hold_it(const actor_ref<clerk>& one) {
    EXPECT_EQ(one.tell(hold{}), send_result::accepted);
    way.wait_until_held(++laps);
  }
  // A clerk that is in the middle of a handler.
  actor_ref<clerk> held_clerk(spawn_options options) {
    const auto one = system.spawn<clerk>(std::move(options), handled, way);
    hold_it(one);
    return one;
  }
  void let_go() { way.open.store(laps); }
  void let_go_and_wait(const actor_ref<clerk>& who) {
    let_go();
    who.stop();
    ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
  }
  void send(const actor_ref<clerk>& to, int count) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(to.tell(parcel{i}), send_result::accepted);
  }
};

INSTANTIATE_TEST_SUITE_P(workers, an_inbox_with_a_mark, testing::Values(1u, 2u));

TEST_P(an_inbox_with_a_mark, is_told_once_with_the_actor_and_the_message_that_reached_it) {
  const auto one = held_clerk({.name = "clerk", .high_water = 3});
  send(one, 2);
  EXPECT_EQ(told.count(), 0u) << "the one that is being handled does not wait";
  auto answer = one.ask(question{});
  EXPECT_EQ(told.lines, (std::vector<std::string>{"clerk question 3"}));
  send(one, 100);
  EXPECT_EQ(told.count(), 1u);
  EXPECT_EQ(one.inbox()->high_water_alarms, 1u);
  EXPECT_EQ(one.inbox()->waiting, 103u) << "nothing is refused";
  EXPECT_EQ(system.counters().high_water_alarms, 1u);
  const std::string line = describe(report_actors(system).actors.at(0));
  EXPECT_NE(line.find("103 waiting, 1 high-water alarms"), std::string::npos) << line;
  let_go_and_wait(one);
  EXPECT_EQ(handled.size(), 102u);
  EXPECT_EQ(answer.wait(), reply_status::ready);
}

TEST_P(an_inbox_with_a_mark, is_told_again_only_after_so_few_wait_as_the_low_mark_says) {
  const auto one = held_clerk({.high_water = 4, .low_water = 2});
  send(one, 4);
  EXPECT_EQ(told.count(), 1u);
  // Four letters: hold, three parcels. The next hold lets three of those wait.
  for (int lap = 0; lap < 3; ++lap) {
    EXPECT_EQ(one.tell(hold{}), send_result::accepted);
    send(one, 4);
    let_go();
    way.wait_until_held(
        ++laps);  // all before it are handled, and four wait: no fewer than two ever did
    EXPECT_EQ(one.inbox()->waiting, 4u);
    EXPECT_EQ(told.count(), 1u);
  }
  EXPECT_EQ(one.tell(hold{}), send_result::accepted);
  let_go();
  way.wait_until_held(++laps);  // none waits
  send(one, 3);
  EXPECT_EQ(told.count(), 1u);
  send(one, 1);
  EXPECT_EQ(told.count(), 2u);
  EXPECT_EQ(told.lines.back(), " parcel 4") << "an actor without a name";
  let_go_and_wait(one);
}

TEST_P(an_inbox_with_a_mark, may_have_a_bound_as_well) {
  const auto one = held_clerk({.capacity = 4, .high_water = 2});
  send(one, 4);
  EXPECT_EQ(one.tell(parcel{9}), send_result::busy);
  EXPECT_EQ(told.count(), 1u);
  EXPECT_EQ(one.inbox()->refused_busy, 1u);
  let_go_and_wait(one);
}

TEST_P(an_inbox_with_a_mark, is_told_by_a_sender_that_waited_for_room) {
  const auto one = held_clerk({.capacity = 2,
                               .overflow = overflow::block,
                               .block_for = 20s,
                               .high_water = 2,
                               .low_water = 1});
  send(one, 2);
  EXPECT_EQ(told.count(), 1u);
  std::jthread late([&] { EXPECT_EQ(one.tell(hold{}), send_result::accepted); });
  let_go();
  way.wait_until_held(++laps);
  late.join();
  send(one, 2);
  EXPECT_GE(told.count(), 2u);
  EXPECT_EQ(one.inbox()->high_water_alarms, told.count());
  let_go_and_wait(one);
}

TEST_P(an_inbox_with_a_mark, is_told_of_what_the_actor_sends_to_itself) {
  const auto one = system.spawn<clerk>({.name = "self", .high_water = 5}, handled, way);
  EXPECT_EQ(one.tell(fill{5}), send_result::accepted);
  EXPECT_EQ(one.ask(question{}).wait(), reply_status::ready);
  one.stop();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
  EXPECT_EQ(told.lines, (std::vector<std::string>{"self parcel 5"}));
}

TEST_P(an_inbox_with_a_mark, begins_anew_with_each_actor_in_the_same_cell) {
  for (std::size_t life = 1; life <= 3; ++life) {
    const auto one = held_clerk({.high_water = 2});
    send(one, 3);
    EXPECT_EQ(told.count(), life);
    EXPECT_EQ(one.inbox()->high_water_alarms, 1u);
    let_go_and_wait(one);
  }
  const auto without = held_clerk({.capacity = 8});
  send(without, 8);
  EXPECT_EQ(told.count(), 3u) << "a bound alone is no mark";
  let_go_and_wait(without);
}

TEST_P(an_inbox_with_a_mark, keeps_every_message_in_its_senders_order) {
  const auto one = system.spawn<clerk>({.high_water = 1, .low_water = 0}, handled, way);
  std::vector<std::jthread> senders;
  for (int who = 0; who < 3; ++who) {
    senders.emplace_back([&, who] {
      for (int i = 0; i < 2'000; ++i)
        ASSERT_EQ(one.tell(parcel{who * 10'000 + i}), send_result::accepted);
    });
  }
  senders.clear();
  one.stop();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
  ASSERT_EQ(handled.size(), 6'000u);
  std::vector<int> next{0, 10'000, 20'000};
  for (const int number : handled)
    EXPECT_EQ(number, next[static_cast<std::size_t>(number / 10'000)]++);
  EXPECT_EQ(system.counters().high_water_alarms, told.count());
  EXPECT_GE(told.count(), 1u);
}

// However the threads run: each time that all was handled, the next lap has one alarm.
TEST_P(an_inbox_with_a_mark, is_told_once_a_lap_by_four_threads) {
  const auto one = held_clerk({.high_water = 4, .low_water = 0});
  for (std::size_t lap = 1; lap <= 100; ++lap) {
    {
      std::vector<std::jthread> senders;
      for (int who = 0; who < 4; ++who) senders.emplace_back([&] { send(one, 2); });
    }
    ASSERT_EQ(told.count(), lap);
    EXPECT_EQ(one.tell(hold{}), send_result::accepted);
    let_go();
    way.wait_until_held(++laps);
  }
  let_go_and_wait(one);
}

// The hook runs before the message is in, so the actor that it stops does not get it.
TEST(a_hook_of_high_water, may_stop_the_actor) {
  std::vector<int> handled;
  door way;
  std::optional<actor_ref<clerk>> target;
  native_environment world;
  actor_system system(
      world, {.on_high_water = {.call =
                                    [](void* who, const high_water_alarm&) noexcept {
                                      auto& one =
                                          *static_cast<std::optional<actor_ref<clerk>>*>(who);
                                      if (one) one->kill();
                                    },
                                .who = &target}});
  target = system.spawn<clerk>({.high_water = 2}, handled, way);
  EXPECT_EQ(target->tell(hold{}), send_result::accepted);
  way.wait_until_held(1);
  EXPECT_EQ(target->tell(parcel{1}), send_result::accepted);
  EXPECT_EQ(target->tell(parcel{2}), send_result::accepted);
  way.open.store(1);
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(20s)));
  EXPECT_TRUE(handled.empty());
}

TEST(an_inbox_without_a_mark, is_not_counted) {
  std::vector<int> handled;
  door way;
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<clerk>({}, handled, way);
  EXPECT_FALSE(one.inbox().has_value());
  one.stop();
}

TEST(spawn_options_death, name_a_mark_that_is_out_of_range) {
  std::vector<int> handled;
  door way;
  native_environment world;
  actor_system system(world);
  const auto spawn = [&](spawn_options options) {
    (void)system.spawn<clerk>(options, handled, way);
  };
  EXPECT_DEATH(spawn({.high_water = 0}), "high_water must be in \\[1, 268435456\\]");
  EXPECT_DEATH(spawn({.capacity = 4, .high_water = 5}), "high_water must be in \\[1, capacity\\]");
  EXPECT_DEATH(spawn({.high_water = 4, .low_water = 4}),
               "low_water must be in \\[0, high_water\\)");
  EXPECT_DEATH(spawn({.low_water = 1}), "low_water needs a high_water");
}

}  // namespace
}  // namespace jacquard
