// jacquard/model/explore/standard.hpp: the rest of what C++20 offers to threads, over model::explore, for
// code that is not written against the seam of the runtime.
//
//   atomic_wait, atomic_notify_one, atomic_notify_all   std::atomic's wait and notify, for 32-bit words
//   atomic_flag        test_and_set, clear, test, wait, notify
//   atomic_ref<T>      an object of the check or of create, atomic while references to it exist
//   condition_variable, counting_semaphore, latch, barrier
//   thread             start and join; a check says `static constexpr unsigned spawned_threads = n`, how many
//                      each of its threads (and its constructor, before and after) may start
//   per_thread<T>      thread_local
//
// What differs from the machine: a condition variable wakes the waiters in the order in which they began
// to wait, and never spuriously; a correct program may rely on neither, so a predicate loop behaves the same.
#pragma once

#include <jacquard/model/explore/policy.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace jacquard::model::explore_standard {

using here = std::source_location;

/// As await, for who sleeps meanwhile.
template <class Condition>
void asleep_until(Condition&& condition, const here& at) {
  explore_detail::session& s = explore_detail::session::current();
  for (s.begin_await(); !condition(); s.begin_await()) {
    s.wait(explorer::waiting::event, explore_detail::site(at));
  }
}

/// Returns once the word differs from `old`, as std::atomic::wait: it orders what the load orders, and a
/// sleeper for whom no notification is due sleeps for ever.
inline void atomic_wait(const explore::atomic<std::uint32_t>& word, std::uint32_t old,
                        std::memory_order order, here at = here::current()) {
  while (word.load(order, at) == old) explore::wait_on_last_read(word, at);
  explore::waited_for_nothing(word, old);
}
inline void atomic_notify_one(explore::atomic<std::uint32_t>& word, here at = here::current()) {
  explore::wake_one(word, at);
}
inline void atomic_notify_all(explore::atomic<std::uint32_t>& word, here at = here::current()) {
  explore::wake_all(word, at);
}

class atomic_flag {
 public:
  bool test_and_set(std::memory_order order, here at = here::current()) {
    return set_.exchange(1, order, at) != 0;
  }
  void clear(std::memory_order order, here at = here::current()) { set_.store(0, order, at); }
  [[nodiscard]] bool test(std::memory_order order, here at = here::current()) const {
    return set_.load(order, at) != 0;
  }
  void wait(bool old, std::memory_order order, here at = here::current()) const {
    atomic_wait(set_, old ? 1 : 0, order, at);
  }
  void notify_one(here at = here::current()) { explore::wake_one(set_, at); }
  void notify_all(here at = here::current()) { explore::wake_all(set_, at); }

 private:
  explore::atomic<std::uint32_t> set_{0};
};

/// While references exist, the object is reached through them only. The last value is in the object when
/// a reference goes away.
template <class T>
class atomic_ref : public explore_detail::word_operations<T> {
 public:
  explicit atomic_ref(T& object, here at = here::current())
      : explore_detail::word_operations<T>(explorer::session::current().adopt_object(
            &object, explore_detail::encode(object), explore_detail::site(at))),
        object_(&object) {}
  ~atomic_ref() {
    *object_ = explore_detail::decode<T>(explorer::session::current().newest_value(this->where_));
  }

 private:
  T* object_;
};

/// One word holds how many began to wait and how many may go; updates of it put waiting and notifying in
/// one order, and order nothing else.
class condition_variable {
 public:
  void wait(explore::mutex& held, here at = here::current()) {
    const std::uint64_t ticket = word_.fetch_add(one_waiter, std::memory_order::relaxed, at) >> 32;
    held.unlock(at);
    asleep_until([&] { return go(word_.load(std::memory_order::relaxed, at)) > ticket; }, at);
    held.lock(at);
  }
  template <class Condition>
  void wait(explore::mutex& held, Condition&& condition, here at = here::current()) {
    while (!condition()) wait(held, at);
  }
  void notify_one(here at = here::current()) { notify(1, at); }
  void notify_all(here at = here::current()) { notify(0xffff'ffff, at); }

 private:
  static constexpr std::uint64_t one_waiter = std::uint64_t{1} << 32;
  static std::uint64_t go(std::uint64_t word) { return word & 0xffff'ffff; }

  void notify(std::uint64_t most, const here& at) {
    std::uint64_t seen = word_.load(std::memory_order::relaxed, at);
    for (;;) {
      const std::uint64_t asleep = (seen >> 32) - go(seen);
      const std::uint64_t woken = asleep < most ? asleep : most;
      // Also where nobody waits: the update says that at this point of the order nobody did.
      if (word_.compare_exchange_strong(seen, seen + woken, std::memory_order::relaxed,
                                        std::memory_order::relaxed, at)) {
        return;
      }
    }
  }

  explore::atomic<std::uint64_t> word_{0};
};

class counting_semaphore {
 public:
  explicit counting_semaphore(std::int64_t count) : count_(count) {}
  void acquire(here at = here::current()) {
    asleep_until([&] { return try_acquire(at); }, at);
  }
  [[nodiscard]] bool try_acquire(here at = here::current()) {
    std::int64_t seen = count_.load(std::memory_order::relaxed, at);
    return seen > 0 && count_.compare_exchange_strong(seen, seen - 1, std::memory_order::acquire,
                                                      std::memory_order::relaxed, at);
  }
  void release(std::int64_t n = 1, here at = here::current()) {
    count_.fetch_add(n, std::memory_order::release, at);
  }

 private:
  explore::atomic<std::int64_t> count_;
};

class latch {
 public:
  explicit latch(std::int64_t expected) : left_(expected) {}
  void count_down(std::int64_t n = 1, here at = here::current()) {
    explore::require(left_.fetch_sub(n, std::memory_order::release, at) >= n,
                     "a latch counts down to 0 and no further", at);
  }
  [[nodiscard]] bool try_wait(here at = here::current()) const {
    return left_.load(std::memory_order::acquire, at) == 0;
  }
  void wait(here at = here::current()) const {
    asleep_until([&] { return try_wait(at); }, at);
  }
  void arrive_and_wait(std::int64_t n = 1, here at = here::current()) {
    count_down(n, at);
    wait(at);
  }

 private:
  explore::atomic<std::int64_t> left_;
};

class barrier {
 public:
  explicit barrier(std::uint32_t expected) : expected_(expected) {}
  void arrive_and_wait(here at = here::current()) {
    const std::uint32_t phase = phase_.load(std::memory_order::relaxed, at);
    if (arrived_.fetch_add(1, std::memory_order::acq_rel, at) + 1 == expected_) {
      arrived_.store(0, std::memory_order::relaxed, at);
      phase_.store(phase + 1, std::memory_order::release, at);
    } else {
      asleep_until([&] { return phase_.load(std::memory_order::acquire, at) != phase; }, at);
    }
  }

 private:
  std::uint32_t expected_;
  explore::atomic<std::uint32_t> arrived_{0};
  explore::atomic<std::uint32_t> phase_{0};
};

/// Runs `what` at the same time as its maker, who must join it: what happens before the start is known to it,
/// and what it did is known after the join. Threads that were started start none themselves.
class thread {
 public:
  template <class F>
  requires std::is_invocable_v<F&>
  explicit thread(F what, here at = here::current()) {
    F* const body = explore::create<F>(std::move(what));
    number_ = explorer::session::current().start_thread(
        [](void* started) {
          F* const mine = static_cast<F*>(started);
          (*mine)();
          explore::destroy(mine);
        },
        body, explore_detail::site(at));
  }
  ~thread() { explore::require(!joinable(), "a thread is joined before its object goes"); }
  thread(const thread&) = delete;
  thread& operator=(const thread&) = delete;
  thread(thread&& other) noexcept : number_(std::exchange(other.number_, none)) {}

  void join(here at = here::current()) {
    explore::require(joinable(), "a thread is joined once", at);
    explorer::session::current().join_thread(number_, explore_detail::site(at));
    number_ = none;
  }
  [[nodiscard]] bool joinable() const noexcept { return number_ != none; }

 private:
  static constexpr unsigned none = 0;  // the main thread, which nobody starts
  unsigned number_ = none;
};

/// A value for each thread, as thread_local: value-initialised when the check is constructed.
template <class T>
class per_thread {
 public:
  [[nodiscard]] T& get() { return values_[explorer::session::current().running()]; }

 private:
  std::array<T, explorer::threads_max> values_{};
};

}  // namespace jacquard::model::explore_standard
