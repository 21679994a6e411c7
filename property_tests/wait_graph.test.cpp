// The graph of who waits for whom against a plain search of a plain graph.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/wait_graph.hpp>
#include <jacquard/env/native_environment.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "jacquard/property/cases.hpp"

namespace jacquard {
namespace {

constexpr std::size_t people = 7;

// Who waits for whom, as a person would write it down.
class plain_graph {
 public:
  [[nodiscard]] bool reaches(std::size_t from, std::size_t to) const {
    std::set<std::size_t> seen{from};
    std::deque<std::size_t> next{from};
    while (!next.empty()) {
      const std::size_t at = next.front();
      next.pop_front();
      if (at == to) return true;
      const auto [first, last] = waits_.equal_range(at);
      for (auto each = first; each != last; ++each) {
        if (seen.insert(each->second).second) next.push_back(each->second);
      }
    }
    return false;
  }
  void add(std::size_t from, std::size_t to) { waits_.emplace(from, to); }
  void remove(std::size_t from, std::size_t to) {
    const auto [first, last] = waits_.equal_range(from);
    for (auto each = first; each != last; ++each) {
      if (each->second == to) {
        waits_.erase(each);
        return;
      }
    }
  }
  [[nodiscard]] std::size_t size() const { return waits_.size(); }

 private:
  std::multimap<std::size_t, std::size_t> waits_;
};

// Waits that stand.
struct wait {
  std::vector<wait_edge> edges;
  std::vector<std::size_t> waiters;
  std::size_t whom = 0;
};

TEST(a_wait_graph, refuses_exactly_the_waits_that_would_close_a_cycle) {
  EXPECT_TRUE(property::holds("for any waits", [](const property::signature_guard& guard) {
    const std::array<char, people> names{};
    basic_wait_graph<> graph;
    plain_graph plain;
    std::deque<wait> standing;
    const auto steps = *rc::gen::container<std::vector<std::pair<std::size_t, std::size_t>>>(
        rc::gen::pair(rc::gen::inRange<std::size_t>(0, 4), rc::gen::arbitrary<std::size_t>()));
    for (const auto& [kind, draw] : steps) {
      if (kind == 0 && !standing.empty()) {  // one of them ends
        const std::size_t which = draw % standing.size();
        wait& over = standing[which];
        graph.end(over.edges);
        for (const std::size_t each : over.waiters) plain.remove(each, over.whom);
        standing.erase(standing.begin() + static_cast<std::ptrdiff_t>(which));
      } else {  // one, two or three of them want to wait for another one
        wait fresh;
        fresh.whom = draw % people;
        std::set<std::size_t> who;
        for (std::size_t i = 0; i < (kind == 0 ? 1 : kind); ++i) {
          who.insert((draw / people + i * (1 + draw % 5)) % people);
        }
        fresh.waiters.assign(who.begin(), who.end());
        bool closes = false;
        for (const std::size_t each : fresh.waiters) {
          closes = closes || plain.reaches(fresh.whom, each);
          fresh.edges.push_back({.from = &names[each], .to = &names[fresh.whom]});
        }
        standing.push_back(std::move(fresh));  // its edges stay where they are
        const bool let_in = graph.try_begin(standing.back().edges);
        guard.require(let_in == !closes, "I1", "a wait is let in exactly where it closes no cycle");
        if (let_in) {
          for (const std::size_t each : standing.back().waiters) {
            plain.add(each, standing.back().whom);
          }
        } else {
          standing.pop_back();
        }
      }
      guard.require(graph.size() == plain.size(), "I2", "what ends or is refused leaves nothing");
    }
    for (wait& each : standing) graph.end(each.edges);
    guard.require(graph.size() == 0, "I2", "when all have ended nobody waits");
  }));
}

// --- actors that call each other, as anybody may draw it ---------------------------------------------------------

constexpr std::chrono::seconds knotted_after{10};

struct reply_at_once {
  using reply = int;
};
struct call_all {
  using reply = int;  // how many calls were refused; -1: one ended otherwise
};
struct knows {
  actor_ref<struct caller> other;
  bool waits;  // in the handler, by a plain wait; otherwise it calls
};
struct caller {
  using messages = jacquard::messages<reply_at_once, call_all, knows>;
  int on(context<caller>&, const reply_at_once&) { return 1; }
  void on(context<caller>&, const knows& m) { others_.push_back(m); }
  int on(context<caller>& here, const call_all&) {
    int refused = 0;
    for (const knows& each : others_) {
      reply_status how = reply_status::failed;
      if (each.waits) {
        auto answer = each.other.ask(reply_at_once{});
        how = answer.wait();
        if (how == reply_status::would_deadlock)
          continue;  // it was refused, whoever waits for whom
      } else {
        // A knot is undone in the end, and then says so.
        how = here.call(each.other, reply_at_once{}, {.timeout = knotted_after}).status();
      }
      if (how == reply_status::would_deadlock) {
        ++refused;
      } else if (how != reply_status::ready) {
        return -1;
      }
    }
    return refused;
  }
  std::vector<knows> others_;
};

struct planned {
  std::size_t from, to;
  bool waits;
};

TEST(calls_between_actors, all_end_and_none_is_refused_where_no_cycle_can_be) {
  const auto ends = [](const property::signature_guard& guard) {
    const std::size_t count = *rc::gen::inRange<std::size_t>(1, 5);
    std::vector<planned> plan;
    plain_graph plain;
    bool may_tie = false;
    for (const auto& [draw, waits] : *rc::gen::container<std::vector<std::pair<std::size_t, int>>>(
             rc::gen::pair(rc::gen::arbitrary<std::size_t>(), rc::gen::inRange(0, 4)))) {
      if (plan.size() == 12) break;
      plan.push_back({.from = draw % count, .to = draw / count % count, .waits = waits == 0});
      if (plan.back().waits) continue;
      may_tie = may_tie || plain.reaches(plan.back().to, plan.back().from);
      plain.add(plan.back().from, plan.back().to);
    }
    native_environment world;
    // One worker more than can be held: it answers who calls outside of every cycle.
    actor_system system(world, {.scheduling = {.workers = static_cast<std::uint32_t>(count) + 1}});
    std::vector<actor_ref<caller>> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(system.spawn<caller>());
    for (const planned& each : plan) {
      (void)all[each.from].tell(knows{all[each.to], each.waits});
    }
    std::vector<future<int>> running;
    for (const auto& each : all) running.push_back(each.ask(call_all{}));
    bool all_end = true;
    std::vector<int> refused;
    for (auto& each : running) {
      const bool ended = each.wait_for(20 * knotted_after) == reply_status::ready;
      all_end = all_end && ended;
      if (ended) refused.push_back(each.take());
    }
    const std::size_t left = wait_graph::of_process().size();
    all_end = system.shutdown(20 * knotted_after).complete && all_end;
    guard.require(all_end, "E", "every handler ends, and then the system");
    guard.require(left == 0, "I2", "when all have ended nobody waits");
    for (const int count_of_one : refused) {
      guard.require(count_of_one >= 0, "I1", "a call is answered or refused, and never stuck");
      guard.require(count_of_one == 0 || may_tie, "I1", "where no cycle can be nobody is refused");
    }
  };
  EXPECT_TRUE(property::holds("for any actors that call and wait for each other", ends, 0.3));
}

}  // namespace
}  // namespace jacquard
