// checks/high_water.hpp: each time that the high-water mark is reached there is one alarm: none is missed, none comes
// twice, and the next time is another one.
//
// Claims   high_water: I6 of linked_lane, and of locked_lane     channel_high_water: I6 of channel
//          inbox_high_water: I5, E2 of inbox_bound
// Threads  0 takes (of a channel, the last), the others send; each notes what it did (water_history.hpp)
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include <jacquard/actor/inbox.hpp>
#include <jacquard/actor/inbox_bound.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/queue/linked_lane.hpp>
#include <jacquard/queue/locked_lane.hpp>

#include <checks/kinds.hpp>
#include <checks/water_history.hpp>

namespace jacquard::checks {

struct linked_lane {
  template <class T, sync::policy Sync>
  using lane = basic_linked_lane<T, Sync>;
};
struct locked_lane {
  template <class T, sync::policy Sync>
  using lane = basic_locked_lane<T, Sync>;
};

/// `Before` letters wait when it begins. Thread 0 takes up to `Taken`, one at a time; the others push one each.
template <sync::policy Sync, class Kind, unsigned Senders, unsigned Before, unsigned Taken,
          std::uint32_t High, std::uint32_t Low>
class high_water {
 public:
  static constexpr unsigned thread_count = Senders + 1;

  void before() {
    for (unsigned i = 0; i < Before; ++i) {
      Sync::require(push() == (i + 1 == High), "I6: wrong before anybody else came");
    }
  }
  void thread(unsigned index) {
    if (index != 0) return history_.sent(index, push());
    for (unsigned i = 0; i < Taken; ++i) history_.taken(0, take(1));
  }
  void after() {
    Sync::require(history_.explained(marks, Before, Before < High),
                  "I6: no order of sends and takes explains who had an alarm");
    while (take(batch_max) != 0) {
    }
    int alarms = 0;
    for (std::uint32_t i = 0; i < High; ++i) alarms += push() ? 1 : 0;
    Sync::require(alarms == 1, "I6: the mark was reached again, and that is one alarm");
  }

 private:
  static constexpr water_marks marks{.high = High, .low = Low};

  bool push() {
    letter one{.number = 1};
    const push_result pushed = lane_.push(one);
    Sync::require(pushed == push_result::queued || pushed == push_result::queued_alarm,
                  "I5: refused although there is room");
    return is_alarm(pushed);
  }
  std::uint32_t take(std::uint32_t limit) {
    const std::uint32_t taken = lane_.pop(limit, [](letter&&) {});
    lane_.settle();
    return taken;
  }

  typename Kind::template lane<letter, Sync> lane_{Before + Senders + High, true, false, marks};
  water_history<thread_count, Taken + 1> history_;
};

/// The same of a channel: a hook is told, and who called it is not asked.
template <sync::policy Sync, unsigned Senders, unsigned Taken, std::uint32_t High,
          std::uint32_t Low>
class channel_high_water {
 public:
  static constexpr unsigned thread_count = Senders + 1;

  void thread(unsigned index) {
    if (index != Senders) {
      send(index);
      return history_.sent(index, false);
    }
    for (unsigned i = 0; i < Taken; ++i) history_.taken(index, take());
  }
  void after() {
    const int alarms = told();
    Sync::require(history_.explained({.high = High, .low = Low}, 0, true, alarms),
                  "I6: no order of sends and takes explains how many alarms there were");
    Sync::require(channel_.high_water_alarms() == static_cast<std::uint64_t>(alarms),
                  "I6: alarms are counted");
    while (take() != 0) {
    }
    for (std::uint32_t i = 0; i < High; ++i) send(Senders + i);
    Sync::require(told() == alarms + 1, "I6: the mark was reached again, and that is one alarm");
  }

 private:
  using post = sync::cell<Sync, unsigned>;

  void send(unsigned number) {
    posts_[number].with_mut([](unsigned& content) { content = 1; });
    Sync::require(channel_.try_send(&posts_[number]) == send_result::accepted,
                  "I6: refused although there is room");
  }
  std::uint32_t take() {
    auto got = channel_.try_receive();
    return got ? (*got)->with([](const unsigned& content) { return content; }) : 0;
  }
  int told() const { return static_cast<int>(told_.load(std::memory_order::relaxed)); }
  static void count(void* who) noexcept {
    static_cast<channel_high_water*>(who)->told_.fetch_add(1, std::memory_order::relaxed);
  }

  sync::atomic<Sync, std::uint32_t> told_{0};
  std::array<post, Senders + High> posts_;
  basic_channel<post*, Sync, typename Sync::mutex> channel_{
      {.capacity = Senders + High,
       .high_water = High,
       .low_water = Low,
       .on_high_water = {.call = &count, .who = this}}};
  water_history<thread_count, Taken + 1> history_;
};

/// A bound with marks. `Before` places are taken when it begins; thread 0 gives them back, the others claim.
template <sync::policy Sync, unsigned Senders, unsigned Before, std::uint32_t High,
          std::uint32_t Low, class Bound = basic_inbox_bound<Sync>>
class inbox_high_water {
 public:
  static constexpr unsigned thread_count = Senders + 1;

  void before() {
    bound_.set(unbounded, overflow::reject, 0, marks);
    for (unsigned i = 0; i < Before; ++i)
      Sync::require(claim() == (i + 1 == High), "I5: wrong before anybody else came");
  }
  void thread(unsigned index) {
    if (index != 0) return history_.sent(index, claim());
    for (unsigned i = 0; i < Before; ++i) {
      bound_.give_back();
      history_.taken(0, 1);
    }
  }
  void after() {
    Sync::require(history_.explained(marks, Before, Before < High),
                  "I5: no order of claims and places given back explains who had an alarm");
    while (bound_.waiting() != 0) bound_.give_back();
    int alarms = 0;
    for (std::uint32_t i = 0; i < High; ++i) alarms += claim() ? 1 : 0;
    Sync::require(alarms == 1, "I5: the mark was reached again, and that is one alarm");
  }

 private:
  static constexpr water_marks marks{.high = High, .low = Low};

  bool claim() {
    bool alarm = false;
    Sync::require(bound_.claim(alarm), "I5: refused although it has no bound");
    return alarm;
  }

  Bound bound_;
  water_history<thread_count, Before + 1> history_;
};

/// Senders claim and push a letter each, run the consumer when told to, and that takes the letters out.
template <sync::policy Sync, unsigned Senders, unsigned Letters, std::uint32_t High,
          std::uint32_t Low>
class inbox_high_water_run {
 public:
  static constexpr unsigned thread_count = Senders;

  void before() {
    bound_.set(unbounded, overflow::reject, 0, {.high = High, .low = Low});
    inbox_.reopen(false);
  }
  void thread(unsigned index) {
    for (unsigned i = 0; i < Letters; ++i) {
      bool alarm = false;
      (void)bound_.claim(alarm);
      history_.sent(index, alarm);
      if (inbox_.push(posts_[index][i]) == push_result::queued_schedule) consume(index);
    }
  }
  void after() {
    Sync::require(history_.explained({.high = High, .low = Low}, 0, true),
                  "I5: no order of sends and takes explains who had an alarm");
    Sync::require(bound_.waiting() == 0, "I2: a place was not given back");
  }

 private:
  struct alignas(8) post {
    sync::cell<Sync, post*> next{nullptr};
  };

  void consume(unsigned index) {
    for (;;) {
      while (inbox_.take() != nullptr) {
        bound_.give_back();
        history_.taken(index, 1);
      }
      if (inbox_.try_idle() == idle_result::idle) return;
    }
  }

  basic_inbox_bound<Sync> bound_;
  basic_inbox<post, Sync> inbox_;
  std::array<std::array<post, Letters>, Senders> posts_;
  water_history<thread_count, Letters + Senders * Letters> history_;
};

}  // namespace jacquard::checks
