// jacquard/actor/future.hpp: a value that comes later, in a pooled slot of one cache line.
//
// Shape       a future and its promises are each {slot, generation}. A promise is weak and copyable, 16 bytes, and
//             may outlive the future: the slot's memory belongs to the pool for good, and its generation has
//             moved on.
// Invariants  those of future_slot.hpp.
//             I5  A completion that comes too late changes nothing and is counted as late.
// Ordering    future_slot's E1 and E2.
// Progress    future_slot's; wait blocks.
// Allocation  the pool's: none while no more futures are alive than ever before. A process-wide pool gives each
//             thread a magazine, so that making and dropping a future touches nothing shared.
// Source      late replies die by generation: process aliases of Erlang/OTP 24 (EEP 53), without a flush.
// Checked by  future_slot.hpp's checks; time_out.hpp's; future.test.cpp (I5).
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <jacquard/actor/future_slot.hpp>
#include <jacquard/actor/reply_status.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/actor/time_out.hpp>
#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/object_depot.hpp>
#include <jacquard/memory/slab.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <class T, sync::policy Sync>
class basic_future;
template <class T, sync::policy Sync>
class basic_promise;

/// Where futures of one type live. Destroyed after every future and every promise that may still be used.
template <class T, sync::policy Sync = sync::native>
class basic_future_pool {
 public:
  using slot = basic_future_slot<T, basic_future_pool, Sync>;
  using depot = basic_object_depot<slot, basic_future_pool, Sync>;
  using time_out = basic_time_out<Sync>;

  /// A pool of its own, behind one mutex. Room for `at_first` futures is made with the first; it grows when more
  /// are alive at once. Time-outs are taken from `timers`; where that is null there are none.
  explicit basic_future_pool(std::uint32_t at_first = 64,
                             typename time_out::pool* timers = default_timers())
      : basic_future_pool(at_first, false, timers) {}
  basic_future_pool(const basic_future_pool&) = delete;
  basic_future_pool& operator=(const basic_future_pool&) = delete;

  /// The process's pool for T; each thread has a magazine of it. Never destroyed: a late answer may come at any
  /// time.
  [[nodiscard]] static basic_future_pool& of_process() {
    static never_destroyed<basic_future_pool> pool(
        [] { return basic_future_pool(64, true, default_timers()); });
    return *pool;
  }

  /// A pending future; invalid where memory is out. Any thread.
  [[nodiscard]] basic_future<T, Sync> make() {
    if constexpr (has_magazines) {
      if (of_process_) return make_of_process();
    }
    slot* const taken = depot_.take();
    return taken == nullptr ? basic_future<T, Sync>{} : basic_future<T, Sync>{*taken};
  }
  /// `of_process().make()`, without a look at the pool where the thread's magazine has a slot.
  [[nodiscard]] static basic_future<T, Sync> make_of_process() {
    void* const taken = shelf::take();
    return taken == nullptr ? basic_future<T, Sync>{}
                            : basic_future<T, Sync>{*static_cast<slot*>(taken)};
  }

  /// Completions that came too late, and were dropped.
  [[nodiscard]] std::uint64_t late() const noexcept { return late_.count(); }

 private:
  friend class basic_future<T, Sync>;
  friend class basic_promise<T, Sync>;
  friend slot;

  // Threads' magazines are for programs; a model has threads of its own.
  static constexpr bool has_magazines = std::same_as<Sync, sync::native>;
  struct process {
    using depot = typename basic_future_pool::depot;
    static depot& all() { return of_process().depot_; }
  };
  using shelf = thread_magazine<process>;

  // Threads' magazines are for programs; so is the process's pool of time-outs.
  static typename time_out::pool* default_timers() noexcept {
    if constexpr (has_magazines) return &jacquard::time_outs();
    return nullptr;
  }

  basic_future_pool(std::uint32_t at_first, bool of_process, typename time_out::pool* timers)
      : of_process_(of_process), timers_(timers), depot_(*this, at_first) {}

  void let_go_of_timer(std::uint32_t link) noexcept { (*timers_)[link].let_go(); }

  void give(slot& free) {
    if constexpr (has_magazines) {
      if (of_process_) [[likely]] {
        return shelf::give(&free);
      }
    }
    depot_.give(free);
  }

  const bool of_process_;
  typename time_out::pool* const timers_;
  depot depot_;
  alignas(64) typename Sync::tally late_;
};

/// The right to complete a future, once. Copies share that right.
template <class T, sync::policy Sync = sync::native>
class basic_promise {
 public:
  basic_promise() = default;

  /// Any thread. False where the future was completed before: the value is dropped and counted as late.
  bool fulfil(T&& value) const noexcept {
    return complete(reply_status::ready, [&](auto& there) {
      there.with_mut([&](raw_slot<T>& room) { room.put(std::move(value)); });
    });
  }
  /// Any thread. Completes the future without a value; `why` is not `ready`.
  bool fail(reply_status why) const noexcept {
    Sync::require(why != reply_status::ready, "a failure has a reason");
    return complete(why, [](auto&) {});
  }

 private:
  friend class basic_future<T, Sync>;
  using slot = typename basic_future_pool<T, Sync>::slot;

  basic_promise(slot& there, typename slot::generation mine) noexcept
      : there_(&there), generation_(mine) {}

  template <class Put>
  bool complete(reply_status how, Put&& put) const noexcept {
    if (there_ == nullptr) return false;
    if (there_->settle(generation_, how, std::forward<Put>(put))) [[likely]] {
      return true;
    }
    there_->home().late_.add(1);
    return false;
  }

  slot* there_ = nullptr;
  typename slot::generation generation_ = 0;
};

/// The value to come. One owner; move-only; to be used by one thread (or strand) at a time.
template <class T, sync::policy Sync = sync::native>
class basic_future {
 public:
  using value_type = T;

  basic_future() = default;
  basic_future(basic_future&& other) noexcept
      : there_(std::exchange(other.there_, nullptr)), generation_(other.generation_) {}
  basic_future& operator=(basic_future&& other) noexcept {
    if (this != &other) {
      drop();
      there_ = std::exchange(other.there_, nullptr);
      generation_ = other.generation_;
    }
    return *this;
  }
  ~basic_future() { drop(); }

  [[nodiscard]] bool valid() const noexcept { return there_ != nullptr; }
  [[nodiscard]] basic_promise<T, Sync> promise() const noexcept { return {here(), generation_}; }

  /// Completes it where its promise was given to nobody yet: without a read-modify-write.
  void fulfil_alone(T&& value) noexcept {
    here().settle_alone(generation_, reply_status::ready, [&](auto& there) {
      there.with_mut([&](raw_slot<T>& room) { room.put(std::move(value)); });
    });
  }

  void fail_alone(reply_status why) noexcept {
    Sync::require(why != reply_status::ready, "a failure has a reason");
    here().settle_alone(generation_, why, [](auto&) {});
  }

  /// True once it is completed: `take` will not wait.
  [[nodiscard]] bool is_ready() const noexcept { return here().is_settled(); }

  /// Waits until it is completed, or completes it as timed out at the deadline. A plain thread's: on a worker that
  /// would have to wait it answers `would_deadlock` at once, and the future stays as it was. A handler has `then` and
  /// context::call, a strand `co_await`.
  reply_status wait(sync::deadline until = sync::deadline::never()) {
    const typename slot::generation seen = here().look();
    return slot::is_settled(seen) ? slot::status_of(seen) : await_end(here(), generation_, until);
  }
  /// As wait, for that long.
  reply_status wait_for(std::chrono::nanoseconds patience) { return wait(Sync::after(patience)); }
  /// As wait, on whatever thread: for who has seen to it that the answer does not need this thread (context::call).
  reply_status wait_here(sync::deadline until) { return park(here(), generation_, until); }

  /// Its maker's, while nobody else knows of it: where it is still pending `patience` from now, it ends timed_out,
  /// whoever waits for it and however. `due_ns` says when that is, on the wheel's clock. Dropped, waited for by a
  /// thread or cancelled, the future lets go of its timer at once. False where the wheel is closed or memory is out:
  /// nothing has changed. No allocation once the timers' pool is warm.
  [[nodiscard]] bool time_out_after(basic_shared_wheel<Sync>& on, std::chrono::nanoseconds patience,
                                    std::int64_t& due_ns) {
    slot& there = here();
    auto* const timer = basic_time_out<Sync>::take(*there.home().timers_);
    if (timer == nullptr) return false;
    generation_ = there.time(generation_, timer->index);
    if (timer->start(on, patience, ends(), due_ns)) return true;
    generation_ = there.untime(generation_);
    return false;
  }
  /// Its owner's, whoever else knows of it: a time-out that ends it as time_out_after does, and that the caller lets
  /// go of. Null where the wheel is closed or memory is out.
  [[nodiscard]] basic_time_out<Sync>* limit(basic_shared_wheel<Sync>& on,
                                            std::chrono::nanoseconds patience) {
    auto* const timer = basic_time_out<Sync>::take(*here().home().timers_);
    std::int64_t due_ns = 0;
    return timer != nullptr && timer->start(on, patience, ends(), due_ns) ? timer : nullptr;
  }

  /// Registers a task to be scheduled when the future is completed. False where it is completed already:
  /// nothing will be scheduled. Not together with `wait`. The task lives until it was scheduled, or `forget` or
  /// `cancel` says that it will not be.
  [[nodiscard]] bool await(task& work, executor& where) {
    return here().await(generation_, &work, &where);
  }
  /// Takes an `await` back. False where the task is being scheduled, or was.
  [[nodiscard]] bool forget() noexcept { return here().forget(generation_); }

  /// Gives up: completes it with `why`, unless it is completed already. A task that awaits it will be scheduled
  /// only where this says another reason.
  reply_status cancel(reply_status why = reply_status::cancelled) {
    slot& there = here();
    there.stop_timer(generation_);
    if (there.give_up(generation_, why)) return why;
    there.await_settled();
    return there.status();
  }

  /// The value of a future that ended `ready`. Once.
  [[nodiscard]] T take() { return here().take(); }

  /// In a handler: gives the future to the actor that runs, which calls `handler` in its own turn when it has
  /// ended. See context::then.
  template <class Context, class Handler>
  [[nodiscard]] bool then(Context& here, Handler&& handler) && {
    return here.then(std::move(*this), std::forward<Handler>(handler));
  }

  /// How a completed future ended.
  reply_status status() const { return here().status(); }

 private:
  friend class basic_future_pool<T, Sync>;
  using pool = basic_future_pool<T, Sync>;
  using slot = typename pool::slot;

  explicit basic_future(slot& fresh) noexcept : there_(&fresh), generation_(fresh.begin()) {}

  [[nodiscard]] slot& here() const noexcept {
    Sync::require(there_ != nullptr, "an invalid future is not used");
    return *there_;
  }

  // By value: a future that nobody has to wait for stays in registers.
  [[gnu::noinline]] static reply_status await_end(slot& there, typename slot::generation mine,
                                                  sync::deadline until) {
    if constexpr (pool::has_magazines) {
      if (worker_here::wheel != nullptr) return reply_status::would_deadlock;
      // Who answers at once need not wake us, and we need not sleep.
      if (Sync::spin_briefly([&there] { return there.is_settled(); })) {
        there.stop_timer(mine);
        return there.status();
      }
    }
    return park(there, mine, until);
  }
  static reply_status park(slot& there, typename slot::generation mine, sync::deadline until) {
    if (!there.await(mine, nullptr, nullptr)) return there.status();
    if (!there.park(until)) {
      if (there.give_up(mine, reply_status::timed_out)) return reply_status::timed_out;
      (void)there.park();  // a completer has claimed it and is about to wake us
    }
    there.stop_timer(mine);
    return there.status();
  }

  // What a time-out ends. It is no completion: too late, it is nobody's late answer.
  [[nodiscard]] ends_later ends() const noexcept {
    return {.slot = there_,
            .generation = generation_,
            .end = [](void* where, std::uint64_t mine) noexcept {
              (void)static_cast<slot*>(where)->settle(mine, reply_status::timed_out, [](auto&) {});
            }};
  }

  void drop() {
    if (there_ == nullptr) return;
    slot& mine = *std::exchange(there_, nullptr);
    mine.release(generation_);
    mine.home().give(mine);
  }

  slot* there_ = nullptr;
  typename slot::generation generation_ = 0;
};

template <class T>
using future_pool = basic_future_pool<T>;
template <class T>
using future = basic_future<T, sync::native>;
template <class T>
using promise = basic_promise<T, sync::native>;

}  // namespace jacquard
