// Questions between actors: `then`, answers inline, and what becomes of them when somebody ends.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/await_future.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct square {
  using reply = int;
  int of;
};
struct note {
  int what;
};
struct notes {
  using reply = std::vector<int>;
};
struct fail_now {
  using reply = int;
};
struct stop_now {
  using reply = int;
};

struct mathematician {
  using messages = jacquard::messages<square, note, notes, fail_now, stop_now>;
  int on(context<mathematician>&, const square& m) {
    ran_on = std::this_thread::get_id();
    return m.of * m.of;
  }
  void on(context<mathematician>&, const note& m) { noted.push_back(m.what); }
  std::vector<int> on(context<mathematician>&, const notes&) { return noted; }
  int on(context<mathematician>&, const fail_now&) { throw std::runtime_error("asked to fail"); }
  int on(context<mathematician>& here, const stop_now&) {
    here.stop();
    return 1;
  }
  std::vector<int> noted;
  std::thread::id ran_on;
};

// --- then -----------------------------------------------------------------------------------------------

struct sum_of_squares {
  using reply = int;
};
struct ask_for {
  int of;
};
struct student {
  using messages = jacquard::messages<ask_for, sum_of_squares>;
  explicit student(actor_ref<mathematician> teacher) : teacher_(teacher) {}
  void on(context<student>& here, const ask_for& m) {
    ++open_;
    ASSERT_TRUE(teacher_.ask(square{m.of})
                    .then(here, [this, id = here.self()](context<student>& now, answered<int> got) {
                      EXPECT_EQ(now.self(), id);
                      --open_;
                      if (got) sum_ += *got;
                    }));
  }
  int on(context<student>&, const sum_of_squares&) { return open_ == 0 ? sum_ : -1; }

 private:
  actor_ref<mathematician> teacher_;
  int open_ = 0;
  int sum_ = 0;
};

template <class M>
auto get(const M& question, auto whom) {
  auto answer = whom.ask(question);
  EXPECT_EQ(answer.wait(sync::native::after(10s)), reply_status::ready);
  return answer.take();
}

TEST(then, calls_the_handler_in_the_actors_own_turn_on_one_and_more_workers) {
  for (const std::uint32_t workers : {1u, 3u}) {
    native_environment world;
    actor_system system(world, {.scheduling = {.workers = workers}});
    const auto teacher = system.spawn<mathematician>();
    const auto pupil = system.spawn<student>({}, teacher);
    int expected = 0;
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(pupil.tell(ask_for{i}), send_result::accepted);
      expected += i * i;
    }
    int sum = -1;
    while (sum != expected) sum = get(sum_of_squares{}, pupil);
    EXPECT_TRUE(system.shutdown(5s).complete);
  }
}

struct go {
  std::shared_ptr<std::atomic<int>> called;
  actor_ref<mathematician> whom;
};
struct waits_for_ever {
  using messages = jacquard::messages<go>;
  void on(context<waits_for_ever>& here, const go& m) {
    future<int> never = future_pool<int>::make_of_process();
    kept = never.promise();
    ASSERT_TRUE(std::move(never).then(here, [c = m.called](const answered<int>&) { ++*c; }));
    here.stop();
    *m.called += 100;
  }
  inline static promise<int> kept;
};

TEST(then, never_calls_a_handler_after_its_actor_has_ended_and_frees_it) {
  native_environment world;
  actor_system system(world);
  auto called = std::make_shared<std::atomic<int>>(0);
  ASSERT_EQ(system.spawn<waits_for_ever>().tell(go{called, {}}), send_result::accepted);
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(5s)));
  EXPECT_EQ(called.use_count(), 2) << "the handler waits for the answer still";
  EXPECT_TRUE(waits_for_ever::kept.fulfil(1));
  EXPECT_EQ(called.use_count(), 1) << "and is gone with it";
  EXPECT_EQ(called->load(), 100);
}

struct asks_the_dead {
  using messages = jacquard::messages<go>;
  void on(context<asks_the_dead>& here, const go& m) {
    ASSERT_TRUE(m.whom.ask(square{2}).then(
        here, [c = m.called](const answered<int>& got) { *c = static_cast<int>(got.status()); }));
    EXPECT_EQ(m.called->load(), -1) << "not from inside of `then`";
  }
};

TEST(then, is_told_why_there_is_no_answer) {
  native_environment world;
  actor_system system(world);
  auto called = std::make_shared<std::atomic<int>>(-1);
  const auto whom = system.spawn<mathematician>();
  whom.kill();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(5s)));
  ASSERT_EQ(system.spawn<asks_the_dead>().tell(go{called, whom}), send_result::accepted);
  while (called->load() == -1) std::this_thread::yield();
  EXPECT_EQ(called->load(), static_cast<int>(reply_status::target_down));
  EXPECT_TRUE(system.shutdown(5s).complete);
}

struct throws_later {
  using messages = jacquard::messages<go>;
  void on(context<throws_later>& here, const go& m) {
    ASSERT_TRUE(m.whom.ask(square{2}).then(
        here, [](const answered<int>&) { throw std::runtime_error("in a handler of then"); }));
  }
};

TEST(then, makes_what_its_handler_throws_the_actors_failure_and_nobody_elses) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  const auto whom = system.spawn<mathematician>();
  ASSERT_EQ(system.spawn<throws_later>().tell(go{nullptr, whom}), send_result::accepted);
  while (system.live() != 1) std::this_thread::yield();
  EXPECT_EQ(system.counters().failed, 1u);
  EXPECT_EQ(get(square{3}, whom), 9);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

// --- inline ---------------------------------------------------------------------------------------------

TEST(a_question_from_a_worker, is_answered_before_ask_returns_where_the_actor_is_idle) {
  native_environment world;
  actor_system system(world);
  const auto whom = system.spawn<mathematician>();
  const bool there = block_on(system.workers(), [](actor_ref<mathematician> of) -> strand<bool> {
    auto answer = of.ask(square{7});
    co_return answer.is_ready() && answer.take() == 49;
  }(whom));
  EXPECT_TRUE(there);
  auto from_here = whom.ask(square{8});
  EXPECT_EQ(from_here.wait(), reply_status::ready);
  EXPECT_EQ(from_here.take(), 64);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_question_from_a_worker, comes_after_what_its_sender_has_told_before) {
  for (const std::uint32_t workers : {1u, 3u}) {
    native_environment world;
    actor_system system(world, {.scheduling = {.workers = workers}});
    const auto whom = system.spawn<mathematician>();
    const int wrong = block_on(system.workers(), [](actor_ref<mathematician> of) -> strand<int> {
      int missing = 0;
      for (int i = 0; i < 500; ++i) {
        if (of.tell(note{i}) != send_result::accepted) ++missing;
        const answered<std::vector<int>> got = co_await of.ask(notes{});
        if (!got || (*got).size() != static_cast<std::size_t>(i) + 1) ++missing;
      }
      co_return missing;
    }(whom));
    EXPECT_EQ(wrong, 0);
    EXPECT_TRUE(system.shutdown(5s).complete);
  }
}

TEST(an_actor_that_fails_inline, ends_alone_and_its_asker_is_told) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  const auto whom = system.spawn<mathematician>();
  const auto how =
      block_on(system.workers(), [](actor_ref<mathematician> of) -> strand<reply_status> {
        const answered<int> got = co_await of.ask(fail_now{});
        co_return got.status();
      }(whom));
  EXPECT_EQ(how, reply_status::failed);
  EXPECT_TRUE(system.wait_until_empty(sync::native::after(5s)));
  EXPECT_EQ(system.counters().failed, 1u);
}

TEST(an_actor_that_stops_inline, ends) {
  native_environment world;
  actor_system system(world);
  const auto whom = system.spawn<mathematician>();
  const auto got = block_on(system.workers(), [](actor_ref<mathematician> of) -> strand<int> {
    const answered<int> answer = co_await of.ask(stop_now{});
    co_return answer ? *answer : -1;
  }(whom));
  EXPECT_EQ(got, 1);
  EXPECT_TRUE(system.wait_until_empty(sync::native::after(5s)));
}

struct descend {
  using reply = int;
  int left;
};
struct step {
  using messages = jacquard::messages<descend, actor_ref<step>>;
  void on(context<step>&, const actor_ref<step>& below) { below_ = below; }
  int on(context<step>&, const descend& m) {
    if (m.left == 0) return 0;
    auto answer = below_.ask(descend{m.left - 1});
    return answer.is_ready() ? answer.take() + 1 : 1000;
  }
  actor_ref<step> below_;
};

TEST(questions_inside_of_questions, run_inline_to_a_bounded_depth) {
  native_environment world;
  actor_system system(world);
  std::vector<actor_ref<step>> stairs;
  for (int i = 0; i < 20; ++i) stairs.push_back(system.spawn<step>());
  for (std::size_t i = 0; i + 1 < stairs.size(); ++i) {
    ASSERT_EQ(stairs[i].tell(actor_ref<step>(stairs[i + 1])), send_result::accepted);
  }
  const auto from = [&](int depth) {
    return block_on(system.workers(), [](actor_ref<step> top, int left) -> strand<int> {
      co_await yield();
      const answered<int> got = co_await top.ask(descend{left});
      co_return got ? *got : -1;
    }(stairs[0], depth));
  };
  constexpr int deepest = static_cast<int>(detail::inline_turn::depth_max);
  EXPECT_EQ(from(deepest - 1), deepest - 1);
  EXPECT_EQ(from(deepest), deepest - 1 + 1000) << "the next one is a letter";
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(an_actor, that_asks_itself_gets_a_letter) {
  native_environment world;
  actor_system system(world);
  const auto whom = system.spawn<step>();
  ASSERT_EQ(whom.tell(actor_ref<step>(whom)), send_result::accepted);
  EXPECT_EQ(get(descend{1}, whom), 1000);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

// Many askers on many workers: nobody runs the actor beside another, which its counter would show (and TSan).
struct add {
  using reply = int;
};
struct counter {
  using messages = jacquard::messages<add, note>;
  int on(context<counter>&, const add&) { return ++count; }
  void on(context<counter>&, const note&) { ++count; }
  int count = 0;
};

TEST(an_actor, is_run_by_one_worker_at_a_time_also_inline) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 4}});
  const auto whom = system.spawn<counter>();
  std::vector<spawned<int>> askers;
  for (int i = 0; i < 6; ++i) {
    askers.push_back(spawn(system.workers(), [](actor_ref<counter> of) -> strand<int> {
      int highest = 0;
      for (int n = 0; n < 2000; ++n) {
        if (n % 7 == 0 && of.tell(note{n}) != send_result::accepted) co_return -1;
        const answered<int> got = co_await of.ask(add{});
        if (!got || *got <= highest) co_return -1;
        highest = *got;
        if (n % 16 == 0) co_await yield();
      }
      co_return highest;
    }(whom)));
  }
  for (auto& each : askers) EXPECT_GT(each.wait(), 0);
  EXPECT_EQ(get(add{}, whom), 6 * 2000 + 6 * 286 + 1);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

}  // namespace
}  // namespace jacquard
