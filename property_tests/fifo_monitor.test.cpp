// The FIFO monitor: it agrees with the linearizability search where a search can be made, and each of its
// rules is broken once and named.
#include <gtest/gtest.h>

#include <jacquard/property/cases.hpp>
#include <jacquard/property/show.hpp>
#include <jacquard/property/stretched_history.hpp>
#include <jacquard/spec/fifo_monitor.hpp>
#include <set>

namespace jacquard::property {
namespace {

using spec::event;
using spec::event_kind;
using spec::fifo_monitor;
using spec::queue_model;
using spec::timed;
using spec::verdict;
using queue_history = std::vector<timed<queue_model::operation_type>>;

// The same history for the monitor. Every send has a sender of its own.
std::vector<event> events_of(const queue_history& history) {
  std::vector<event> events;
  std::uint32_t sender = 1;
  for (const auto& [op, called, returned] : history) {
    event e{.id = op.id, .called = called, .returned = returned};
    switch (op.what) {
      case queue_model::act::send:
        e.thread = sender++;
        e.result = op.result;
        events.push_back(e);
        if (op.result == send_result::dropped || op.evicted != 0) {
          e.kind = event_kind::letter;
          e.why = op.evicted != 0 ? drop_reason::oldest : drop_reason::newest;
          e.id = op.evicted != 0 ? op.evicted : op.id;
          events.push_back(e);
        }
        break;
      case queue_model::act::receive:
        e.kind = event_kind::receive;
        events.push_back(e);
        e.kind = event_kind::hand_out;
        events.push_back(e);
        break;
      case queue_model::act::empty:
        e.kind = event_kind::idle;
        events.push_back(e);
        break;
      case queue_model::act::close:
        e.kind = event_kind::close;
        e.first = op.first;
        events.push_back(e);
        break;
    }
  }
  return events;
}

// Stretched histories with one thing moved or changed.
rc::Gen<queue_history> any_queue_history(queue_model model, bool closes) {
  return rc::gen::exec([=] {
    auto history = *stretched_queue_history(model, *rc::gen::inRange(0, 14), 4, true, closes);
    std::vector<std::size_t> receives;
    std::vector<std::size_t> sends;
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (history[i].operation.what == queue_model::act::receive) receives.push_back(i);
      if (history[i].operation.what == queue_model::act::send) sends.push_back(i);
    }
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        if (receives.size() < 2) break;
        std::swap(history[*rc::gen::elementOf(receives)].operation.id,
                  history[*rc::gen::elementOf(receives)].operation.id);
        break;
      case 1: {
        if (sends.empty()) break;
        auto& send = history[*rc::gen::elementOf(sends)];
        const int by = *rc::gen::inRange(-40, 40);
        send.called += by;
        send.returned += by;
        break;
      }
      case 2:
        if (receives.empty()) break;
        history.erase(history.begin() + static_cast<std::ptrdiff_t>(*rc::gen::elementOf(receives)));
        break;
      default:
        break;
    }
    return history;
  });
}

std::string words_of(const std::vector<spec::violation>& violations) {
  std::string words;
  for (const spec::violation& v : violations) words += std::string(v.rule) + ": " + v.words + "\n";
  return words;
}

TEST(fifo_monitor, judges_an_unbounded_queue_exactly_as_the_search_does) {
  EXPECT_TRUE(holds(
      "unbounded histories",
      [](const signature_guard& guard) {
        queue_model model{.capacity = unbounded};
        const auto history = *any_queue_history(model, false);
        const auto found = fifo_monitor::judge(
            events_of(history), {.rules = {.capacity = unbounded}, .is_complete = false});
        const bool legal =
            spec::check_linearizable(model, std::span(history)).verdict == verdict::legal;
        RC_TAG(legal ? "legal" : "illegal");
        guard.require(legal || !found.empty(), "missed", "not linearizable, and not noticed");
        guard.require(!legal || found.empty(), "false alarm", [&] { return words_of(found); });
      },
      4));
}

TEST(fifo_monitor, never_accuses_a_legal_bounded_mailbox) {
  for (const overflow policy :
       {overflow::reject, overflow::drop_newest, overflow::drop_oldest, overflow::block}) {
    EXPECT_TRUE(holds(
        std::string("bounded histories, ") + to_string(policy), [=](const signature_guard& guard) {
          queue_model model{.capacity = *rc::gen::inRange(1u, 4u), .overflow = policy};
          const auto history = *any_queue_history(model, true);
          const auto found = fifo_monitor::judge(
              events_of(history),
              {.rules = {.capacity = model.capacity, .overflow = policy}, .is_complete = false});
          const bool legal =
              spec::check_linearizable(model, std::span(history)).verdict == verdict::legal;
          RC_TAG(legal           ? "legal"
                 : found.empty() ? "illegal, only the search knows"
                                 : "illegal, and noticed");
          guard.require(!legal || found.empty(), "false alarm", [&] { return words_of(found); });
        }));
  }
}

// Each rule broken by hand. A legal base: two senders, capacity 2, one control message.

struct events_by_hand {
  std::vector<event> events;
  spec::monitor_options options{.rules = {.capacity = 2, .scheduled_by_hook = true}};

  event& add(event_kind kind, std::int64_t called, std::int64_t returned, std::uint64_t id = 0,
             std::uint32_t thread = 0) {
    return events.emplace_back(
        event{.id = id, .called = called, .returned = returned, .thread = thread, .kind = kind});
  }
  [[nodiscard]] std::string broken_rules() const {
    std::string rules;
    for (const auto& v : fifo_monitor::judge(events, options)) {
      rules += (rules.empty() ? "" : ", ") + std::string(v.rule);
    }
    return rules;
  }
};

events_by_hand legal_base() {
  events_by_hand h;
  h.add(event_kind::send, 0, 5, 1, 1);
  h.add(event_kind::schedule, 4, 4, 0, 1);
  h.add(event_kind::send, 6, 9, 2, 1);
  h.add(event_kind::send_control, 7, 8, 1, 2);
  h.add(event_kind::send, 10, 11, 3, 2).result = send_result::busy;
  h.add(event_kind::receive, 20, 25);
  h.add(event_kind::hand_out_control, 20, 25, 1);
  h.add(event_kind::hand_out, 20, 25, 1);
  h.add(event_kind::receive, 30, 31);
  h.add(event_kind::hand_out, 30, 31, 2);
  h.add(event_kind::idle, 40, 41);
  h.add(event_kind::close, 50, 52, 0, 1).first = true;
  h.add(event_kind::schedule, 51, 51, 0, 1);
  h.add(event_kind::send, 60, 61, 4, 2).result = send_result::closed;
  h.add(event_kind::finished, 70, 71);
  return h;
}

event& find(events_by_hand& h, event_kind kind, std::uint64_t id = 0) {
  return *std::ranges::find_if(h.events,
                               [=](const event& e) { return e.kind == kind && e.id == id; });
}

TEST(fifo_monitor, finds_nothing_in_a_legal_history) { EXPECT_EQ(legal_base().broken_rules(), ""); }

TEST(fifo_monitor, m1_a_message_that_comes_twice_or_from_nowhere_or_not_at_all) {
  auto twice = legal_base();
  twice.add(event_kind::hand_out, 70, 71, 2);
  EXPECT_EQ(twice.broken_rules(), "M1 once");
  auto nowhere = legal_base();
  find(nowhere, event_kind::hand_out, 2).id = 77;
  EXPECT_EQ(nowhere.broken_rules(), "M1 once, M5 emptiness");
  auto refused = legal_base();
  refused.add(event_kind::hand_out, 30, 31, 3);
  EXPECT_EQ(refused.broken_rules(), "M1 once");
  auto too_early = legal_base();
  find(too_early, event_kind::send, 2).called = 32;
  find(too_early, event_kind::send, 2).returned = 33;
  EXPECT_EQ(too_early.broken_rules(), "M1 once, M4 room");
  auto silent_drop = legal_base();
  find(silent_drop, event_kind::send, 3).result = send_result::dropped;
  EXPECT_EQ(silent_drop.broken_rules(), "M1 once");
}

TEST(fifo_monitor, m2_and_m3_a_message_that_is_overtaken) {
  auto h = legal_base();
  std::swap(find(h, event_kind::hand_out, 1).id, find(h, event_kind::hand_out, 2).id);
  EXPECT_EQ(h.broken_rules(), "M2 sender, M3 order");
  find(h, event_kind::send, 2).thread = 3;  // two senders, one after the other
  EXPECT_EQ(h.broken_rules(), "M3 order");
  find(h, event_kind::send, 2).called = 5;  // they overlap
  EXPECT_EQ(h.broken_rules(), "");
}

TEST(fifo_monitor, m4_refused_with_room_and_accepted_without) {
  auto with_room = legal_base();
  find(with_room, event_kind::send, 3).called = 45;
  find(with_room, event_kind::send, 3).returned = 46;
  EXPECT_EQ(with_room.broken_rules(), "M4 room");
  auto without = legal_base();
  without.options.rules.capacity = 1;
  EXPECT_EQ(without.broken_rules(), "M4 room");
  auto evicted = legal_base();
  event& letter = evicted.add(event_kind::letter, 26, 27, 9, 4);
  letter.why = drop_reason::oldest;
  evicted.add(event_kind::send, 1, 3, 9, 4);
  evicted.options.rules.capacity = 4;
  EXPECT_EQ(evicted.broken_rules(), "M4 room");
}

TEST(fifo_monitor, m5_idle_while_a_message_waits) {
  auto h = legal_base();
  find(h, event_kind::idle).called = 26;
  find(h, event_kind::idle).returned = 29;
  EXPECT_EQ(h.broken_rules(), "M5 emptiness");
}

TEST(fifo_monitor, m6_a_close_that_is_not_one) {
  auto accepted_after = legal_base();
  find(accepted_after, event_kind::send, 4).result = send_result::busy;
  EXPECT_EQ(accepted_after.broken_rules(), "M4 room, M6 close");
  auto refused_before = legal_base();
  find(refused_before, event_kind::send, 3).result = send_result::closed;
  EXPECT_EQ(refused_before.broken_rules(), "M6 close");
  auto twice = legal_base();
  twice.add(event_kind::close, 55, 56).first = true;
  EXPECT_EQ(twice.broken_rules(), "M6 close");
  auto unfinished = legal_base();
  find(unfinished, event_kind::finished).called = 42;
  find(unfinished, event_kind::finished).returned = 43;
  EXPECT_NE(unfinished.broken_rules().find("M6 close"), std::string::npos);
}

TEST(fifo_monitor, m7_a_control_message_that_waits_behind_others) {
  auto h = legal_base();
  auto& control = find(h, event_kind::hand_out_control, 1);
  std::rotate(h.events.begin() + (&control - h.events.data()),
              h.events.begin() + (&control - h.events.data()) + 1, h.events.end());
  h.events.back().called = 42;
  h.events.back().returned = 43;
  h.events.insert(h.events.end() - 1,
                  event{.called = 42, .returned = 43, .kind = event_kind::receive});
  EXPECT_NE(h.broken_rules().find("M7 control"), std::string::npos) << h.broken_rules();
  h.add(event_kind::send_control, 6, 60, 2, 3);  // on its way all the time, perhaps in front of it
  EXPECT_EQ(h.broken_rules().find("M7 control"), std::string::npos) << h.broken_rules();
}

TEST(fifo_monitor, m8_a_consumer_that_is_started_twice_or_not_at_all) {
  auto twice = legal_base();
  twice.add(event_kind::schedule, 8, 8, 0, 2);
  EXPECT_EQ(twice.broken_rules(), "M8 start");
  auto never = legal_base();
  never.events.erase(never.events.begin() + 12);  // close's
  EXPECT_EQ(never.broken_rules(), "M8 start");
  auto asleep = legal_base();
  asleep.events.resize(11);  // up to idle
  asleep.add(event_kind::send, 42, 43, 9, 2);
  asleep.add(event_kind::letter, 90, 91, 9).why = drop_reason::shutdown;
  EXPECT_EQ(asleep.broken_rules(), "M8 start");
}

TEST(fifo_monitor, judges_a_long_history_in_little_time) {
  std::vector<event> events;
  constexpr std::uint64_t count = 200'000;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto at = static_cast<std::int64_t>(10 * i);
    events.push_back({.id = i,
                      .called = at,
                      .returned = at + 25,
                      .thread = static_cast<std::uint32_t>(1 + i % 4)});
  }
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto at = static_cast<std::int64_t>(10 * i + 30);
    events.push_back({.called = at, .returned = at + 5, .kind = event_kind::receive});
    events.push_back({.id = i, .called = at, .returned = at + 5, .kind = event_kind::hand_out});
  }
  EXPECT_EQ(words_of(fifo_monitor::judge(events, {.rules = {.capacity = 16}})), "");
}

}  // namespace
}  // namespace jacquard::property
