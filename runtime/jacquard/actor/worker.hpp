// jacquard/actor/worker.hpp: what one worker of a scheduler does: which task it runs next, whose timers it fires, when it
// takes what another one has waiting, and when it sleeps.
//
// A template over what it stands in, so that the source that ships is the one that the model checks run: there a small
// world takes the place of the process (model_checks/checks/scheduler_world.hpp).
//
// Shape       a slot for the task that should run next, a deque, a queue of those that have had their share, one of those
//             that are pinned to it, and a wheel of timers. Its scheduler has the injector and the sleepers.
// Invariants  scheduler.hpp's, which a worker keeps: I1 to I5.
// Ordering    the deque's E1 and E2, idle_workers' E1, E2 and E3; the injectors' and the wheels' mutexes.
// Progress    a turn is wait-free but for a mutex or a steal where its own slot and deque are empty.
// Allocation  none.
// Checked by  model_checks: scheduling_state_machine (I1, I2), scheduler_timers (I1, I4); scheduler.test.cpp (I1, I2, I3),
//             stealing.test.cpp (I2), scheduler_timers.test.cpp (I4) and pinned.test.cpp (I5).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <jacquard/actor/idle_workers.hpp>
#include <jacquard/actor/injector.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/spin_habit.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/env/environment.hpp>
#include <jacquard/queue/work_stealing_deque.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <class Surroundings>
class basic_scheduler;

/// One worker of a `basic_scheduler<Surroundings>`. Its own thread's where nothing else is said.
template <class Surroundings>
struct alignas(64) basic_worker final : executor {
  using Sync = typename Surroundings::Sync;
  using scheduler = basic_scheduler<Surroundings>;
  using worker = basic_worker;
  using shared_wheel = typename Surroundings::wheel;
  using shared_timer = typename shared_wheel::shared_timer;
  using oldest_watch = typename Surroundings::watch;
  using deque_type = basic_work_stealing_deque<task*, Surroundings::deque_capacity, Sync>;
  using statistic = typename Surroundings::statistic;
  static constexpr std::size_t line = 64;
  static constexpr std::uint32_t timers_period = 8;  // tasks between two looks at the timers
  static constexpr std::int64_t steal_max = 16;      // tasks that move at once

  basic_worker(scheduler& owner, std::uint32_t number, shared_wheel& timers, std::uint32_t at)
      : home(owner),
        index(number),
        naps(owner.options_.nap_min_ns, owner.options_.nap_max_ns),
        wheel(timers),
        wheel_index(at) {}

  // Any thread: a task for this worker and no other.
  void schedule(task& work, urgency) noexcept override {
    if (Surroundings::current(home.world_) == this) return pinned.push(work);
    pinned.bring(work, [this] { home.idle_.notify_one(index); });
  }

  [[nodiscard]] bool may_wait() const noexcept override { return home.may_wait(); }
  [[nodiscard]] const task* running() const noexcept override { return home.running(); }
  [[nodiscard]] bool begin_blocking() noexcept override { return home.begin_blocking(); }
  void hand_on() noexcept override { home.hand_on(); }
  void end_blocking() noexcept override { home.end_blocking(); }

  // This worker's own thread: a task that it made runnable.
  void take(task& work, urgency when) {
    task* displaced = &work;
    if (when == urgency::next) {
      if (firing) {
        work.next = std::exchange(last_ready, &work);
        return;
      }
      displaced = slot;
      slot = &work;
      if (displaced == nullptr) return;
    }
    if (when == urgency::later || !deque.push(displaced)) shared_out.push(*displaced);
    if (home.options_.workers > 1) home.idle_.notify_nearby();
  }

  // Somebody else has to run what is in the slot.
  void give_up_slot() {
    if (slot != nullptr) take(*std::exchange(slot, nullptr), urgency::soon);
  }

  // On a thread of its own.
  static void run(void* who) {
    worker& me = *static_cast<worker*>(who);
    Surroundings::begin_thread();
    Surroundings::be(me.home.world_, &me);
    for (worker_turn::outcome what{}; what != worker_turn::outcome::ended;) {
      what = me.turn();
      if (what == worker_turn::outcome::idle) [[unlikely]]
        me.sleep();
    }
    Surroundings::be(me.home.world_, nullptr);
  }

  // On a thread that is the environment's.
  static worker_turn turn_by_hand(void* who) {
    worker& me = *static_cast<worker*>(who);
    worker* const before = Surroundings::current(me.home.world_);
    Surroundings::be(me.home.world_, &me);
    me.by_hand = true;
    const worker_turn::outcome what = me.turn();
    Surroundings::be(me.home.world_, before);
    if (me.searching) me.home.idle_.give_up();
    me.searching = false;
    return {.what = what, .until_ns = me.home.earliest_timer()};
  }

  worker_turn::outcome turn() {
    if (task* const work = next()) {
      bump(ran);
      at_work_on = work;
      work->run(*work);
      return worker_turn::outcome::ran;
    }
    return at_rest();
  }
  [[gnu::noinline]] worker_turn::outcome at_rest() {
    if (!home.stops() || !pinned.looks_empty()) return worker_turn::outcome::idle;
    if (!home.has_work(false)) return worker_turn::outcome::ended;
    // What is left is others', and enough of them search for it. Nobody sleeps at the end, so wait for what they do.
    if (!searching && !by_hand) {
      Sync::await([this] {
        return home.idle_.may_search() || !home.injector_.looks_empty() || !pinned.looks_empty() ||
               !home.has_work(false);
      });
    }
    return worker_turn::outcome::idle;
  }

  void sleep() {
    if (may_look_on() && look_on()) return;
    const waking why = home.idle_.sleep(
        index, searching,
        [this](bool watched) {
          return !pinned.looks_empty() || home.stops() || home.has_work(watched);
        },
        [this] { return home.earliest_timer(); },
        naps.is_over() ? no_expiry : later(home.world_.now(), naps.next_ns()),
        [this] { return next_look(); });
    searching = why != waking::working;
    napped = why == waking::napped;
    if (!napped) naps.begin_anew();
    roused = true;
    bump(woken);
  }
  // Before it sleeps, and not after a nap. Among several workers only as a searcher, whom notify counts on.
  [[nodiscard]] bool may_look_on() noexcept {
    return (searching || home.options_.workers == 1) && !napped && home.looks_on_ &&
           spins.takes_chance();
  }
  // True where a task came that it may run. It reads what outsiders write, nothing of a busy worker's.
  [[nodiscard]] bool look_on() {
    const bool came = looks_for(
        home.options_.look_on_ns, [this] { return home.world_.now(); }, [] { Sync::spin_hint(); },
        [this] { return !home.injector_.looks_empty() || !pinned.looks_empty() || home.stops(); });
    spins.looked(came);
    return came;
  }
  // The watcher's, at the end of a nap, while it still counts as asleep: when it looks again; no_expiry where it gets
  // up, because there is something to take or nothing to watch.
  [[nodiscard]] std::int64_t next_look() {
    const std::int64_t now = home.world_.now();
    const std::int64_t movable_at = first_movable_at(now);
    naps.looked_in_vain(movable_at != no_expiry);
    if (movable_at <= now || naps.is_over()) return no_expiry;
    bump(woken);
    return later(now, naps.next_ns());
  }

  // The task to run now, or null.
  task* next() {
    if (--until_look == 0) [[unlikely]] {
      if (task* const first = look_around()) return first;
    }
    if (slot != nullptr && slot_uses < home.options_.slot_uses_max) [[likely]] {
      ++slot_uses;
      task* const warm = std::exchange(slot, nullptr);
      return searching || roused ? settle(warm) : warm;
    }
    return next_in_turn();
  }

  [[gnu::noinline]] task* next_in_turn() {
    if (task* const own = next_own()) return own;
    if (fire_all()) {
      if (task* const own = next_own()) return own;
    }
    return search();
  }

  task* next_own() {
    slot_uses = 0;
    if (task* const newest = home.pop(deque)) {
      prefetch(deque.newest());
      return settle(newest);
    }
    if (slot != nullptr) return settle(std::exchange(slot, nullptr));
    if (task* const mine = pinned.pop()) return settle(mine);
    return settle(next_in_line());
  }
  // What is new from outside comes before what has had its share.
  task* next_in_line() {
    if (task* const outside = home.injector_.pop()) return outside;
    return shared_out.pop();
  }

  // Once in a few tasks: the timers, and now and then the injector before everything else.
  [[gnu::noinline]] task* look_around() {
    until_look = std::min(timers_period, home.options_.injector_period);
    look_at_timers();
    if (task* const mine = pinned.pop()) return settle(mine);
    tasks_since_injector += until_look;
    if (tasks_since_injector < home.options_.injector_period) return nullptr;
    tasks_since_injector = 0;
    outside_first = !outside_first;
    return settle((outside_first ? home.injector_ : shared_out).pop());
  }

  // Between tasks: this worker's timers, and in turn somebody else's, who may be stuck.
  void look_at_timers() {
    other_wheel = other_wheel + 1 < home.options_.workers ? other_wheel + 1 : 0;
    shared_wheel& other = *home.wheels_[other_wheel];
    if (wheel.next_ns() == no_expiry && other.next_ns() == no_expiry) return;
    const std::int64_t now = home.world_.now();
    if (wheel.next_ns() <= now) fire(wheel, now);
    if (other.next_ns() <= now) fire(other, now);
  }

  // Nothing else to do: everybody's. True where something fired.
  bool fire_all() {
    if (home.earliest_timer() == no_expiry) return false;
    const std::int64_t now = home.world_.now();
    bool any = false;
    for (shared_wheel* const each : home.wheels_)
      while (each->next_ns() <= now && fire(*each, now)) any = true;
    return any;
  }

  // What the timers make runnable runs in the order of their deadlines: the last one goes into the deque first.
  bool fire(shared_wheel& of, std::int64_t now) {
    firing = true;
    shared_timer* const first = of.take_due(now);
    for (shared_timer *each = first, *after = nullptr; each != nullptr; each = after) {
      after = each->after();
      bump(fired);
      if (task* const ready = each->fire(*each)) take(*ready, urgency::next);
      const start_result again = each->is_periodic() ? of.renew(*each, now) : start_result::refused;
      if (again == start_result::refused) each->fired(*each);
      if (again == start_result::started_first) tell_keeper(of.next_ns());
    }
    firing = false;
    // One alone runs here and at once: nobody need be woken for it.
    const bool alone = slot == nullptr && last_ready != nullptr && last_ready->next == nullptr;
    if (alone) slot = std::exchange(last_ready, nullptr);
    while (last_ready != nullptr) {
      task& ready = *std::exchange(last_ready, last_ready->next);
      take(ready, urgency::soon);
    }
    return first != nullptr;
  }

  // A keeper may have gone to sleep while the timer was out, and not seen it. Where there is none, whoever got up for the
  // timer sees to it: it sleeps until the next one, or hands over before it works.
  void tell_keeper(std::int64_t due_ns) {
    roused || searching ? home.idle_.notify_keeper(due_ns) : home.idle_.notify_timer(due_ns);
  }

  // What others have waiting. Right after work or a call it waits a moment for what may soon be taken; after a
  // nap the next nap is the moment.
  task* search() {
    if (!searching && home.options_.workers > 1) searching = home.idle_.try_search();
    if (!searching) return nullptr;
    // No longer than a nap: who has been given much patience does not spend it spinning.
    const std::int64_t patience = home.options_.stealing.steal_after_ns;
    const std::int64_t moment = std::min(later(patience, patience), home.options_.nap_min_ns);
    for (const std::int64_t until = later(home.world_.now(), moment);;) {
      if (task* const outside = home.injector_.pop()) return settle(outside);
      std::int64_t movable_at = no_expiry;
      if (task* const old = look_at_others(movable_at)) return settle(old);
      if (napped || by_hand || movable_at >= until) return nullptr;
      while (home.world_.now() < movable_at && home.injector_.looks_empty() &&
             pinned.looks_empty()) {
        Sync::spin_hint();
      }
      if (!pinned.looks_empty()) return nullptr;
    }
  }

  // When the first task that others have waiting will have waited long enough; no_expiry where none waits.
  [[nodiscard]] std::int64_t first_movable_at(std::int64_t now) {
    std::int64_t first = no_expiry;
    for (const auto& other : home.workers_) {
      if (other.get() == this) continue;
      first = std::min({first, movable_at(*other, other->deque, other->deque_watch, now),
                        movable_at(*other, other->shared_out, other->shared_out_watch, now)});
    }
    return first;
  }
  template <class Queue>
  [[nodiscard]] std::int64_t movable_at(const worker& other, const Queue& queue,
                                        oldest_watch& watch, std::int64_t now) {
    const auto seen = queue.look();
    if (seen.items <= 0) return no_expiry;
    const std::uint64_t tasks = other.ran.load(std::memory_order::relaxed);  // a hint
    return watch.movable_at(seen.oldest, tasks, now, home.options_.stealing);
  }

  // Takes what has waited long enough. Else when the first task will have.
  task* look_at_others(std::int64_t& first) {
    const auto count = static_cast<std::uint32_t>(home.workers_.size());
    const std::uint32_t start = home.world_.pick(count);
    const bool at_once = by_hand || home.stops();
    const std::int64_t now = home.world_.now();
    for (std::uint32_t i = 0; i < count; ++i) {
      worker& other = *home.workers_[(start + i) % count];
      if (&other == this) continue;
      if (task* const old = look_at(other, other.deque, other.deque_watch, at_once, now, first)) {
        return old;
      }
      if (task* const old =
              look_at(other, other.shared_out, other.shared_out_watch, at_once, now, first)) {
        return old;
      }
    }
    return nullptr;
  }
  template <class Queue>
  task* look_at(worker& other, Queue& queue, oldest_watch& watch, bool at_once, std::int64_t now,
                std::int64_t& first) {
    if (!at_once) {
      const std::int64_t when = movable_at(other, queue, watch, now);
      first = std::min(first, when);
      if (when > now) return nullptr;
    }
    // Half of them, so that the next one is far; the first is to run now.
    const auto seen = queue.look();
    const std::int64_t most = by_hand ? 1 : std::min(steal_max, (seen.items + 1) / 2);
    task* const oldest = steal_from(queue);
    if (oldest == nullptr) return nullptr;
    for (std::int64_t i = 1; i < most; ++i) {
      task* const more = steal_from(queue);
      if (more == nullptr) break;
      shared_out.push(*more);
    }
    watch.moved_to(queue.look().oldest, seen.oldest + seen.items);
    naps.took();
    return oldest;
  }
  task* steal_from(deque_type& queue) {
    task* oldest = nullptr;
    if (queue.looks_empty() || queue.steal(oldest) != steal_status::stolen) return nullptr;
    bump(stolen);
    return oldest;
  }
  task* steal_from(basic_injector<Sync>& queue) {
    task* const oldest = queue.pop();
    if (oldest != nullptr) bump(stolen);
    return oldest;
  }

  // A searcher that has work says so, and whoever leaves its sleep leaves the timers to another sleeper.
  task* settle(task* work) {
    if (work != nullptr && (searching || roused)) [[unlikely]]
      begin();
    return work;
  }
  [[gnu::noinline]] void begin() {
    roused = napped = false;
    const bool searched = std::exchange(searching, false);
    if (home.options_.workers > 1) {
      home.idle_.begin(
          searched, [this](bool watched) { return home.has_work(watched); },
          [this] { return home.earliest_timer(); });
    } else if (searched) {
      home.idle_.give_up();
    }
  }

  static void bump(statistic& count) {
    // One writer: no read-modify-write.
    count.store(count.load(std::memory_order::relaxed) + 1, std::memory_order::relaxed);
  }

  scheduler& home;
  const std::uint32_t index;
  task* slot = nullptr;
  const task* at_work_on = nullptr;  // or ran last
  bool by_hand = false;              // its thread is the environment's
  std::uint32_t slot_uses = 0;
  std::uint32_t until_look = 1;
  std::uint32_t tasks_since_injector = 0;
  std::uint32_t other_wheel = 0;
  task* last_ready = nullptr;  // made runnable by timers that fire just now, in a row by `next`
  bool outside_first = false;
  basic_injector<Sync> pinned;      // what only this worker may run
  basic_injector<Sync> shared_out;  // what has had its share, and what the deque has no room for
  bool firing = false;
  bool searching = false;
  bool roused = false;  // it slept, and has not found a task since
  bool napped = false;  // likewise, as the watcher
  typename Surroundings::rhythm naps;
  spin_habit spins;
  shared_wheel& wheel;
  const std::uint32_t wheel_index;
  statistic ran{0};
  statistic stolen{0};
  statistic woken{0};
  statistic fired{0};
  deque_type deque;
  // The others'.
  alignas(line) oldest_watch deque_watch;
  oldest_watch shared_out_watch;
};

}  // namespace jacquard
