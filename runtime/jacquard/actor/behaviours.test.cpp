// behaviours.test.cpp: actors with states, and messages that are kept for later.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct connected {
  std::string peer;
};
struct request {
  int number;
};
struct lookup {
  using reply = std::string;
  int number;
};
struct lost {};
struct where {
  using reply = std::string;
};

// A client that keeps requests until it is connected.
struct client {
  using messages = jacquard::messages<connected, request, lookup, lost, where>;
  static constexpr std::uint32_t stash_capacity = 3;

  struct offline {
    void on(context<client>& here, const connected& m) {
      here.become<online>(m.peer, here.actor().alive);
      (void)here.unstash_all();
    }
  };
  struct online {
    online(std::string to, std::shared_ptr<int> shared) : peer(std::move(to)), alive(shared) {}
    void on(context<client>& here, const request& m) {
      here.actor().log.push_back(peer + std::to_string(m.number));
    }
    std::string on(context<client>&, const lookup& m) { return peer + std::to_string(m.number); }
    std::string on(context<client>&, const where&) { return "at " + peer; }
    std::string peer;
    std::shared_ptr<int> alive;
  };
  using states = jacquard::states<offline, online>;

  client(std::vector<std::string>& lines, std::shared_ptr<int> counter)
      : log(lines), alive(std::move(counter)) {}
  void on(context<client>&, const connected&) { log.push_back("connected twice"); }
  void on(context<client>& here, const lost&) { here.become<offline>(); }
  std::string on(context<client>&, const where&) { return "nowhere"; }

  std::vector<std::string>& log;
  std::shared_ptr<int> alive;
};

struct an_actor_with_states : testing::Test {
  std::vector<std::string> log;
  std::shared_ptr<int> alive = std::make_shared<int>();
  native_environment world;
  actor_system system{world};
  actor_ref<client> mine = system.spawn<client>({}, log, alive);

  std::string ask_where() {
    auto answer = mine.ask(where{});
    EXPECT_EQ(answer.wait(), reply_status::ready);
    return answer.take();
  }
  void finish() {
    mine.stop();
    ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  }
};

TEST_F(an_actor_with_states,
       keeps_what_its_state_does_not_handle_and_hands_it_out_in_order_in_front) {
  EXPECT_EQ(mine.tell(request{1}), send_result::accepted);
  auto name = mine.ask(lookup{2});
  EXPECT_EQ(mine.tell(request{3}), send_result::accepted);
  EXPECT_EQ(ask_where(), "nowhere");
  EXPECT_FALSE(name.is_ready());
  EXPECT_EQ(mine.tell(connected{"a"}), send_result::accepted);
  EXPECT_EQ(mine.tell(request{4}), send_result::accepted);
  ASSERT_EQ(name.wait(), reply_status::ready);
  EXPECT_EQ(name.take(), "a2");
  finish();
  EXPECT_EQ(log, (std::vector<std::string>{"a1", "a3", "a4"}));
}

TEST_F(an_actor_with_states, falls_back_on_its_own_handlers_and_ends_the_states_it_leaves) {
  EXPECT_EQ(ask_where(), "nowhere");
  EXPECT_EQ(mine.tell(connected{"a"}), send_result::accepted);
  EXPECT_EQ(ask_where(), "at a");
  EXPECT_EQ(mine.tell(connected{"b"}), send_result::accepted);
  EXPECT_EQ(mine.tell(lost{}), send_result::accepted);
  EXPECT_EQ(ask_where(), "nowhere");
  EXPECT_EQ(alive.use_count(), 2) << "the state that was left is destroyed";
  EXPECT_EQ(mine.tell(connected{"b"}), send_result::accepted);
  finish();
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(log, (std::vector<std::string>{"connected twice"}));
}

TEST_F(an_actor_with_states, bounds_its_stash_and_says_what_did_not_fit) {
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(mine.tell(request{i}), send_result::accepted);
  EXPECT_EQ(mine.ask(lookup{4}).wait(), reply_status::refused);
  EXPECT_EQ(mine.tell(connected{"a"}), send_result::accepted);
  finish();
  EXPECT_EQ(log.size(), 3u);
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::stash_full), 1u);
}

TEST_F(an_actor_with_states, reports_what_is_in_the_stash_when_it_ends) {
  EXPECT_EQ(mine.tell(request{1}), send_result::accepted);
  auto name = mine.ask(lookup{2});
  mine.stop();
  EXPECT_EQ(name.wait(), reply_status::target_down);
  finish();
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::stopped), 2u);
  EXPECT_EQ(system.counters().dead_letters, 2u);
}

// Stashes by itself.
struct collector {
  using messages = jacquard::messages<request, lookup, lost>;
  static constexpr std::uint32_t stash_capacity = 2;
  explicit collector(std::vector<int>& list) : handled(list) {}
  void on(context<collector>& here, const request& m) {
    if (!open && here.stash() == stash_result::stashed) return;
    handled.push_back(m.number);
  }
  std::string on(context<collector>& here, const lookup&) {
    if (!open && here.stash() == stash_result::stashed) return "not sent";
    return open ? "open" : "full";
  }
  void on(context<collector>& here, const lost&) {
    open = true;
    EXPECT_EQ(here.stashed(), 2u);
    EXPECT_EQ(here.unstash_all(), 2u);
  }
  bool open = false;
  std::vector<int>& handled;
};

TEST(a_stash, takes_what_the_handler_gives_until_it_is_full) {
  std::vector<int> handled;
  native_environment world;
  actor_system system(world);
  const auto one =
      system.spawn<collector>({.capacity = 8, .overflow = overflow::drop_oldest}, handled);
  EXPECT_EQ(one.tell(request{1}), send_result::accepted);
  auto early = one.ask(lookup{});
  EXPECT_EQ(one.tell(request{2}), send_result::accepted);
  auto later = one.ask(lookup{});
  ASSERT_EQ(later.wait(), reply_status::ready);
  EXPECT_EQ(later.take(), "full");
  EXPECT_EQ(one.tell(lost{}), send_result::accepted);
  ASSERT_EQ(early.wait(), reply_status::ready);
  EXPECT_EQ(early.take(), "open");
  one.stop();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  EXPECT_EQ(handled, (std::vector<int>{2, 1}));
}

// Becomes something before its first message, and has nothing to stash there.
struct early {
  using messages = jacquard::messages<where>;
  static constexpr std::uint32_t stash_capacity = 1;
  struct asleep {
    std::string on(context<early>&, const where&) { return "asleep"; }
  };
  struct awake {
    std::string on(context<early>&, const where&) { return "awake"; }
  };
  using states = jacquard::states<asleep, awake>;
  void started(context<early>& here) {
    EXPECT_EQ(here.stash(), stash_result::nothing);
    here.become<awake>();
  }
};

TEST(a_state, may_be_chosen_when_the_actor_starts) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<early>();
  auto answer = one.ask(where{});
  ASSERT_EQ(answer.wait(), reply_status::ready);
  EXPECT_EQ(answer.take(), "awake");
  one.stop();
}

// Fails while it becomes something else.
struct clumsy {
  using messages = jacquard::messages<lost>;
  struct fine {
    void on(context<clumsy>& here, const lost&) { here.become<broken>(); }
  };
  struct broken {
    broken() { throw std::runtime_error("no"); }
    void on(context<clumsy>&, const lost&) {}
  };
  using states = jacquard::states<fine, broken>;
};

TEST(a_state, whose_constructor_throws_fails_its_actor) {
  native_environment world;
  actor_system system(world);
  EXPECT_EQ(system.spawn<clumsy>().tell(lost{}), send_result::accepted);
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  EXPECT_EQ(system.counters().failed, 1u);
}

}  // namespace
}  // namespace jacquard
