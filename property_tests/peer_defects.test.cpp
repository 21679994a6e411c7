// Defects that were read in other actor runtimes, and complaints of their users, as tests: each is a thing that must
// be impossible here. runtime/DEFECTS.md names the project that each comes from.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

[[nodiscard]] sync::deadline in_time() { return sync::native::after(30s); }

struct number {
  using reply = int;
  int value;
};
struct hold {};     // until the gate is open
struct explode {};  // throws
struct note {
  int value;
};

// Whatever the tests below want of an actor.
struct subject {
  using messages = jacquard::messages<number, hold, explode, note>;

  explicit subject(std::atomic<bool>& gate_, std::atomic<int>& ended_)
      : gate(gate_), ended(ended_) {}
  ~subject() { ++ended; }

  int on(context<subject>&, const number& m) { return m.value; }
  void on(context<subject>&, const hold&) {
    is_held = true;
    gate.wait(false);
  }
  void on(context<subject>&, const explode&) { throw std::runtime_error("bang"); }
  void on(context<subject>&, const note& m) { sum += m.value; }

  std::atomic<bool>& gate;
  std::atomic<int>& ended;
  inline static std::atomic<bool> is_held{false};
  inline static std::atomic<int> sum{0};
};

struct peer_defects : testing::Test {
  std::atomic<bool> gate{false};
  std::atomic<int> ended{0};
  native_environment world;
  actor_system system{world, {.scheduling = {.workers = 2}}};

  peer_defects() {
    subject::is_held = false;
    subject::sum = 0;
  }
  ~peer_defects() override {
    open();
    EXPECT_TRUE(system.shutdown(30s).complete);
  }
  auto spawn(const std::string& name = {}) {
    return system.spawn<subject>({.name = name}, gate, ended);
  }
  // Its handler does not return before `open`.
  auto spawn_held(const std::string& name = {}) {
    const auto who = spawn(name);
    EXPECT_EQ(who.tell(hold{}), send_result::accepted);
    while (!subject::is_held) std::this_thread::yield();
    return who;
  }
  void open() {
    gate = true;
    gate.notify_all();
  }
};

// A request that is published before it is registered loses a fast answer.
TEST_F(peer_defects, an_answer_that_comes_at_once_is_never_lost) {
  const auto who = spawn();
  std::vector<std::thread> askers;
  std::atomic<int> lost{0};
  for (int t = 0; t < 3; ++t) {
    askers.emplace_back([&who, &lost, t] {
      for (int i = 0; i < 3000; ++i) {
        auto answer = who.ask(number{.value = t * 10'000 + i});
        if (answer.wait(in_time()) != reply_status::ready || answer.take() != t * 10'000 + i)
          ++lost;
      }
    });
  }
  for (std::thread& each : askers) each.join();
  EXPECT_EQ(lost, 0);
}

// A time-out that leaves something behind gives the next question the answer to the last one.
TEST_F(peer_defects, an_answer_that_comes_too_late_is_not_taken_for_the_next_one) {
  for (int round = 0; round < 50; ++round) {
    gate = false;
    subject::is_held = false;
    const auto who = spawn_held();
    auto first = who.ask(number{.value = 2 * round});
    EXPECT_EQ(first.wait(sync::native::after(100us)), reply_status::timed_out);
    auto second = who.ask(number{.value = 2 * round + 1});
    open();
    ASSERT_EQ(second.wait(in_time()), reply_status::ready);
    EXPECT_EQ(second.take(), 2 * round + 1);
    EXPECT_EQ(first.status(), reply_status::timed_out) << "and stays so";
    who.stop();
  }
}

// Questions in the mailbox of an actor that ends are not left to their time-outs.
TEST_F(peer_defects, whoever_asked_an_actor_that_is_killed_is_told_so) {
  const auto who = spawn_held();
  std::vector<future<int>> asked;
  for (int i = 0; i < 100; ++i) asked.push_back(who.ask(number{.value = i}));
  EXPECT_TRUE(who.kill());
  open();
  for (auto& each : asked) EXPECT_EQ(each.wait(in_time()), reply_status::target_down);
  ASSERT_TRUE(system.wait_until_empty(in_time()));
  EXPECT_EQ(system.counters().dead_letters, 100u);
}
TEST_F(peer_defects, whoever_asked_an_actor_that_is_stopped_later_is_answered) {
  const auto who = spawn_held();
  std::vector<future<int>> asked;
  for (int i = 0; i < 100; ++i) asked.push_back(who.ask(number{.value = i}));
  EXPECT_TRUE(who.stop());
  open();
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(asked[static_cast<std::size_t>(i)].wait(in_time()), reply_status::ready);
    EXPECT_EQ(asked[static_cast<std::size_t>(i)].take(), i);
  }
}

// An actor that is ending looks at its mailbox over and over until it is empty.
TEST_F(peer_defects, an_actor_that_ends_does_not_spin) {
  const auto who = spawn_held();
  for (int i = 0; i < 320; ++i) ASSERT_EQ(who.tell(note{1}), send_result::accepted);
  EXPECT_TRUE(who.stop());
  const std::uint64_t before = system.workers().counters().ran;
  open();
  ASSERT_TRUE(system.wait_until_empty(in_time()));
  EXPECT_EQ(subject::sum, 320);
  EXPECT_LE(system.workers().counters().ran - before, 320u / 32 + 2)
      << "one activation for each batch";
}

// A failure that nobody hears of, or everybody again and again.
TEST(a_failure, is_reported_once_with_name_and_exception_and_ends_one_actor) {
  struct report {
    std::atomic<int> count{0};
    std::string name;
    std::string what;
    static void hear(void* self, const std::string& name,
                     const std::exception_ptr& thrown) noexcept {
      auto& mine = *static_cast<report*>(self);
      mine.name = name;
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& known) {
        mine.what = known.what();
      }
      ++mine.count;
    }
  } heard;
  std::atomic<bool> gate{true};
  std::atomic<int> ended{0};
  native_environment world;
  actor_system system(
      world, {.scheduling = {.workers = 2}, .on_failure = {.call = &report::hear, .who = &heard}});
  std::vector<actor_ref<subject>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(system.spawn<subject>({.name = "actor " + std::to_string(i)}, gate, ended));
  }
  EXPECT_EQ(all[7].tell(explode{}), send_result::accepted);
  for (int i = 0; i < 10; ++i) (void)all[7].tell(explode{});
  while (all[7].is_alive()) std::this_thread::yield();
  for (int i = 0; i < 20; ++i) {
    auto answer = all[static_cast<std::size_t>(i)].ask(number{.value = i});
    EXPECT_EQ(answer.wait(in_time()), i == 7 ? reply_status::target_down : reply_status::ready);
  }
  EXPECT_TRUE(system.shutdown(30s).complete);
  EXPECT_EQ(heard.count, 1);
  EXPECT_EQ(heard.name, "actor 7");
  EXPECT_EQ(heard.what, "bang");
  EXPECT_EQ(system.counters().failed, 1u);
}

// A refusal that is thrown into its sender ends the sender.
static_assert(noexcept(std::declval<const actor_ref<subject>&>().tell(note{1})));
static_assert(noexcept(std::declval<const actor_ref<subject>&>().ask(number{})));
static_assert(noexcept(std::declval<const actor_ref<subject>&>().stop()));

struct pass_on {};
struct sender {
  using messages = jacquard::messages<pass_on, number>;
  explicit sender(actor_ref<subject> target_) : target(target_) {}
  void on(context<sender>&, const pass_on&) { last = target.tell(note{1}); }
  int on(context<sender>&, const number&) { return static_cast<int>(last); }
  actor_ref<subject> target;
  send_result last = send_result::accepted;
};
TEST_F(peer_defects, a_refused_message_does_its_sender_no_harm) {
  const auto gone = spawn();
  gone.kill();
  while (gone.is_alive()) std::this_thread::yield();
  const auto who = system.spawn<sender>({}, gone);
  EXPECT_EQ(who.tell(pass_on{}), send_result::accepted);
  auto answer = who.ask(number{});
  ASSERT_EQ(answer.wait(in_time()), reply_status::ready);
  EXPECT_EQ(static_cast<send_result>(answer.take()), send_result::closed);
}

// References that keep what they refer to alive.
TEST_F(peer_defects, references_to_actors_that_are_gone_keep_nothing_alive) {
  std::vector<actor_ref<subject>> old;
  for (int round = 0; round < 100; ++round) {
    old.push_back(spawn());
    EXPECT_TRUE(old.back().stop());
    while (old.back().is_alive()) std::this_thread::yield();
  }
  ASSERT_TRUE(system.wait_until_empty(in_time()));
  EXPECT_EQ(ended, 100) << "every one was destroyed";
  for (const auto& each : old) {
    EXPECT_FALSE(each.is_alive());
    EXPECT_FALSE(each.stop());
    EXPECT_EQ(each.tell(note{1}), send_result::closed);
  }
}

// Hooks that deadlock when they use the runtime that calls them.
struct child {
  using messages = jacquard::messages<note>;
  void on(context<child>& here, const note&) { here.stop(); }
};
struct parent {
  using messages = jacquard::messages<note>;
  void started(context<parent>& here) {
    own = here.system().spawn<child>({.name = here.name() + "'s child"});
    EXPECT_EQ(here.system().find<child>(here.name() + "'s child"), own);
    EXPECT_EQ(here.self().tell(note{1}), send_result::accepted);
  }
  void on(context<parent>& here, const note&) { here.stop(); }
  void stopped(exit_reason why) noexcept {
    EXPECT_EQ(why, exit_reason::normal);
    EXPECT_EQ(own.tell(note{1}), send_result::accepted);
  }
  actor_ref<child> own;
};
TEST_F(peer_defects, hooks_may_spawn_find_tell_and_stop) {
  for (int i = 0; i < 50; ++i) (void)system.spawn<parent>({.name = "parent " + std::to_string(i)});
  ASSERT_TRUE(system.wait_until_empty(in_time()));
  EXPECT_EQ(system.counters().ended, 100u);
  EXPECT_EQ(system.counters().dead_letters, 0u);
}

// Compilers that run out of memory over actors with many messages.
template <int K>
struct numbered {
  using reply = int;
};
template <class Numbers>
struct talker;
template <int... K>
struct talker<std::integer_sequence<int, K...>> {
  using messages = jacquard::messages<numbered<K>...>;
  template <int N>
  int on(context<talker>&, const numbered<N>&) {
    return N;
  }
};
TEST_F(peer_defects, an_actor_with_sixty_four_messages_is_an_ordinary_one) {
  using talkative = talker<std::make_integer_sequence<int, 64>>;
  const auto who = system.spawn<talkative>();
  const auto ask = [&]<int K>(numbered<K> question) {
    auto answer = who.ask(question);
    return answer.wait(in_time()) == reply_status::ready ? answer.take() : -1;
  };
  [&]<int... K>(std::integer_sequence<int, K...>) {
    EXPECT_TRUE(((ask(numbered<K>{}) == K) && ...));
  }
  (std::make_integer_sequence<int, 64>{});
}

// Thirteen kilobytes for an actor.
struct small {
  using messages = jacquard::messages<note>;
  void on(context<small>&, const note& m) { sum += m.value; }
  int sum = 0;
};
TEST(an_actor, is_a_cell_of_at_most_256_bytes_beside_its_own_state) {
  EXPECT_LE(sizeof(actor_cell<small>), 256u + sizeof(small));
}

// A worker that keeps the work it makes to itself while it is busy.
TEST(a_busy_worker, lets_others_take_the_work_that_it_made) {
  native_environment world;
  struct second : task {
    second() noexcept : task([](task& self) noexcept { static_cast<second&>(self).ran = true; }) {}
    std::atomic<bool> ran{false};
  } other;
  struct first : task {
    first(scheduler& where, second& made) noexcept
        : task([](task& self) noexcept { static_cast<first&>(self).step(); }),
          workers(where),
          made_task(made) {}
    void step() {
      workers.schedule(made_task, urgency::soon);
      const auto end = std::chrono::steady_clock::now() + 30s;
      while (!made_task.ran && std::chrono::steady_clock::now() < end) std::this_thread::yield();
      was_taken = made_task.ran.load();
      done = true;
    }
    scheduler& workers;
    second& made_task;
    bool was_taken = false;
    std::atomic<bool> done{false};
  };
  scheduler workers(world, {.workers = 2});
  first busy(workers, other);
  workers.schedule(busy, urgency::soon);
  while (!busy.done) std::this_thread::yield();
  EXPECT_TRUE(busy.was_taken);
}

// A system that hangs when the program ends, because it is static.
TEST(a_static_system_death, ends_with_the_program) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        static native_environment world;
        static actor_system system(world, {.scheduling = {.workers = 2}});
        static std::atomic<bool> gate{true};
        static std::atomic<int> ended{0};
        const auto who = system.spawn<subject>({}, gate, ended);
        auto answer = who.ask(number{.value = 5});
        const bool right = answer.wait(in_time()) == reply_status::ready && answer.take() == 5;
        who.stop();
        std::exit(right ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

// Messages that were accepted while the system was shutting down, and vanished.
TEST(shutdown, handles_everything_that_was_accepted_until_it_ended) {
  for (int round = 0; round < 5; ++round) {
    subject::sum = 0;
    std::atomic<bool> gate{true};
    std::atomic<int> ended{0};
    native_environment world;
    actor_system system(world, {.scheduling = {.workers = 2}});
    std::vector<actor_ref<subject>> all;
    for (int i = 0; i < 10; ++i) all.push_back(system.spawn<subject>({}, gate, ended));
    std::atomic<int> accepted{0};
    std::vector<std::thread> senders;
    for (unsigned t = 0; t < 2; ++t) {
      senders.emplace_back([&, t] {
        for (unsigned i = t;; ++i) {
          const send_result result = all[i % all.size()].tell(note{1});
          if (result == send_result::accepted) {
            ++accepted;
          } else if (std::none_of(all.begin(), all.end(),
                                  [](const auto& each) { return each.is_alive(); })) {
            return;
          }
        }
      });
    }
    std::this_thread::sleep_for(200us);
    const shutdown_report report = system.shutdown(30s);
    for (std::thread& each : senders) each.join();
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(static_cast<std::uint64_t>(subject::sum) + system.counters().dead_letters,
              static_cast<std::uint64_t>(accepted));
    EXPECT_EQ(ended, 10);
  }
}

// A capacity that is accepted as an option and ignored; a dropped message that counts as delivered; a length that is
// computed from statistics.
template <class Mailbox>
struct every_mailbox : testing::Test {};
using kinds = testing::Types<ring_mailbox<int>, linked_mailbox<int>, locked_mailbox<int>>;
TYPED_TEST_SUITE(every_mailbox, kinds);

TYPED_TEST(every_mailbox, has_the_capacity_that_was_asked_for) {
  for (const std::uint32_t capacity : {1u, 2u, 3u, 7u, 512u, 1000u}) {
    TypeParam box({.capacity = capacity});
    for (std::uint32_t i = 0; i < capacity; ++i) ASSERT_EQ(box.send(1), send_result::accepted);
    EXPECT_EQ(box.send(1), send_result::busy) << "capacity " << capacity;
  }
  static_assert(mailbox_options<int>{}.capacity == 512, "the documented default");
}

TYPED_TEST(every_mailbox, tells_the_sender_of_a_dropped_message_and_counts_it_as_dropped) {
  TypeParam box({.capacity = 2, .overflow = overflow::drop_newest});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(box.send(int{i}), i < 2 ? send_result::accepted : send_result::dropped);
  }
  std::uint32_t got = 0;
  (void)box.receive(64, [&](int&&) { ++got; });
  const mailbox_counters counted = box.counters();
  EXPECT_EQ(counted.dropped_newest, 3u);
  EXPECT_EQ(counted.received, got);
  EXPECT_EQ(counted.sent - counted.dropped_newest, got) << "what was accepted was received";
  EXPECT_EQ(counted.undelivered, 0u);
}

}  // namespace
}  // namespace jacquard
