// seeded_bugs/broken_marks.hpp: alarms that are missed, come twice, or come once and never again.
#pragma once

#include <atomic>
#include <cstdint>

#include <checks/high_water.hpp>
#include <seeded_bugs/broken_policies.hpp>

namespace jacquard::bugs {

/// Queues first and counts afterwards: where two come at once, both may find one more than the mark.
template <class T, sync::policy Sync>
class counts_afterwards : public basic_linked_lane<T, Sync> {
 public:
  counts_afterwards(std::uint32_t capacity, bool starts_scheduled, bool evicts, water_marks marks)
      : basic_linked_lane<T, Sync>(capacity, starts_scheduled, evicts), marks_(marks) {}
  push_result push(T& message) {
    const push_result result = basic_linked_lane<T, Sync>::push(message);
    return this->pushed() - this->taken() == marks_.high ? with_alarm(result) : result;
  }

 private:
  const water_marks marks_;
};
struct alarm_counts_afterwards {
  template <class T, sync::policy Sync>
  using lane = counts_afterwards<T, Sync>;
};

/// Looks whether it was raised, and says that it is in a second step: two may look before either says so.
template <class T, sync::policy Sync>
class raises_in_two_steps : public basic_linked_lane<T, Sync> {
 public:
  raises_in_two_steps(std::uint32_t capacity, bool starts_scheduled, bool evicts, water_marks marks)
      : basic_linked_lane<T, Sync>(capacity, starts_scheduled, evicts), marks_(marks) {}
  push_result push(T& message) {
    const push_result result = basic_linked_lane<T, Sync>::push(message);
    const std::uint64_t waiting = this->pushed() - this->taken();
    if (waiting <= marks_.low + 1) raised_.store(0, std::memory_order::relaxed);
    if (waiting < marks_.high || raised_.load(std::memory_order::relaxed) != 0) return result;
    raised_.store(1, std::memory_order::relaxed);
    return with_alarm(result);
  }

 private:
  const water_marks marks_;
  sync::atomic<Sync, std::uint32_t> raised_{0};
};
struct alarm_in_two_steps {
  template <class T, sync::policy Sync>
  using lane = raises_in_two_steps<T, Sync>;
};

/// Raised once, and for ever.
template <sync::policy Sync>
struct never_armed_again : basic_inbox_bound<Sync> {
  bool claim(bool& alarm) noexcept {
    const bool claimed = basic_inbox_bound<Sync>::claim(alarm);
    if (alarm && had_one_.exchange(1, std::memory_order::relaxed) != 0) alarm = false;
    return claimed;
  }

 private:
  sync::atomic<Sync, std::uint32_t> had_one_{0};
};

}  // namespace jacquard::bugs
