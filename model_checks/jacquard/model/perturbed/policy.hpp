// jacquard/model/perturbed/policy.hpp: the machine itself, shaken.
//
// Real threads over native atomics. Before an operation the thread may yield or pause, as a seeded draw
// says, so that threads meet in places where they seldom meet by themselves. A cell knows how many readers
// and writers are inside it and reports an overlap. The draw is repeatable, the machine beside it is not:
// a seed narrows a failure down, it does not replay it exactly.
//
// Runs under ThreadSanitizer too: nothing here orders what the check does not order itself (the counters
// of cells and of the heap are relaxed).
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <source_location>
#include <utility>

#include <jacquard/model/check.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard::model {
namespace perturbed_detail {

using here = std::source_location;

/// Maybe yields, maybe pauses. A thread of a run that has failed does not come back from here.
void shake() noexcept;
/// One in `n`, by this thread's draw. False on a thread that runs no check.
[[nodiscard]] bool one_in(std::uint32_t n) noexcept;
/// Ends this execution. Returns only on a thread that runs no check.
void fail(failure_kind kind, const char* what, const here& at) noexcept;

[[nodiscard]] void* allocate(std::size_t size, std::size_t alignment);
void check_live(const void* object, const here& at) noexcept;
void release(void* object) noexcept;
[[nodiscard]] std::uintptr_t thread_number() noexcept;

/// Who is inside a cell: the number of readers, or one writer.
class presence {
 public:
  static constexpr std::int32_t writer = 1 << 20;

  void enter(std::int32_t weight, const here& at) noexcept {
    const std::int32_t before =
        inside_.fetch_add(weight, std::memory_order::relaxed);  // watches, orders nothing
    const bool alone = before == 0;
    const bool readers_only = before < writer && weight < writer;
    if (!alone && !readers_only)
      fail(failure_kind::data_race, "two threads are inside a cell, one of them writes", at);
  }
  void leave(std::int32_t weight) noexcept {
    inside_.fetch_sub(weight, std::memory_order::relaxed);
  }

 private:
  std::atomic<std::int32_t> inside_{0};
};

/// Leaves the cell when the closure is done.
class visit {
 public:
  visit(presence& cell, std::int32_t weight, const here& at) noexcept
      : cell_(cell), weight_(weight) {
    cell_.enter(weight_, at);
    shake();
  }
  ~visit() { cell_.leave(weight_); }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  presence& cell_;
  std::int32_t weight_;
};

}  // namespace perturbed_detail

struct perturbed {
  using here = perturbed_detail::here;

  template <class T>
  class atomic {
   public:
    atomic(here = here::current()) : value_(T{}) {}
    atomic(T initial, here = here::current()) : value_(initial) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    T load(std::memory_order order, here = here::current()) const {
      perturbed_detail::shake();
      return value_.load(order);
    }
    void store(T desired, std::memory_order order, here = here::current()) {
      perturbed_detail::shake();
      value_.store(desired, order);
    }
    T exchange(T desired, std::memory_order order, here = here::current()) {
      perturbed_detail::shake();
      return value_.exchange(desired, order);
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                               std::memory_order failure, here = here::current()) {
      perturbed_detail::shake();
      if (perturbed_detail::one_in(16)) {
        expected = value_.load(failure);
        return false;
      }
      return value_.compare_exchange_weak(expected, desired, success, failure);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                 std::memory_order failure, here = here::current()) {
      perturbed_detail::shake();
      return value_.compare_exchange_strong(expected, desired, success, failure);
    }
    T fetch_add(T n, std::memory_order order, here = here::current()) requires std::integral<T> {
      perturbed_detail::shake();
      return value_.fetch_add(n, order);
    }
    T fetch_sub(T n, std::memory_order order, here = here::current()) requires std::integral<T> {
      perturbed_detail::shake();
      return value_.fetch_sub(n, order);
    }
    T fetch_or(T bits, std::memory_order order, here = here::current()) requires std::integral<T> {
      perturbed_detail::shake();
      return value_.fetch_or(bits, order);
    }
    T fetch_and(T bits, std::memory_order order, here = here::current()) requires std::integral<T> {
      perturbed_detail::shake();
      return value_.fetch_and(bits, order);
    }

   private:
    friend struct perturbed;
    std::atomic<T> value_;
  };

  template <class T>
  class cell {
   public:
    cell() = default;
    explicit cell(T initial) : value_(std::move(initial)) {}
    cell(const cell&) = delete;
    cell& operator=(const cell&) = delete;

    template <class F>
    decltype(auto) with(F&& read, here at = here::current()) const {
      const perturbed_detail::visit inside(presence_, 1, at);
      return std::forward<F>(read)(value_);
    }
    template <class F>
    decltype(auto) with_mut(F&& write, here at = here::current()) {
      const perturbed_detail::visit inside(presence_, perturbed_detail::presence::writer, at);
      return std::forward<F>(write)(value_);
    }

   private:
    mutable perturbed_detail::presence presence_;
    T value_{};
  };

  using tally = sync::native::tally;

  class mutex {
   public:
    void lock(here = here::current()) {
      perturbed_detail::shake();
      mutex_.lock();
    }
    void unlock(here = here::current()) {
      mutex_.unlock();
      perturbed_detail::shake();
    }

   private:
    sync::native::mutex mutex_;
  };

  static void fence(std::memory_order order, here = here::current()) {
    perturbed_detail::shake();
    sync::native::fence(order);
  }
  // Those that ship, so that real threads try them.
  static void fence_light(here = here::current()) {
    perturbed_detail::shake();
    sync::native::fence_light();
  }
  static void fence_heavy(here = here::current()) {
    perturbed_detail::shake();
    sync::native::fence_heavy();
  }
  static void spin_hint(here = here::current()) { perturbed_detail::shake(); }
  template <class Condition>
  static void await(Condition&& condition, here = here::current()) {
    while (!condition()) perturbed_detail::shake();
  }

  static sync::wait_status wait(const atomic<std::uint32_t>& word, std::uint32_t expected,
                                sync::deadline until, here = here::current()) {
    perturbed_detail::shake();
    if (perturbed_detail::one_in(16)) return sync::wait_status::changed;  // spuriously
    const sync::wait_status why = sync::native::wait(word.value_, expected, until);
    perturbed_detail::shake();
    return why;
  }
  static void wake_one(atomic<std::uint32_t>& word, here = here::current()) {
    perturbed_detail::shake();
    sync::native::wake_one(word.value_);
  }
  static void wake_all(atomic<std::uint32_t>& word, here = here::current()) {
    perturbed_detail::shake();
    sync::native::wake_all(word.value_);
  }
  [[nodiscard]] static sync::deadline after(std::chrono::nanoseconds delay) noexcept {
    return sync::native::after(delay);
  }

  template <class T, class... Args>
  [[nodiscard]] static T* create(Args&&... args) {
    return ::new (perturbed_detail::allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }
  template <class T>
  static void destroy(T* object, here at = here::current()) {
    if (object == nullptr) return;
    perturbed_detail::check_live(object, at);
    object->~T();
    perturbed_detail::release(object);
  }
  template <class T>
  [[nodiscard]] static T* create_array(std::size_t count) {
    auto* const room = static_cast<T*>(perturbed_detail::allocate(sizeof(T) * count, alignof(T)));
    for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(room + i)) T();
    return room;
  }
  template <class T>
  static void destroy_array(T* first, std::size_t count, here at = here::current()) {
    if (first == nullptr) return;
    perturbed_detail::check_live(first, at);
    for (std::size_t i = 0; i < count; ++i) first[i].~T();
    perturbed_detail::release(first);
  }

  [[nodiscard]] static std::uintptr_t this_thread() noexcept {
    return perturbed_detail::thread_number();
  }

  static void require(bool holds, const char* claim, here at = here::current()) {
    if (!holds) [[unlikely]]
      perturbed_detail::fail(failure_kind::claim, claim, at);
  }
};

static_assert(sync::explain_policy<perturbed>());

}  // namespace jacquard::model
