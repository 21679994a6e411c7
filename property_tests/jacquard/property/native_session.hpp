// jacquard/property/native_session.hpp: one mailbox, real threads, everything recorded.
//
// Senders send messages and control messages and close; the consumer is one thread that waits, or workers
// that a schedule hook starts, whichever is free. Afterwards the mailbox is destroyed and the whole history
// goes to spec/fifo_monitor.hpp.
//
// Moments come from the steady clock, between two full fences: an operation has happened, for every other
// thread, when its return is noted, and has not begun when its call is. The fences order nothing for the
// mailbox that its own operations do not (and a race detector does not take them for order).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <jacquard/property/mailbox_commands.hpp>
#include <jacquard/property/parcel.hpp>
#include <jacquard/spec/fifo_monitor.hpp>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace jacquard::property {

/// Nanoseconds. Anything that happened before in this thread is visible to all; nothing after has begun.
[[nodiscard]] inline std::int64_t moment() noexcept {
  std::atomic_thread_fence(std::memory_order::seq_cst);
  const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
  std::atomic_thread_fence(std::memory_order::seq_cst);
  return now;
}

/// What a session does.
struct session_plan {
  spec::mailbox_rules rules = {};
  std::uint32_t senders = 3;
  std::uint32_t messages_each = 200;
  std::uint32_t receive_limit = 8;   // [1, 64]
  std::uint32_t control_every = 16;  // one control message after so many; 0: none
  std::uint32_t close_after = 0;     // sender 0 closes after so many of its own; 0: each at its end
  std::uint32_t workers = 2;         // consumers that take turns, where a hook schedules them
  std::uint64_t seed = 1;            // of the pauses
};

/// What came of it.
struct session_record {
  std::vector<spec::event> history;
  std::vector<spec::violation> violations;
  std::uint64_t sent[7] = {};  // messages, by send_result
  std::uint64_t received = 0;
  std::uint64_t control_received = 0;
  std::uint64_t receives = 0;
  std::uint64_t starts = 0;
  std::int64_t leaked = 0;
  std::string miscounted;  // what the counters and the history disagree in; empty: nothing
};

/// Counts and judges what a session recorded; `counters` are the mailbox's own at the end.
[[nodiscard]] session_record judge_session(const session_plan& plan,
                                           std::vector<spec::event> history,
                                           const mailbox_counters& counters);

/// Runs one session with real threads. Blocks until it is over: a consumer that is never started is given up
/// after two seconds, and the history shows it.
template <class Box>
class native_session {
 public:
  [[nodiscard]] static session_record run(const session_plan& plan) {
    native_session session(plan);
    return session.play();
  }

 private:
  using log = spec::event_log;
  using kind = spec::event_kind;
  static constexpr auto patience = std::chrono::seconds{2};

  struct pauses {
    std::uint64_t state;
    std::uint64_t next() {
      std::uint64_t z = (state += 0x9e37'79b9'7f4a'7c15u);
      z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
      return z ^ (z >> 27);
    }
    void operator()() {
      const std::uint64_t z = next() % 64;
      if (z == 0) std::this_thread::yield();
      if (z < 8) {
        for (std::uint64_t i = 0; i < 20 * z; ++i) sync::native::spin_hint();
      }
    }
  };
  template <class... F>
  struct overloaded : F... {
    using F::operator()...;
  };
  template <class... F>
  overloaded(F...) -> overloaded<F...>;

  explicit native_session(const session_plan& plan) : plan_(plan) {
    typename Box::options_type options{.capacity = plan.rules.capacity,
                                       .control_capacity = plan.rules.control_capacity,
                                       .overflow = plan.rules.overflow,
                                       .block_for = std::chrono::microseconds{200},
                                       .payload_bytes_max = plan.rules.payload_bytes_max};
    if (plan.rules.scheduled_by_hook) options.schedule = {.call = on_schedule, .who = this};
    options.dead_letter = {.call = on_dead_letter, .who = this};
    box_ = std::make_unique<Box>(options);
  }

  static void on_schedule(void* who) noexcept {
    auto& session = *static_cast<native_session*>(who);
    const std::int64_t called = moment();
    session.starts_.release();
    mine_->add({.called = called, .returned = moment(), .kind = kind::schedule});
  }
  // Its moments are filled in by whoever runs the operation.
  static void on_dead_letter(void* /*who*/, parcel&& message, drop_reason why) noexcept {
    const parcel taken = std::move(message);
    mine_->add({.id = taken.id(), .kind = kind::letter, .why = why});
  }

  void send(std::uint32_t sender) {
    log& mine = *sender_logs_[sender];
    mine_ = &mine;
    pauses pause{plan_.seed * 1000 + sender};
    const std::uint64_t first_id = (std::uint64_t{sender} + 1) << 32;
    std::uint64_t control_id = first_id;
    for (std::uint32_t i = 0; i < plan_.messages_each; ++i) {
      pause();
      parcel message(ledger_, first_id + i, pause.next() % 100 == 0 ? payload_bytes_limit + 1 : 8);
      const bool tries = plan_.rules.overflow != overflow::block || pause.next() % 4 == 0;
      const std::size_t mark = mine.mark();
      const std::int64_t called = moment();
      const send_result result =
          tries ? box_->try_send(std::move(message)) : box_->send(std::move(message));
      const std::int64_t returned = moment();
      for (spec::event& e : mine.events_from(mark)) {
        if (e.kind != kind::letter) continue;
        e.called = called;
        e.returned = returned;
        e.result = result;
      }
      mine.add({.id = first_id + i,
                .called = called,
                .returned = returned,
                .kind = kind::send,
                .result = result});
      if (result == send_result::busy) std::this_thread::yield();
      if (plan_.control_every != 0 && i % plan_.control_every == plan_.control_every - 1) {
        spec::event e{.id = ++control_id, .called = moment(), .kind = kind::send_control};
        e.result = box_->send_control(signal{e.id});
        e.returned = moment();
        mine.add(e);
      }
      if (sender == 0 && i + 1 == plan_.close_after) close(mine);
    }
    senders_left_.fetch_sub(1);
    if (plan_.close_after != 0) return;
    while (senders_left_.load() > plan_.senders / 2) std::this_thread::yield();
    close(mine);  // several at once: one is the first
  }

  void close(log& mine) {
    spec::event e{.called = moment(), .kind = kind::close};
    e.first = box_->close();
    e.returned = moment();
    mine.add(e);
  }

  enum class after_receive : std::uint8_t { something, nothing, finished };

  template <class Receive>
  after_receive receive_once(log& mine, Receive&& receive) {
    const std::size_t mark = mine.mark();
    mine.add({.kind = kind::receive});
    const auto visit = overloaded{
        [&](parcel&& message) {
          const parcel taken = std::move(message);
          mine.add({.id = taken.id(), .kind = kind::hand_out});
        },
        [&](signal&& message) { mine.add({.id = message.id, .kind = kind::hand_out_control}); }};
    const std::int64_t called = moment();
    const receipt got = receive(visit);
    const std::int64_t returned = moment();
    for (spec::event& e : mine.events_from(mark)) {
      e.called = called;
      e.returned = returned;
    }
    if (got.finished) {
      mine.add({.called = called, .returned = returned, .kind = kind::finished});
      return after_receive::finished;
    }
    return got.any() ? after_receive::something : after_receive::nothing;
  }

  void receive_as_thread() {
    log& mine = activations_.emplace_back(0, expected_events());
    mine_ = &mine;
    pauses pause{plan_.seed};
    const std::int64_t give_up = moment() + std::chrono::nanoseconds(patience).count() * 10;
    for (;;) {
      pause();
      if (receive_once(mine, [&](auto& visit) {
            return box_->receive(plan_.receive_limit, visit);
          }) == after_receive::something) {
        continue;
      }
      const after_receive waited = receive_once(mine, [&](auto& visit) {
        return box_->wait_receive(plan_.receive_limit, visit,
                                  sync::native::after(std::chrono::milliseconds{5}));
      });
      if (waited == after_receive::finished || moment() > give_up) return;
    }
  }

  // Workers take turns: what a worker writes here, the next one sees because the mailbox handed the consumer
  // on. (A race detector checks just that.) Each activation has a log of its own, because its idle is noted
  // when the next may run already.
  void receive_as_worker() {
    pauses pause{plan_.seed};
    while (starts_.try_acquire_for(patience)) {
      if (over_.load()) return;
      log& mine = activations_.emplace_back(0, 64);
      mine_ = &mine;
      for (;;) {
        pause();
        if (receive_once(mine, [&](auto& visit) {
              return box_->receive(plan_.receive_limit, visit);
            }) == after_receive::something) {
          continue;
        }
        const std::int64_t called = moment();
        const idle_result result = box_->try_idle();
        const std::int64_t returned = moment();
        if (result == idle_result::more) {
          std::this_thread::yield();
          continue;
        }
        mine.add({.called = called,
                  .returned = returned,
                  .kind = result == idle_result::idle ? kind::idle : kind::finished});
        if (result == idle_result::idle) break;
        over_.store(true);
        starts_.release(plan_.workers);
        return;
      }
    }
  }

  [[nodiscard]] std::size_t expected_events() const {
    return std::size_t{plan_.senders} * plan_.messages_each * 4 + 64;
  }

  session_record play() {
    for (std::uint32_t i = 0; i < plan_.senders; ++i) {
      sender_logs_.push_back(std::make_unique<log>(i + 1, plan_.messages_each * 3 + 64));
    }
    senders_left_.store(plan_.senders);
    std::vector<std::thread> threads;
    if (plan_.rules.scheduled_by_hook) {
      for (std::uint32_t i = 0; i < plan_.workers; ++i) {
        threads.emplace_back([this] { receive_as_worker(); });
      }
    } else {
      threads.emplace_back([this] { receive_as_thread(); });
    }
    for (std::uint32_t i = 0; i < plan_.senders; ++i) {
      threads.emplace_back([this, i] { send(i); });
    }
    for (std::thread& thread : threads) thread.join();
    const mailbox_counters counters = box_->counters();
    log last(plan_.senders + 1, 64);
    mine_ = &last;
    const std::int64_t called = moment();
    box_.reset();
    const std::int64_t returned = moment();
    for (spec::event& e : last.events_from(0)) {
      e.called = called;
      e.returned = returned;
    }
    return record(last, counters);
  }

  session_record record(const log& last, const mailbox_counters& counters) {
    std::vector<const log*> logs;
    for (const auto& l : sender_logs_) logs.push_back(l.get());
    for (const log& l : activations_) logs.push_back(&l);
    logs.push_back(&last);
    session_record r = judge_session(plan_, spec::merged(logs), counters);
    r.leaked = ledger_.objects.load();
    return r;
  }

  static inline thread_local log* mine_ = nullptr;

  session_plan plan_;
  parcel_ledger ledger_;
  std::vector<std::unique_ptr<log>> sender_logs_;
  std::deque<log> activations_;  // the consumer's; elements do not move
  std::counting_semaphore<> starts_{0};
  std::atomic<std::uint32_t> senders_left_{0};
  std::atomic<bool> over_{false};
  std::unique_ptr<Box> box_;
};

}  // namespace jacquard::property
