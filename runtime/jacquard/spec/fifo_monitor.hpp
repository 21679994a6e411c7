// jacquard/spec/fifo_monitor.hpp: judges a recorded history of a mailbox in O(n log n).
//
// Messages carry unique ids, so there is nothing to search for: a history is wrong exactly where one of the
// patterns below occurs. M1, M3 and M5 together are linearizability of an unbounded queue (the patterns of
// Henzinger, Sezgin and Vafeiadis 2013, and Bouajjani et al. 2015). The rules about room are necessary, not
// sufficient: a bound may be broken in ways that only a search sees (spec/linearizability.hpp).
//
//   M1  once       What is handed out or lettered was sent, was not refused, comes once, and not before it
//                  was sent. At the end nothing accepted is missing.
//   M2  sender     Messages of one sender leave in the order in which they were sent.
//   M3  order      No message is overtaken by one whose send started after its own had returned.
//   M4  room       busy, dropped, deadline and evictions only where `capacity` messages may have been waiting;
//                  never more than `capacity` that certainly were. (overflow::drop_oldest may also say
//                  busy while the place it needs is in the hands of who takes its message out.)
//   M5  emptiness  idle and finished only where the mailbox may have been empty.
//   M6  close      One call closes. Nothing that starts after it returned is accepted, or refused for another
//                  reason than closed or too_large; closed is never answered before it was called. finished
//                  comes after it, and is the end.
//   M7  control    A control message that was sent before a receive is handed out before that receive's
//                  messages, unless 16 others were, or an earlier control send was still on its way.
//   M8  start      The schedule hook is called once after each idle, and once at first; no consumer runs
//                  before it; nothing sleeps with an idle consumer.
//
// Checked by property_tests/fifo_monitor.test.cpp: against the linearizability search, and by histories with
// one thing wrong for each rule.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <jacquard/spec/history.hpp>
#include <jacquard/spec/mailbox_spec.hpp>
#include <jacquard/spec/step_function.hpp>

namespace jacquard::spec {

/// A broken rule: which, in words, and the messages it is about (0: none).
struct violation {
  const char* rule;
  std::string words;
  std::uint64_t message = 0;
  std::uint64_t other = 0;
};

/// What a monitor is told beside the history.
struct monitor_options {
  mailbox_rules rules = {};
  /// Every accepted message was handed out or lettered before the history ends: the mailbox was destroyed.
  bool is_complete = true;
};

/// Judges histories of one consumer at a time. The consumer's events are in the order in which they happened
/// even where several threads took turns: give them one log. Every operation has returned. Not thread-safe.
class fifo_monitor {
 public:
  /// The first violation of each rule; empty where the history is a mailbox's.
  [[nodiscard]] static std::vector<violation> judge(std::span<const event> history,
                                                    const monitor_options& options);

 private:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  struct message {
    const event* sent = nullptr;
    const event* left = nullptr;  // handed out, evicted, or lettered at the end
    std::size_t position = 0;     // in the consumer's order, where handed out
    std::size_t receive = none;   // which receive handed it out
  };
  struct receive_call {
    std::int64_t called;
    std::uint32_t messages = 0;
    std::uint32_t control = 0;
  };
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  fifo_monitor(std::span<const event> history, const monitor_options& options)
      : history_(history), options_(options) {}

  void collect();
  void check_once();
  void check_order(const std::vector<message>& lane);
  void check_room();
  void check_room_of(const std::vector<message>& lane, std::uint32_t capacity);
  void check_emptiness();
  void check_close();
  void check_control_first();
  void check_starts();
  [[nodiscard]] bool may_be_held_up(const message& m, std::int64_t moment) const;

  void report(const char* rule, std::string words, std::uint64_t a = 0, std::uint64_t b = 0) {
    for (const violation& v : found_) {
      if (v.rule == rule) return;
    }
    found_.push_back({rule, std::move(words), a, b});
  }

  static std::string name(std::uint64_t id) { return "message " + std::to_string(id); }
  static std::string span_of(const event& e) {
    return "[" + std::to_string(e.called) + ", " + std::to_string(e.returned) + "]";
  }
  static bool entered(const message& m) { return m.sent->result == send_result::accepted; }
  static std::int64_t left_called(const message& m) { return m.left ? m.left->called : never; }
  static std::int64_t left_returned(const message& m) { return m.left ? m.left->returned : never; }

  std::span<const event> history_;
  const monitor_options& options_;
  std::vector<violation> found_;
  std::unordered_map<std::uint64_t, std::size_t> index_;
  std::unordered_map<std::uint64_t, std::size_t> control_index_;
  std::vector<message> messages_;
  std::vector<message> control_;
  std::vector<receive_call> receives_;

 public:
  static constexpr const char* once = "M1 once";
  static constexpr const char* sender = "M2 sender";
  static constexpr const char* order = "M3 order";
  static constexpr const char* room = "M4 room";
  static constexpr const char* emptiness = "M5 emptiness";
  static constexpr const char* closing = "M6 close";
  static constexpr const char* control_first = "M7 control";
  static constexpr const char* start = "M8 start";
};

inline std::vector<violation> fifo_monitor::judge(std::span<const event> history,
                                                  const monitor_options& options) {
  fifo_monitor monitor(history, options);
  monitor.collect();
  monitor.check_once();
  monitor.check_order(monitor.messages_);
  monitor.check_order(monitor.control_);
  monitor.check_room();
  monitor.check_emptiness();
  monitor.check_close();
  monitor.check_control_first();
  monitor.check_starts();
  return std::move(monitor.found_);
}

// Finds each message's send and how it left. Ids that were never sent, and second departures, are M1.
inline void fifo_monitor::collect() {
  index_.reserve(history_.size());
  for (const event& e : history_) {
    if (e.kind != event_kind::send && e.kind != event_kind::send_control) continue;
    const bool is_control = e.kind == event_kind::send_control;
    auto& lane = is_control ? control_ : messages_;
    if (!(is_control ? control_index_ : index_).try_emplace(e.id, lane.size()).second) {
      report(once, name(e.id) + " was sent twice: ids must be unique", e.id);
      continue;
    }
    lane.push_back({.sent = &e});
  }
  std::size_t position = 0;
  for (const event& e : history_) {
    if (e.kind == event_kind::receive) receives_.push_back({.called = e.called});
    const bool is_control = e.kind == event_kind::hand_out_control;
    if (!is_control && e.kind != event_kind::hand_out && e.kind != event_kind::letter) continue;
    const auto& index = is_control ? control_index_ : index_;
    const auto at = index.find(e.id);
    if (at == index.end()) {
      report(once, name(e.id) + " was never sent", e.id);
      continue;
    }
    message& m = (is_control ? control_ : messages_)[at->second];
    if (m.left != nullptr) {
      report(once, name(e.id) + " left twice: " + span_of(*m.left) + " and " + span_of(e), e.id);
      continue;
    }
    m.left = &e;
    if (e.kind == event_kind::letter) continue;
    m.position = ++position;
    if (receives_.empty()) continue;
    m.receive = receives_.size() - 1;
    ++(is_control ? receives_.back().control : receives_.back().messages);
  }
}

inline void fifo_monitor::check_once() {
  for (const auto* lane : {&messages_, &control_}) {
    for (const message& m : *lane) {
      const event& sent = *m.sent;
      const bool is_control = lane == &control_;
      if (m.left != nullptr && m.left->returned < sent.called) {
        report(
            once,
            name(sent.id) + " left in " + span_of(*m.left) + ", before its send " + span_of(sent),
            sent.id);
      }
      const bool lettered = m.left != nullptr && m.left->kind == event_kind::letter;
      if (sent.result == send_result::dropped) {
        if (!lettered || m.left->why != drop_reason::newest) {
          report(once, name(sent.id) + " was dropped and has no letter that says so", sent.id);
        }
      } else if (sent.result != send_result::accepted) {
        if (m.left != nullptr) {
          report(once, name(sent.id) + " was refused (" + to_string(sent.result) + ") and left",
                 sent.id);
        }
      } else if (lettered && m.left->why == drop_reason::newest) {
        report(once, name(sent.id) + " was accepted and lettered as newest", sent.id);
      } else if (m.left == nullptr && options_.is_complete && !is_control) {
        report(once, name(sent.id) + " was accepted and is missing", sent.id);
      }
    }
  }
}

inline void fifo_monitor::check_order(const std::vector<message>& lane) {
  std::vector<const message*> handed;
  std::vector<const message*> by_left_called;
  std::vector<const message*> by_left_returned;
  for (const message& m : lane) {
    if (!entered(m)) continue;
    by_left_called.push_back(&m);
    if (m.left != nullptr) by_left_returned.push_back(&m);
    if (m.position != 0) handed.push_back(&m);
  }
  std::ranges::sort(handed, {}, [](const message* m) { return m->position; });

  // M2, and M3 within the consumer's own order: from the back, the earliest return of what came later.
  std::unordered_map<std::uint32_t, const message*> last_of_sender;
  const message* earliest = nullptr;
  for (const message* const m : handed) {
    const message*& last = last_of_sender[m->sent->thread];
    if (last != nullptr && last->sent->called > m->sent->called) {
      report(sender,
             name(last->sent->id) + " left before " + name(m->sent->id) +
                 ", which the same sender sent first",
             last->sent->id, m->sent->id);
    }
    last = m;
  }
  for (std::size_t i = handed.size(); i-- > 0;) {
    const message* const m = handed[i];
    if (earliest != nullptr && earliest->sent->returned < m->sent->called) {
      report(order,
             name(m->sent->id) + ", sent " + span_of(*m->sent) + ", was handed out before " +
                 name(earliest->sent->id) + ", sent " + span_of(*earliest->sent),
             m->sent->id, earliest->sent->id);
    }
    if (earliest == nullptr || m->sent->returned < earliest->sent->returned) earliest = m;
  }

  // M3 for departures of every kind: when a's begins, no b that was sent after a may have left already.
  std::ranges::sort(by_left_called, {}, [](const message* m) { return left_called(*m); });
  std::ranges::sort(by_left_returned, {}, [](const message* m) { return left_returned(*m); });
  const message* latest = nullptr;
  std::size_t next = 0;
  for (const message* const a : by_left_called) {
    for (;
         next < by_left_returned.size() && left_returned(*by_left_returned[next]) < left_called(*a);
         ++next) {
      const message* const b = by_left_returned[next];
      if (latest == nullptr || b->sent->called > latest->sent->called) latest = b;
    }
    if (latest == nullptr || latest->sent->called <= a->sent->returned) continue;
    if (a->left == nullptr && &lane == &control_ && options_.is_complete) continue;  // destroyed
    report(order,
           name(latest->sent->id) + ", sent " + span_of(*latest->sent) + ", left in " +
               span_of(*latest->left) + ", before " + name(a->sent->id) + ", sent " +
               span_of(*a->sent),
           latest->sent->id, a->sent->id);
  }
}

inline void fifo_monitor::check_room() {
  check_room_of(messages_, options_.rules.capacity);
  check_room_of(control_, options_.rules.control_capacity);
}

inline void fifo_monitor::check_room_of(const std::vector<message>& lane, std::uint32_t capacity) {
  step_function certain(step_function::ends::excluded);
  step_function possible(step_function::ends::included);
  step_function leaving(step_function::ends::included);
  for (const message& m : lane) {
    if (!entered(m)) continue;
    certain.add(m.sent->returned, left_called(m));
    possible.add(m.sent->called, left_returned(m));
    if (m.left != nullptr) leaving.add(m.left->called, m.left->returned);
  }
  certain.build();
  possible.build();
  leaving.build();
  const bool bounded = capacity != unbounded;
  const auto limit = static_cast<std::int32_t>(bounded ? capacity : 0);
  if (bounded && certain.greatest() > limit) {
    const auto [at, count] = certain.first_above(limit);
    report(room, std::to_string(count) + " messages waited at " + std::to_string(at) +
                     ", the capacity is " + std::to_string(capacity));
  }
  const auto must_be_full = [&](const event& e, std::int32_t least, const char* what) {
    const std::int32_t most = possible.over(e.called, e.returned).greatest;
    if (bounded && most >= least) return;
    report(room,
           name(e.id) + " " + span_of(e) + " was " + what + " where at most " +
               std::to_string(most) + " of " + (bounded ? std::to_string(capacity) : "any number") +
               " waited",
           e.id);
  };
  for (const message& m : lane) {
    const send_result r = m.sent->result;
    if (r == send_result::busy && options_.rules.overflow == overflow::drop_oldest &&
        leaving.over(m.sent->called, m.sent->returned).greatest > 0) {
      continue;  // the place it needs was being vacated
    }
    if (r == send_result::busy || r == send_result::dropped || r == send_result::deadline ||
        r == send_result::would_deadlock) {
      must_be_full(*m.sent, limit, to_string(r));
    }
    // The evicting sender's own message is counted too, and did not wait yet.
    if (m.left != nullptr && m.left->kind == event_kind::letter &&
        m.left->why == drop_reason::oldest) {
      must_be_full(*m.left, limit + (m.left->result == send_result::accepted ? 1 : 0), "evicted");
    }
  }
}

inline void fifo_monitor::check_emptiness() {
  step_function certain(step_function::ends::excluded);
  for (const auto* lane : {&messages_, &control_}) {
    for (const message& m : *lane) {
      if (entered(m)) certain.add(m.sent->returned, left_called(m));
    }
  }
  certain.build();
  for (const event& e : history_) {
    if (e.kind != event_kind::idle && e.kind != event_kind::finished) continue;
    const std::int32_t least = certain.over(e.called, e.returned).least;
    if (least <= 0) continue;
    report(emptiness, std::string(e.kind == event_kind::idle ? "idle " : "finished ") + span_of(e) +
                          " with at least " + std::to_string(least) + " waiting");
  }
}

inline void fifo_monitor::check_close() {
  const event* first = nullptr;
  std::int64_t called = never;
  std::int64_t returned = never;
  for (const event& e : history_) {
    if (e.kind != event_kind::close) continue;
    called = std::min(called, e.called);
    returned = std::min(returned, e.returned);
    if (!e.first) continue;
    if (first != nullptr) report(closing, "two calls of close were the first");
    first = &e;
  }
  if (called != never && first == nullptr) report(closing, "no call of close was the first");
  if (first != nullptr && returned < first->called) {
    report(closing, "close " + span_of(*first) + " was the first, and another had returned");
  }
  std::int64_t finished = never;
  for (const event& e : history_) {
    if (e.kind != event_kind::finished) continue;
    finished = std::min(finished, e.returned);
    if (e.returned < called) report(closing, "finished " + span_of(e) + " before it was closed");
  }
  for (const auto* lane : {&messages_, &control_}) {
    for (const message& m : *lane) {
      const event& sent = *m.sent;
      if (sent.result == send_result::closed && sent.returned < called) {
        report(closing, name(sent.id) + " was refused as closed before close was called", sent.id);
      }
      if (sent.called > returned && sent.result != send_result::closed &&
          sent.result != send_result::too_large) {
        report(closing,
               name(sent.id) + " was sent after close and answered " + to_string(sent.result),
               sent.id);
      }
      if (m.left != nullptr && m.left->kind != event_kind::letter && m.left->called > finished) {
        report(closing, name(sent.id) + " was handed out after the end", sent.id);
      }
    }
  }
}

// Whether a control send that began earlier may still have been on its way at `moment`: what is behind it in
// the lane waits for it.
inline bool fifo_monitor::may_be_held_up(const message& m, std::int64_t moment) const {
  return std::ranges::any_of(control_, [&](const message& other) {
    return &other != &m && entered(other) && other.sent->called <= m.sent->returned &&
           other.sent->returned >= moment;
  });
}

inline void fifo_monitor::check_control_first() {
  // next_open[i]: the first receive from i on that handed out messages and had room for control ones.
  std::vector<std::size_t> next_open(receives_.size() + 1, none);
  for (std::size_t i = receives_.size(); i-- > 0;) {
    const bool open =
        receives_[i].messages > 0 && receives_[i].control < mailbox_spec<>::control_batch;
    next_open[i] = open ? i : next_open[i + 1];
  }
  for (const message& m : control_) {
    if (!entered(m)) continue;
    const auto after =
        std::ranges::upper_bound(receives_, m.sent->returned, {}, &receive_call::called);
    auto passed = next_open[static_cast<std::size_t>(after - receives_.begin())];
    for (; passed != none && (m.receive == none || m.receive > passed);
         passed = next_open[passed + 1]) {
      if (may_be_held_up(m, receives_[passed].called)) continue;
      report(control_first,
             "control " + name(m.sent->id) + ", sent " + span_of(*m.sent) +
                 ", waited while a receive called at " + std::to_string(receives_[passed].called) +
                 " handed out messages",
             m.sent->id);
      break;
    }
  }
  // Within one receive, control messages come first.
  bool messages_began = false;
  for (const event& e : history_) {
    if (e.kind == event_kind::receive) messages_began = false;
    if (e.kind == event_kind::hand_out) messages_began = true;
    if (e.kind == event_kind::hand_out_control && messages_began) {
      report(control_first, "control " + name(e.id) + " came after a message of its batch", e.id);
    }
  }
}

inline void fifo_monitor::check_starts() {
  if (!options_.rules.scheduled_by_hook) return;
  std::vector<const event*> starts;
  std::vector<const event*> consumer;  // idle, receive, finished in order
  for (const event& e : history_) {
    if (e.kind == event_kind::schedule) starts.push_back(&e);
    if (e.kind == event_kind::idle || e.kind == event_kind::receive ||
        e.kind == event_kind::finished) {
      consumer.push_back(&e);
    }
  }
  std::ranges::sort(starts, {}, &event::called);
  std::size_t activation = 0;
  for (const event* const e : consumer) {
    if (activation >= starts.size()) {
      report(start, "the consumer ran at " + span_of(*e) + " and was not started");
      return;
    }
    if (e->returned < starts[activation]->called) {
      report(start, "the consumer ran at " + span_of(*e) + " before it was started " +
                        span_of(*starts[activation]));
    }
    if (e->kind != event_kind::idle) continue;
    ++activation;
    if (activation < starts.size() && starts[activation]->returned < e->called) {
      report(start, "the consumer was started " + span_of(*starts[activation]) +
                        " and had not gone idle " + span_of(*e));
    }
  }
  if (activation + 1 < starts.size()) {
    report(start, "the consumer was started " + std::to_string(starts.size()) +
                      " times and went idle " + std::to_string(activation) + " times");
  }
  if (activation < starts.size()) return;
  const std::int64_t gave_up = consumer.empty() ? 0 : consumer.back()->called;
  for (const auto* lane : {&messages_, &control_}) {
    for (const message& m : *lane) {
      const bool taken = m.left != nullptr && (m.left->kind != event_kind::letter ||
                                               m.left->why != drop_reason::shutdown);
      if (entered(m) && !taken) {
        report(start,
               name(m.sent->id) + ", sent " + span_of(*m.sent) +
                   ", slept with a consumer that went idle at " + std::to_string(gave_up),
               m.sent->id);
      }
    }
  }
}

}  // namespace jacquard::spec
