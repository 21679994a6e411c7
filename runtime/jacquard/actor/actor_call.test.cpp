// Calls from handlers: they wait where they stand, and a wait that would never end is refused.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

// Passes a question on along a row of actors, and answers how the last one's call ended.
struct pass_on {
  using reply = int;
  int hops;
};
struct meet {
  actor_ref<struct link> next;
};
struct hold {
  using reply = int;
  std::atomic<int>* stage;  // 1: it runs; 2: it may call
};
struct hello {};
struct only_ask {
  using reply = int;
};
struct link {
  using messages = jacquard::messages<pass_on, meet, hold, hello, only_ask>;
  void on(context<link>&, const meet& m) { next_ = m.next; }
  void on(context<link>&, const hello&) { ++greeted_; }
  int on(context<link>& here, const pass_on& m) {
    if (m.hops == 0) return greeted_;
    return outcome(here.call(next_, pass_on{m.hops - 1}));
  }
  int on(context<link>& here, const hold& m) {
    m.stage->store(1);
    while (m.stage->load() != 2) std::this_thread::yield();
    return outcome(here.call(next_, pass_on{0}));
  }
  // The next one's call, where its handler runs inside of this one; -1 where it does not.
  int on(context<link>&, const only_ask&) {
    auto answer = next_.ask(pass_on{1});
    return answer.is_ready() ? answer.take() : -1;
  }
  // The answer, or 100 and the reason.
  static int outcome(answered<int>&& got) {
    return got ? *got : 100 + static_cast<int>(got.status());
  }
  actor_ref<link> next_;
  int greeted_ = 0;
};
constexpr int refused = 100 + static_cast<int>(reply_status::would_deadlock);

int asked(const actor_ref<link>& whom, int hops) {
  auto answer = whom.ask(pass_on{hops});
  EXPECT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
  return answer.take();
}
std::vector<actor_ref<link>> row(actor_system& system, std::size_t count, bool closed) {
  std::vector<actor_ref<link>> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(system.spawn<link>());
  for (std::size_t i = 0; i < count; ++i) {
    if (i + 1 < count || closed) {
      EXPECT_EQ(all[i].tell(meet{all[(i + 1) % count]}), send_result::accepted);
    }
  }
  for (const auto& each : all) EXPECT_EQ(asked(each, 0), 0);  // it has met its next one
  return all;
}
TEST(a_call, brings_the_answer_along_a_row_of_actors) {
  for (const std::uint32_t workers : {1u, 5u}) {
    native_environment world;
    actor_system system(world, {.scheduling = {.workers = workers}});
    const auto all = row(system, 4, false);
    for (int round = 0; round < 200; ++round) EXPECT_EQ(asked(all[0], 3), 0);
    EXPECT_EQ(wait_graph::of_process().size(), 0u);
    EXPECT_TRUE(system.shutdown(5s).complete);
  }
}

TEST(a_call, that_would_close_a_cycle_of_one_two_or_three_actors_is_refused) {
  for (const std::uint32_t workers : {1u, 4u}) {
    for (const std::size_t length : {1u, 2u, 3u}) {
      native_environment world;
      actor_system system(world, {.scheduling = {.workers = workers}});
      const auto all = row(system, length, true);
      for (int round = 0; round < 100; ++round) {
        EXPECT_EQ(asked(all[0], static_cast<int>(length)), refused) << length << " actors";
      }
      EXPECT_EQ(asked(all[0], static_cast<int>(length) - 1), 0) << "one step less is no cycle";
      EXPECT_EQ(wait_graph::of_process().size(), 0u);
      EXPECT_TRUE(system.shutdown(5s).complete);
    }
  }
}

TEST(a_call, from_inside_of_a_handler_that_only_asked_is_refused_for_the_asker) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 3}});
  const auto pair = row(system, 2, true);
  int got = -1;
  while (got == -1) {
    auto answer = pair[0].ask(only_ask{});
    ASSERT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
    got = answer.take();
  }
  EXPECT_EQ(got, refused) << "the asker stands below on the same stack";
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_call, that_closes_a_cycle_is_refused_where_others_wait_outside_of_it) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 6}});
  const auto pair = row(system, 2, true);  // each has the other next
  const auto tail = row(system, 2, false);
  ASSERT_EQ(tail[1].tell(meet{pair[0]}), send_result::accepted);
  std::atomic<int> stage{0};
  auto held = pair[1].ask(hold{&stage});
  while (stage.load() != 1) std::this_thread::yield();
  auto waits = pair[0].ask(pass_on{1});    // for pair[1]
  auto outside = tail[0].ask(pass_on{2});  // for tail[1], and that one for pair[0]
  while (wait_graph::of_process().size() < 3) std::this_thread::yield();
  stage.store(2);  // pair[1] calls pair[0]: this would close the cycle
  ASSERT_EQ(held.wait(sync::native::after(10s)), reply_status::ready);
  EXPECT_EQ(held.take(), refused);
  ASSERT_EQ(waits.wait(sync::native::after(10s)), reply_status::ready);
  EXPECT_EQ(waits.take(), 0);
  ASSERT_EQ(outside.wait(sync::native::after(10s)), reply_status::ready);
  EXPECT_EQ(outside.take(), 0) << "who waits outside is served";
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_wait, for_an_actor_that_has_ended_is_none_for_who_lives_in_its_cell_now) {
  const char client = 0, cell = 0, pinned = 0;
  basic_wait_graph<> graph;
  std::array<wait_edge, 1> for_the_first{{{.from = &client, .to = &cell, .to_life = 1}}};
  ASSERT_TRUE(graph.try_begin(for_the_first));
  std::array<wait_edge, 1> of_the_first{{{.from = &cell, .to = &client, .from_life = 1}}};
  EXPECT_FALSE(graph.try_begin(of_the_first));
  std::array<wait_edge, 1> of_any{{{.from = &cell, .to = &client}}};
  EXPECT_FALSE(graph.try_begin(of_any)) << "somebody in the cell, nobody knows who";
  std::array<wait_edge, 1> of_the_second{{{.from = &cell, .to = &client, .from_life = 2}}};
  EXPECT_TRUE(graph.try_begin(of_the_second));
  std::array<wait_edge, 1> for_the_second{{{.from = &pinned, .to = &cell, .to_life = 2}}};
  EXPECT_TRUE(graph.try_begin(for_the_second));
  std::array<wait_edge, 1> round_about{{{.from = &client, .to = &pinned}}};
  EXPECT_FALSE(graph.try_begin(round_about)) << "over the one who lives there now";
}

TEST(calls, of_two_actors_to_each_other_at_once_never_hang) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 4}});
  const auto pair = row(system, 2, true);
  int answers = 0;
  for (int round = 0; round < 1000; ++round) {
    std::array both{pair[0].ask(pass_on{1}), pair[1].ask(pass_on{1})};
    for (auto& each : both) {
      ASSERT_EQ(each.wait(sync::native::after(10s)), reply_status::ready);
      const int got = each.take();
      EXPECT_TRUE(got == 0 || got == refused) << got;
      if (got == 0) ++answers;
    }
  }
  EXPECT_GE(answers, 1000) << "at most one of the two is refused";
  EXPECT_TRUE(system.shutdown(5s).complete);
}

struct greets_and_calls {
  using messages = jacquard::messages<pass_on>;
  explicit greets_and_calls(actor_ref<link> whom) : whom_(whom) {}
  int on(context<greets_and_calls>& here, const pass_on&) {
    EXPECT_EQ(whom_.tell(hello{}), send_result::accepted);
    return link::outcome(here.call(whom_, pass_on{0}));
  }
  actor_ref<link> whom_;
};

int asked_of(const actor_ref<greets_and_calls>& whom) {
  auto answer = whom.ask(pass_on{0});
  EXPECT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
  return answer.take();
}

TEST(a_call, on_the_only_worker_is_refused_where_the_other_actor_has_letters_still) {
  native_environment world;
  actor_system system(world);
  const auto whom = system.spawn<link>();
  const auto caller = system.spawn<greets_and_calls>({}, whom);
  auto answer = caller.ask(pass_on{0});
  ASSERT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
  EXPECT_EQ(answer.take(), refused);
  EXPECT_EQ(asked(whom, 0), 1) << "the letter was handled, and nothing else was sent";
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_call, gives_what_its_worker_alone_could_run_to_the_others) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  const auto whom = system.spawn<link>();
  const auto caller = system.spawn<greets_and_calls>({}, whom);
  for (int round = 1; round <= 200; ++round) {
    auto answer = caller.ask(pass_on{0});
    ASSERT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
    EXPECT_EQ(answer.take(), round) << "after the letter that was in the worker's slot";
  }
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_call, of_a_pinned_actor_travels_and_is_answered) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  const auto whom = system.spawn<link>({.pinned = 1});
  const auto caller = system.spawn<link>({.pinned = 0});
  ASSERT_EQ(caller.tell(meet{whom}), send_result::accepted);
  for (int round = 0; round < 200; ++round) EXPECT_EQ(asked(caller, 1), 0);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_call, of_an_actor_that_only_the_callers_worker_may_run_is_inline_or_refused) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 3}});
  const auto whom = system.spawn<link>({.pinned = 1});
  const auto caller = system.spawn<link>({.pinned = 1});
  ASSERT_EQ(caller.tell(meet{whom}), send_result::accepted);
  EXPECT_EQ(asked(caller, 1), 0) << "it is idle";
  const auto greeter = system.spawn<greets_and_calls>({.pinned = 1}, whom);
  EXPECT_EQ(asked_of(greeter), refused)
      << "it has a letter first, which this worker would have to run";
  EXPECT_EQ(asked(whom, 0), 1);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_call, that_closes_a_cycle_over_a_worker_which_a_caller_holds_is_refused) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 4}});
  const auto last = system.spawn<link>({.pinned = 0});
  const auto middle = system.spawn<link>({.pinned = 1});
  const auto first = system.spawn<link>({.pinned = 0});
  ASSERT_EQ(first.tell(meet{middle}), send_result::accepted);
  ASSERT_EQ(middle.tell(meet{last}), send_result::accepted);
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(asked(first, 2), refused)
        << "the last one would need the worker that the first one holds";
  }
  const auto elsewhere = system.spawn<link>({.pinned = 2});
  ASSERT_EQ(middle.tell(meet{elsewhere}), send_result::accepted);
  EXPECT_EQ(asked(first, 2), 0) << "and on another worker it is no cycle";
  EXPECT_EQ(wait_graph::of_process().size(), 0u);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

struct ask_slowly {
  using reply = int;
  std::chrono::nanoseconds timeout;
};
struct impatient {
  using messages = jacquard::messages<ask_slowly>;
  explicit impatient(actor_ref<link> whom) : whom_(whom) {}
  int on(context<impatient>& here, const ask_slowly& m) {
    return link::outcome(here.call(whom_, pass_on{0}, {.timeout = m.timeout}));
  }
  actor_ref<link> whom_;
};

TEST(a_call, with_a_time_out_is_answered_in_time_or_told_so_and_its_question_expires) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 3}});
  const auto whom = system.spawn<link>();
  const auto caller = system.spawn<impatient>({}, whom);
  auto in_time = caller.ask(ask_slowly{1h});
  ASSERT_EQ(in_time.wait_for(10s), reply_status::ready);
  EXPECT_EQ(in_time.take(), 0);
  std::atomic<int> stage{0};
  auto held = whom.ask(hold{&stage});
  while (stage.load() != 1) std::this_thread::yield();
  auto late = caller.ask(ask_slowly{5ms});
  ASSERT_EQ(late.wait_for(10s), reply_status::ready);
  EXPECT_EQ(late.take(), 100 + static_cast<int>(reply_status::timed_out));
  stage.store(2);
  EXPECT_EQ(held.wait_for(10s), reply_status::ready);
  EXPECT_EQ(asked(whom, 0), 0);
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::expired), 1u);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

}  // namespace
}  // namespace jacquard
