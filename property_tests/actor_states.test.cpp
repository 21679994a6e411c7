// An actor with states and a stash handles what a sequential model says, in that order, and loses what the model
// says: for any sequence of messages. (One sender, one worker: the order is the sender's.)
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/property/cases.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <set>
#include <string>
#include <vector>

namespace jacquard::property {
namespace {

constexpr std::uint32_t room = 3;

enum class act : std::uint8_t { work, save, open, shut, release };

struct step {
  act what;
  int number;
};

// The messages. `shut` in the open state: work is kept again. `save`: the open state keeps it the first time it
// sees it; the shut state has no handler for it, as it has none for work.
struct work {
  int number;
};
struct save {
  int number;
};
struct open {};
struct shut {};
struct release {};

struct desk {
  using messages = jacquard::messages<work, save, open, shut, release>;
  static constexpr std::uint32_t stash_capacity = room;

  struct is_shut {
    void on(context<desk>& here, const open&) {
      here.become<is_open>();
      (void)here.unstash_all();
    }
  };
  struct is_open {
    void on(context<desk>& here, const work& m) { here.actor().log.push_back(m.number); }
    void on(context<desk>& here, const save& m) {
      desk& actor = here.actor();
      if (actor.seen.insert(m.number).second && here.stash() == stash_result::stashed) return;
      actor.log.push_back(-m.number);
    }
    void on(context<desk>& here, const shut&) { here.become<is_shut>(); }
  };
  using states = jacquard::states<is_shut, is_open>;

  explicit desk(std::vector<int>& list) : log(list) {}
  void on(context<desk>&, const open&) {}
  void on(context<desk>&, const shut&) {}
  void on(context<desk>& here, const release&) { (void)here.unstash_all(); }

  std::vector<int>& log;
  std::set<int> seen;
};

// The same, by one thread over two queues.
struct model {
  std::vector<int> log;
  std::uint64_t full = 0;
  std::uint64_t left = 0;

  explicit model(const std::vector<step>& steps) {
    std::deque<step> queue(steps.begin(), steps.end());
    std::deque<step> stash;
    std::set<int> seen;
    bool is_open = false;
    std::uint64_t budget = 10'000;
    const auto unstash = [&] {
      queue.insert(queue.begin(), stash.begin(), stash.end());
      stash.clear();
    };
    while (!queue.empty() && budget-- > 0) {
      const step next = queue.front();
      queue.pop_front();
      switch (next.what) {
        case act::work:
        case act::save:
          if (!is_open) {
            stash.size() < room ? stash.push_back(next) : void(++full);
          } else if (next.what == act::save && seen.insert(next.number).second &&
                     stash.size() < room) {
            stash.push_back(next);
          } else {
            log.push_back(next.what == act::work ? next.number : -next.number);
          }
          break;
        case act::open:
          if (!is_open) unstash();
          is_open = true;
          break;
        case act::shut:
          is_open = false;
          break;
        case act::release:
          unstash();
          break;
      }
    }
    left = stash.size();
  }
};

std::string text(const std::vector<step>& steps) {
  static constexpr const char* names[] = {"work", "save", "open", "shut", "release"};
  std::string all;
  for (const step& each : steps)
    all +=
        std::string(names[static_cast<int>(each.what)]) + " " + std::to_string(each.number) + "; ";
  return all;
}

TEST(actor_states, handle_and_lose_what_a_sequential_model_does) {
  native_environment world;
  actor_system system(world);
  std::uint64_t kept = 0;
  std::uint64_t full = 0;
  std::uint64_t again = 0;
  EXPECT_TRUE(holds("stash and become v. two queues", [&](const signature_guard& guard) {
    const auto raw = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint8_t>>>(
        rc::gen::pair(rc::gen::inRange<std::uint8_t>(0, 10), rc::gen::inRange<std::uint8_t>(1, 7)));
    std::vector<step> steps;
    for (const auto& [kind, number] : raw) {
      static constexpr act acts[] = {act::work, act::work, act::work, act::work, act::save,
                                     act::save, act::open, act::open, act::shut, act::release};
      steps.push_back({acts[kind], number});
    }
    const model expected(steps);
    const auto before = system.counters();
    std::vector<int> log;
    const auto one = system.spawn<desk>({.batch = 3}, log);
    for (const step& each : steps) {
      send_result sent = send_result::closed;
      switch (each.what) {
        case act::work:
          sent = one.tell(work{each.number});
          break;
        case act::save:
          sent = one.tell(save{each.number});
          break;
        case act::open:
          sent = one.tell(open{});
          break;
        case act::shut:
          sent = one.tell(shut{});
          break;
        case act::release:
          sent = one.tell(release{});
          break;
      }
      guard.require(sent == send_result::accepted, "sent", "an open actor takes it");
    }
    one.stop();
    guard.require(system.wait_until_empty(sync::deadline::never()), "ends", "it ends");
    const auto after = system.counters();
    const auto lost = [&](undelivered_reason why) {
      return after.undelivered_for(why) - before.undelivered_for(why);
    };
    guard.require(log == expected.log, "order",
                  [&] { return "handled otherwise than the model: " + text(steps); });
    guard.require(lost(undelivered_reason::stash_full) == expected.full, "full",
                  [&] { return "lost otherwise for want of room: " + text(steps); });
    guard.require(lost(undelivered_reason::stopped) == expected.left, "left",
                  [&] { return "left otherwise in the stash: " + text(steps); });
    kept += expected.left;
    full += expected.full;
    again += static_cast<std::uint64_t>(
        std::count_if(log.begin(), log.end(), [](int number) { return number < 0; }));
  }));
  std::printf("           %llu left in a stash, %llu without room, %llu saved and handled later\n",
              static_cast<unsigned long long>(kept), static_cast<unsigned long long>(full),
              static_cast<unsigned long long>(again));
  if (cases() >= 500) {
    EXPECT_GT(kept, 0u);
    EXPECT_GT(full, 0u);
    EXPECT_GT(again, 0u);
  }
}

}  // namespace
}  // namespace jacquard::property
