// jacquard/queue/locked_lane.hpp: the same promises kept by one mutex. The baseline that a
// lock-free lane must beat, and the reading that needs no memory model.
//
// Shape       a ring of places, a head, a count and the gate's flags, all behind one mutex.
// Invariants  as basic_sequence_ring: I1 once, I2 in order, I3 one start for each wake-up,
//             I4 closed means closed, I5 the bound; and I6 of basic_linked_lane, the marks.
// Ordering    the mutex.
// Progress    blocking.
// Allocation  the places, when constructed. None after.
// Checked by  model_checks: the same checks as the other lanes; property_tests.
#pragma once

#include <cstdint>
#include <utility>

#include <jacquard/queue/lane.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <class T, sync::policy Sync = sync::native>
class basic_locked_lane {
 public:
  using value_type = T;
  static constexpr bool can_evict = true;
  static constexpr bool can_be_unbounded = false;
  static constexpr bool has_marks = true;

  basic_locked_lane(std::uint32_t capacity, bool starts_scheduled, bool /*evicts*/,
                    water_marks marks = {})
      : capacity_(capacity),
        places_(Sync::template create_array<raw_slot<T>>(capacity)),
        state_(state{.gauge = water_gauge(marks)}) {
    Sync::require(places_ != nullptr, "memory for the lane's places");
    if (starts_scheduled) locked([](state& all) { all.flags = gate::scheduled; });
  }
  ~basic_locked_lane() { Sync::destroy_array(places_, capacity_); }
  basic_locked_lane(const basic_locked_lane&) = delete;
  basic_locked_lane& operator=(const basic_locked_lane&) = delete;

  /// Any thread. Moves from `message` only where it is queued.
  push_result push(T& message) {
    return locked([&](state& all) {
      if ((all.flags & gate::closed) != 0) return push_result::closed;
      if (all.pushed - all.taken == capacity_) return push_result::full;
      places_[all.pushed++ % capacity_].put(std::move(message));
      const bool running =
          (std::exchange(all.flags, all.flags | gate::scheduled) & gate::scheduled) != 0;
      const push_result queued = running ? push_result::queued : push_result::queued_schedule;
      return all.gauge.rose_to(all.pushed - all.taken) ? with_alarm(queued) : queued;
    });
  }

  /// Any thread. Takes the oldest message out of a full lane and gives it to `dead`, outside the
  /// lock.
  template <class F>
  evict_result evict(F&& dead) {
    mutex_.lock();
    const bool full =
        state_.with([&](const state& all) { return all.pushed - all.taken == capacity_; });
    if (!full) {
      mutex_.unlock();
      return evict_result::not_full;
    }
    T oldest = state_.with_mut([&](state& all) { return places_[all.taken++ % capacity_].take(); });
    mutex_.unlock();
    dead(std::move(oldest));
    return evict_result::evicted;
  }

  /// Consumer only. Hands up to `limit` messages to `take`, oldest first, outside the lock.
  template <class F>
  std::uint32_t pop(std::uint32_t limit, F&& take) {
    std::uint32_t count = 0;
    for (; count < limit; ++count) {
      mutex_.lock();
      const bool empty = state_.with([](const state& all) { return all.pushed == all.taken; });
      if (empty) {
        mutex_.unlock();
        break;
      }
      T oldest =
          state_.with_mut([&](state& all) { return places_[all.taken++ % capacity_].take(); });
      mutex_.unlock();
      take(std::move(oldest));
    }
    return count;
  }

  void settle() noexcept {}

  /// Consumer only, after pop found nothing: gives the lane up.
  idle_result try_idle() {
    return locked([](state& all) {
      if ((all.flags & gate::control) != 0) {
        all.flags &= ~gate::control;
        return idle_result::more;
      }
      if (all.pushed != all.taken) return idle_result::more;
      if ((all.flags & gate::closed) != 0) return idle_result::finished;
      all.flags &= ~gate::scheduled;
      return idle_result::idle;
    });
  }

  void await_change() noexcept {}

  [[nodiscard]] bool raise() { return set(gate::control | gate::scheduled, gate::scheduled); }
  [[nodiscard]] bool resume() { return set(gate::scheduled, gate::scheduled); }

  close_result close() {
    return locked([](state& all) {
      const std::uint64_t before =
          std::exchange(all.flags, all.flags | gate::closed | gate::scheduled);
      return close_result{.first = (before & gate::closed) == 0,
                          .must_schedule = (before & gate::scheduled) == 0};
    });
  }

  [[nodiscard]] bool is_closed() const {
    return shown([](const state& all) { return (all.flags & gate::closed) != 0; });
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::uint64_t pushed() const {
    return shown([](const state& all) { return all.pushed; });
  }
  [[nodiscard]] std::uint64_t taken() const {
    return shown([](const state& all) { return all.taken; });
  }

 private:
  struct state {
    std::uint64_t pushed = 0;
    std::uint64_t taken = 0;
    std::uint64_t flags = 0;
    water_gauge gauge;
  };

  template <class F>
  auto locked(F&& change) {
    sync::lock_guard<Sync> guard(mutex_);
    return state_.with_mut(std::forward<F>(change));
  }
  template <class F>
  auto shown(F&& look) const {
    sync::lock_guard<Sync> guard(mutex_);
    return state_.with(std::forward<F>(look));
  }
  // Sets flags; true where `watched` was not set before.
  bool set(std::uint64_t flags, std::uint64_t watched) {
    return locked(
        [&](state& all) { return (std::exchange(all.flags, all.flags | flags) & watched) == 0; });
  }

  const std::uint32_t capacity_;
  raw_slot<T>* const places_;  // guarded by mutex_
  mutable typename Sync::mutex mutex_;
  sync::cell<Sync, state> state_;
};

}  // namespace jacquard
