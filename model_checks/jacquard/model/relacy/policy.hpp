// jacquard/model/relacy/policy.hpp: shared memory as the Relacy Race Detector sees it. The only file that
// includes Relacy.
//
// What Relacy brings and must not leave behind. Its main header defines new, delete, malloc, free, assert,
// errno, memory_order_*, pthread_* and sem_* as macros: so the parts are included one by one, without that
// header. Its context replaces the global operator new and delete and routes every allocation of the
// program into the model: so, while that part is read, each replacement is turned into a function that
// nobody calls. What is left is `$`, which is removed below.
//
// Both Relacy of 2019 (Debian) and of 2026 (upstream) are supported: where their signatures differ the
// call asks the type which one it has. Every operation takes our own std::source_location, so `$` is never
// needed.
//
// What differs from the machine, beyond Relacy's own limits (README.md):
//   wait        compares and sleeps in one step, on the newest value; adds no happens-before. It returns
//               spuriously at most once for each word in an execution. A sleeper that nobody wakes is a
//               deadlock. With a deadline it may time out at any later step.
//   create      hands out a fresh block, or the one of that size destroyed last: both are explored.
//   tally       is plain memory: statistics are not explored.
//   a compare_exchange whose failure order is stronger than its success order acquires by a fence, which
//               also strengthens this thread's earlier relaxed loads.
#pragma once

#include <relacy/base.hpp>

// From here to the end of Relacy's headers, a definition of the global operator new or delete becomes a
// declaration of it, followed by the definition of an unused function.
#define JACQUARD_MODEL_PASTE_(a, b) a##b
#define JACQUARD_MODEL_PASTE(a, b) JACQUARD_MODEL_PASTE_(a, b)
#undef RL_THROW_SPEC
#define RL_THROW_SPEC(ex) \
  ;                       \
  inline void* JACQUARD_MODEL_PASTE(jacquard_unused_new_, __COUNTER__)(size_t size)
#define throw(...) \
  ;                \
  inline void JACQUARD_MODEL_PASTE(jacquard_unused_delete_, __COUNTER__)(void* p)
#include <relacy/context.hpp>
#undef throw
#undef RL_THROW_SPEC
#undef JACQUARD_MODEL_PASTE
#undef JACQUARD_MODEL_PASTE_

#include <relacy/context_base_impl.hpp>

#include <relacy/atomic.hpp>
#include <relacy/atomic_fence.hpp>
#include <relacy/backoff.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/event.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/test_suite.hpp>
#include <relacy/var.hpp>
#undef $

#include <atomic>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <source_location>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <jacquard/model/relacy/heap.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard::model {
namespace relacy_detail {

using here = std::source_location;

/// What the policy and the engine share during one execution. Relacy runs one model at a time.
struct session {
  model_heap heap;
  bool parallel = false;  // threads run; false in the constructor, before, after and the destructor
  std::string claim;      // the claim that failed, and where
  std::string claim_where;
};
[[nodiscard]] session& current() noexcept;

[[nodiscard]] inline rl::debug_info info(const here& at) {
  return rl::debug_info(at.function_name(), at.file_name(), at.line());
}

[[nodiscard]] constexpr rl::memory_order translated(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order::relaxed:
      return rl::mo_relaxed;
    case std::memory_order::consume:
      return rl::mo_consume;
    case std::memory_order::acquire:
      return rl::mo_acquire;
    case std::memory_order::release:
      return rl::mo_release;
    case std::memory_order::acq_rel:
      return rl::mo_acq_rel;
    case std::memory_order::seq_cst:
      return rl::mo_seq_cst;
  }
  std::abort();
}

/// The type Relacy stores and prints for a T: integers as they are, bytes and enumerations as numbers,
/// pointers as addresses, small structs as their bits.
template <class T>
struct printed {
  static_assert(
      std::is_trivially_copyable_v<T> && (sizeof(T) == 4 || sizeof(T) == 8),
      "an atomic under Relacy holds an integer, a pointer, an enumeration, or 4 or 8 bytes");
  using type = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static type encode(T value) noexcept { return std::bit_cast<type>(value); }
  static T decode(type value) noexcept { return std::bit_cast<T>(value); }
};
template <class T>
requires std::integral<T> || std::is_enum_v<T>
struct printed<T> {
  static constexpr auto pick() {
    if constexpr (sizeof(T) == 1) {
      return unsigned{};
    } else if constexpr (std::is_enum_v<T>) {
      return std::underlying_type_t<T>{};
    } else {
      return T{};
    }
  }
  using type = decltype(pick());
  static type encode(T value) noexcept { return static_cast<type>(value); }
  static T decode(type value) noexcept { return static_cast<T>(value); }
};
template <class T>
struct printed<T*> {
  using type = void*;
  static type encode(T* value) noexcept {
    return const_cast<void*>(static_cast<const volatile void*>(value));
  }
  static T* decode(type value) noexcept { return static_cast<T*>(value); }
};

/// Relacy's compare-exchange with two orders, whichever way this Relacy spells it.
template <bool Weak, class Word, class V>
bool exchange_if_equal(Word& word, V& expected, V desired, rl::memory_order success,
                       rl::memory_order failure, const rl::debug_info& at) {
  if constexpr (requires {
                  word.compare_exchange_weak(expected, desired, success, at, failure, at);
                }) {
    return Weak ? word.compare_exchange_weak(expected, desired, success, at, failure, at)
                : word.compare_exchange_strong(expected, desired, success, at, failure, at);
  } else {
    return Weak ? word.compare_exchange_weak(expected, desired, success, failure, at)
                : word.compare_exchange_strong(expected, desired, success, failure, at);
  }
}

[[nodiscard]] constexpr bool acquires(std::memory_order order) noexcept {
  return order == std::memory_order::acquire || order == std::memory_order::consume ||
         order == std::memory_order::acq_rel || order == std::memory_order::seq_cst;
}

template <class T>
class atomic_base {
 public:
  using value_type = T;

  explicit atomic_base(T initial, const here& at) {
    // An initialisation is no step of its own: no thread is switched to.
    rl::context& c = rl::ctx();
    c.disable_preemption();
    value_.store(printed<T>::encode(initial), rl::mo_relaxed, info(at));
    c.enable_preemption();
  }
  atomic_base(const atomic_base&) = delete;
  atomic_base& operator=(const atomic_base&) = delete;

  T load(std::memory_order order, here at = here::current()) const {
    return printed<T>::decode(value_.load(translated(order), info(at)));
  }
  void store(T desired, std::memory_order order, here at = here::current()) {
    value_.store(printed<T>::encode(desired), translated(order), info(at));
  }
  T exchange(T desired, std::memory_order order, here at = here::current()) {
    return printed<T>::decode(
        value_.exchange(printed<T>::encode(desired), translated(order), info(at)));
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                             std::memory_order failure, here at = here::current()) {
    return compare_exchange<true>(expected, desired, success, failure, at);
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                               std::memory_order failure, here at = here::current()) {
    return compare_exchange<false>(expected, desired, success, failure, at);
  }

 protected:
  template <bool Weak>
  bool compare_exchange(T& expected, T desired, std::memory_order success,
                        std::memory_order failure, const here& at) {
    const bool stronger = acquires(failure) && !acquires(success);
    auto wanted = printed<T>::encode(expected);
    const bool done =
        exchange_if_equal<Weak>(value_, wanted, printed<T>::encode(desired), translated(success),
                                stronger ? rl::mo_relaxed : translated(failure), info(at));
    if (!done) {
      if (stronger) rl::atomic_thread_fence(rl::mo_acquire, info(at));
      expected = printed<T>::decode(wanted);
    }
    return done;
  }

  rl::atomic<typename printed<T>::type> value_;
};

/// Who sleeps on a word, and whether it has returned spuriously.
struct sleepers {
  static constexpr unsigned room = 9;  // threads at most
  int thread[room] = {};
  unsigned count = 0;
  bool was_spurious = false;

  void add(int index) { thread[count++] = index; }
  void remove(int index) {
    unsigned kept = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (thread[i] != index) thread[kept++] = thread[i];
    }
    count = kept;
  }
};

}  // namespace relacy_detail

struct relacy {
  using here = relacy_detail::here;

  template <class T>
  class atomic : public relacy_detail::atomic_base<T> {
   public:
    atomic(here at = here::current()) : relacy_detail::atomic_base<T>(T{}, at) {}
    atomic(T initial, here at = here::current()) : relacy_detail::atomic_base<T>(initial, at) {}

    T fetch_add(T n, std::memory_order order, here at = here::current()) requires std::integral<T> {
      static_assert(sizeof(T) > 1, "Relacy's policy does not add to atomics of one byte");
      return this->value_.fetch_add(n, relacy_detail::translated(order), relacy_detail::info(at));
    }
    T fetch_sub(T n, std::memory_order order, here at = here::current()) requires std::integral<T> {
      static_assert(sizeof(T) > 1, "Relacy's policy does not subtract from atomics of one byte");
      return this->value_.fetch_sub(n, relacy_detail::translated(order), relacy_detail::info(at));
    }
    T fetch_or(T bits, std::memory_order order,
               here at = here::current()) requires std::integral<T> {
      return static_cast<T>(
          this->value_.fetch_or(bits, relacy_detail::translated(order), relacy_detail::info(at)));
    }
    T fetch_and(T bits, std::memory_order order,
                here at = here::current()) requires std::integral<T> {
      return static_cast<T>(
          this->value_.fetch_and(bits, relacy_detail::translated(order), relacy_detail::info(at)));
    }
    T fetch_xor(T bits, std::memory_order order,
                here at = here::current()) requires std::integral<T> {
      return static_cast<T>(
          this->value_.fetch_xor(bits, relacy_detail::translated(order), relacy_detail::info(at)));
    }

   private:
    friend struct relacy;
    mutable relacy_detail::sleepers sleepers_;
  };

  // Any T, race-checked: a shadow variable is read or written where the closure begins. Relacy does not
  // switch threads at plain accesses, so "begins" and "lasts" are the same moment.
  template <class T>
  class cell {
   public:
    cell() : shadow_(0u) {}
    explicit cell(T initial) : shadow_(0u), value_(std::move(initial)) {}
    cell(const cell&) = delete;
    cell& operator=(const cell&) = delete;

    template <class F>
    decltype(auto) with(F&& read, here at = here::current()) const {
      (void)shadow_(relacy_detail::info(at)).load();
      return std::forward<F>(read)(value_);
    }
    template <class F>
    decltype(auto) with_mut(F&& write, here at = here::current()) {
      shadow_(relacy_detail::info(at)).store(0u);
      return std::forward<F>(write)(value_);
    }

   private:
    rl::var<unsigned> shadow_;
    T value_{};
  };

  class tally {
   public:
    void add(std::uint64_t n, here = here::current()) noexcept { count_ += n; }
    [[nodiscard]] std::uint64_t count(here = here::current()) const noexcept { return count_; }

   private:
    std::uint64_t count_ = 0;
  };

  class mutex {
   public:
    void lock(here at = here::current()) { mutex_.lock(relacy_detail::info(at)); }
    void unlock(here at = here::current()) { mutex_.unlock(relacy_detail::info(at)); }

   private:
    rl::mutex mutex_;
  };

  static void fence(std::memory_order order, here at = here::current()) {
    if (order == std::memory_order::relaxed) return;
    rl::atomic_thread_fence(relacy_detail::translated(order), relacy_detail::info(at));
  }
  // As strong as a pair is at its strongest; jacquard/model/asymmetric.hpp has them at their weakest.
  static void fence_light(here at = here::current()) { fence(std::memory_order::seq_cst, at); }
  static void fence_heavy(here at = here::current()) { fence(std::memory_order::seq_cst, at); }

  static void spin_hint(here at = here::current()) { rl::yield(1, relacy_detail::info(at)); }

  template <class Condition>
  static void await(Condition&& condition, here at = here::current()) {
    while (!condition()) rl::yield(1, relacy_detail::info(at));
  }

  static sync::wait_status wait(const atomic<std::uint32_t>& word, std::uint32_t expected,
                                sync::deadline until, here at = here::current());
  static void wake_one(const atomic<std::uint32_t>& word, here at = here::current());
  static void wake_all(const atomic<std::uint32_t>& word, here at = here::current());

  [[nodiscard]] static sync::deadline after(std::chrono::nanoseconds delay) noexcept {
    return {.ns = delay.count()};
  }

  template <class T, class... Args>
  [[nodiscard]] static T* create(Args&&... args) {
    return ::new (allocate(sizeof(T), alignof(T), typeid(T).name())) T(std::forward<Args>(args)...);
  }
  template <class T>
  static void destroy(T* object, here at = here::current()) {
    if (object == nullptr) return;
    check_live(object, at);
    object->~T();
    release(object, sizeof(T));
  }
  template <class T>
  [[nodiscard]] static T* create_array(std::size_t count) {
    auto* const room = static_cast<T*>(allocate(sizeof(T) * count, alignof(T), typeid(T).name()));
    for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(room + i)) T();
    return room;
  }
  template <class T>
  static void destroy_array(T* first, std::size_t count, here at = here::current()) {
    if (first == nullptr) return;
    check_live(first, at);
    for (std::size_t i = 0; i < count; ++i) first[i].~T();
    release(first, sizeof(T) * count);
  }

  /// The thread's number, or one that no thread has where the model runs alone.
  [[nodiscard]] static std::uintptr_t this_thread() noexcept {
    constexpr std::uintptr_t alone = 1000;
    return relacy_detail::current().parallel
               ? std::uintptr_t{1} + static_cast<std::uintptr_t>(rl::ctx().threadx_->index_)
               : alone;
  }

  static void require(bool holds, const char* claim, here at = here::current()) {
    if (!holds) [[unlikely]]
      fail(claim, at);
  }

 private:
  static void fail(const char* claim, const here& at);
  static void* allocate(std::size_t size, std::size_t alignment, const char* type);
  static void check_live(const void* object, const here& at);
  static void release(void* object, std::size_t size);
  static void wake(const atomic<std::uint32_t>& word, bool all, const here& at);
};

}  // namespace jacquard::model
