// jacquard/model/explore/policy.hpp: shared memory as the explorer sees it.
//
// Every operation of an atomic is an event of the search; plain memory is not explored but checked against
// happens-before, which is enough because a race shows in whatever order its two accesses are run.
//
//   await      one look. Where the condition is false the thread waits until a word that it read changes.
//   wait       compares and sleeps; orders nothing. It returns because the value differs or, with a
//              deadline, because time is up. A sleeper for whom no wake-up is due (after
//              [atomics.wait]: a change after what it saw that happens before the wake) sleeps for ever.
//   create     never null; addresses are never used twice in one execution.
//   compare_exchange_weak  fails spuriously as often as the run's options say, in each thread; by default never.
//   tally      plain memory, not explored.
#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <source_location>
#include <type_traits>
#include <utility>

#include <jacquard/model/explore/session.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard::model {

namespace explore_detail {

using here = std::source_location;
using explorer::session;
using explorer::word;

// A source_location of this library is one pointer to a constant; the search carries it as that.
static_assert(sizeof(here) == sizeof(const void*));
[[nodiscard]] inline const void* site(const here& at) noexcept {
  return std::bit_cast<const void*>(at);
}

[[nodiscard]] constexpr explorer::order in_search(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order::relaxed:
      return explorer::order::relaxed;
    case std::memory_order::consume:
    case std::memory_order::acquire:
      return explorer::order::acquire;
    case std::memory_order::release:
      return explorer::order::release;
    case std::memory_order::acq_rel:
      return explorer::order::acq_rel;
    case std::memory_order::seq_cst:
      break;
  }
  return explorer::order::seq_cst;
}

template <class T>
[[nodiscard]] word encode(T value) noexcept {
  word bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}
template <class T>
[[nodiscard]] T decode(word bits) noexcept {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

/// What can be done with a shared word, whether it is an atomic of its own or an object that references reach.
template <class T>
class word_operations {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8,
                "an atomic under the explorer holds at most 8 trivially copyable bytes");
  static constexpr bool counts = std::is_integral_v<T> && !std::is_same_v<T, bool>;

 public:
  using value_type = T;
  word_operations(const word_operations&) = delete;
  word_operations& operator=(const word_operations&) = delete;

  T load(std::memory_order order, here at = here::current()) const {
    return perform({.kind = explorer::event_kind::read,
                    .order = explore_detail::in_search(order),
                    .bytes = sizeof(T),
                    .where = where_,
                    .site = explore_detail::site(at)});
  }
  void store(T desired, std::memory_order order, here at = here::current()) {
    (void)perform({.kind = explorer::event_kind::write,
                   .order = explore_detail::in_search(order),
                   .bytes = sizeof(T),
                   .where = where_,
                   .operand = explore_detail::encode(desired),
                   .site = explore_detail::site(at)});
  }
  T exchange(T desired, std::memory_order order, here at = here::current()) {
    return update(explorer::update::exchange, explore_detail::encode(desired), order, at);
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                               std::memory_order failure, here at = here::current()) {
    return compare_exchange(false, expected, desired, success, failure, at);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                             std::memory_order failure, here at = here::current()) {
    return compare_exchange(true, expected, desired, success, failure, at);
  }
  T fetch_add(T n, std::memory_order order, here at = here::current()) requires counts {
    return update(explorer::update::add, explore_detail::encode(n), order, at);
  }
  T fetch_sub(T n, std::memory_order order, here at = here::current()) requires counts {
    return update(explorer::update::subtract, explore_detail::encode(n), order, at);
  }
  T fetch_or(T bits, std::memory_order order, here at = here::current()) requires counts {
    return update(explorer::update::bit_or, explore_detail::encode(bits), order, at);
  }
  T fetch_and(T bits, std::memory_order order, here at = here::current()) requires counts {
    return update(explorer::update::bit_and, explore_detail::encode(bits), order, at);
  }
  T fetch_xor(T bits, std::memory_order order, here at = here::current()) requires counts {
    return update(explorer::update::bit_xor, explore_detail::encode(bits), order, at);
  }

 private:
  bool compare_exchange(bool weak, T& expected, T desired, std::memory_order success,
                        std::memory_order failure, const here& at) {
    const explorer::word wanted = explore_detail::encode(expected);
    const T seen = perform({.kind = explorer::event_kind::read,
                            .order = explore_detail::in_search(success),
                            .failure = explore_detail::in_search(failure),
                            .update = explorer::update::compare,
                            .weak = weak,
                            .bytes = sizeof(T),
                            .where = where_,
                            .operand = explore_detail::encode(desired),
                            .expected = wanted,
                            .site = explore_detail::site(at)});
    if (explore_detail::encode(seen) == wanted) {
      return !weak || !explore_detail::session::current().failed_spuriously();
    }
    expected = seen;
    return false;
  }
  static T perform(const explorer::operation& op) {
    return explore_detail::decode<T>(explore_detail::session::current().perform(op));
  }
  T update(explorer::update how, explorer::word operand, std::memory_order order, const here& at) {
    return perform({.kind = explorer::event_kind::read,
                    .order = explore_detail::in_search(order),
                    .update = how,
                    .bytes = sizeof(T),
                    .where = where_,
                    .operand = operand,
                    .site = explore_detail::site(at)});
  }

 protected:
  explicit word_operations(explorer::location_id where) : where_(where) {}
  ~word_operations() = default;

  explorer::location_id where_;
};

}  // namespace explore_detail

struct explore {
  using here = std::source_location;

  template <class T>
  class atomic : public explore_detail::word_operations<T> {
   public:
    atomic(here at = here::current()) : atomic(T{}, at) {}
    atomic(T initial, here = here::current())
        : explore_detail::word_operations<T>(
              explore_detail::session::current().make_location(explore_detail::encode(initial))) {}
    ~atomic() { explore_detail::session::current().destroy_location(where_, nullptr); }
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

   private:
    friend struct explore;
    using explore_detail::word_operations<T>::where_;
  };

  template <class T>
  class cell {
   public:
    cell() { explore_detail::session::current().make_cell(shadow_); }
    explicit cell(T initial) : value_(std::move(initial)) {
      explore_detail::session::current().make_cell(shadow_);
    }
    ~cell() { explore_detail::session::current().destroy_cell(shadow_, nullptr); }
    cell(const cell&) = delete;
    cell& operator=(const cell&) = delete;

    template <class F>
    decltype(auto) with(F&& read, here at = here::current()) const {
      explore_detail::session::current().read_cell(shadow_, explore_detail::site(at));
      return std::forward<F>(read)(value_);
    }
    template <class F>
    decltype(auto) with_mut(F&& write, here at = here::current()) {
      explore_detail::session::current().write_cell(shadow_, explore_detail::site(at));
      return std::forward<F>(write)(value_);
    }

   private:
    mutable explorer::shadow shadow_;
    T value_{};
  };

  class tally {
   public:
    void add(std::uint64_t n) noexcept { count_ += n; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

   private:
    std::uint64_t count_ = 0;
  };

  class mutex {
   public:
    void lock(here at = here::current()) {
      while (!take(explorer::demand::equal, at)) {
        explore_detail::session::current().wait(explorer::waiting::mutex, explore_detail::site(at));
      }
    }
    [[nodiscard]] bool try_lock(here at = here::current()) {
      return take(explorer::demand::none, at);
    }
    void unlock(here at = here::current()) { held_.store(0, std::memory_order::release, at); }

   private:
    friend struct explore;
    bool take(explorer::demand wanted, const here& at) {
      return explore_detail::session::current().perform({.kind = explorer::event_kind::read,
                                                         .order = explorer::order::acquire,
                                                         .update = explorer::update::compare,
                                                         .demand = wanted,
                                                         .bytes = 4,
                                                         .where = held_.where_,
                                                         .operand = 1,
                                                         .expected = 0,
                                                         .site = explore_detail::site(at)}) == 0;
    }
    atomic<std::uint32_t> held_{0};
  };

  static void fence(std::memory_order order, here at = here::current()) {
    (void)explore_detail::session::current().perform({.kind = explorer::event_kind::fence,
                                                      .order = explore_detail::in_search(order),
                                                      .site = explore_detail::site(at)});
  }
  // As strong as a pair is at its strongest; jacquard/model/asymmetric.hpp has them at their weakest.
  static void fence_light(here at = here::current()) { fence(std::memory_order::seq_cst, at); }
  static void fence_heavy(here at = here::current()) { fence(std::memory_order::seq_cst, at); }
  static void spin_hint(here at = here::current()) {
    explore_detail::session::current().spin_hint(explore_detail::site(at));
  }
  template <class Condition>
  static void await(Condition&& condition, here at = here::current()) {
    explore_detail::session& s = explore_detail::session::current();
    for (s.begin_await(); !condition(); s.begin_await()) {
      s.wait(explorer::waiting::await, explore_detail::site(at));
    }
  }

  static sync::wait_status wait(const atomic<std::uint32_t>& word, std::uint32_t expected,
                                sync::deadline until, here at = here::current()) {
    if (word.load(std::memory_order::relaxed, at) != expected) {
      explore_detail::session::current().did_not_sleep(word.where_, expected);
      return sync::wait_status::changed;
    }
    if (!until.is_never()) return sync::wait_status::timed_out;
    explore_detail::session::current().sleep(word.where_, explore_detail::site(at));
    return sync::wait_status::changed;
  }
  /// Sleeps on the value that the calling thread's last operation read from `word`. Whoever it returns to
  /// looks again.
  static void wait_on_last_read(const atomic<std::uint32_t>& word, here at = here::current()) {
    explore_detail::session::current().sleep(word.where_, explore_detail::site(at));
  }
  static void waited_for_nothing(const atomic<std::uint32_t>& word, std::uint32_t old) {
    explore_detail::session::current().did_not_sleep(word.where_, old);
  }
  static void wake_one(const atomic<std::uint32_t>& word, here at = here::current()) {
    explore_detail::session::current().wake(word.where_, false, explore_detail::site(at));
  }
  static void wake_all(const atomic<std::uint32_t>& word, here at = here::current()) {
    explore_detail::session::current().wake(word.where_, true, explore_detail::site(at));
  }
  /// Any deadline may pass at any step, so its length does not matter.
  [[nodiscard]] static sync::deadline after(std::chrono::nanoseconds) noexcept { return {.ns = 0}; }

  template <class T, class... Args>
  [[nodiscard]] static T* create(Args&&... args) {
    void* const room = explore_detail::session::current().allocate(sizeof(T), alignof(T), nullptr);
    return ::new (room) T(std::forward<Args>(args)...);
  }
  template <class T>
  static void destroy(T* object, here at = here::current()) {
    if (object == nullptr) return;
    explore_detail::session::current().release(object, explore_detail::site(at));
    object->~T();
  }
  template <class T>
  [[nodiscard]] static T* create_array(std::size_t count) {
    void* const room =
        explore_detail::session::current().allocate(sizeof(T) * count, alignof(T), nullptr);
    T* const first = static_cast<T*>(room);
    for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(first + i)) T();
    return first;
  }
  template <class T>
  static void destroy_array(T* first, std::size_t count, here at = here::current()) {
    if (first == nullptr) return;
    explore_detail::session::current().release(first, explore_detail::site(at));
    for (std::size_t i = count; i > 0; --i) first[i - 1].~T();
  }

  [[nodiscard]] static std::uintptr_t this_thread() noexcept {
    return std::uintptr_t{1} + explore_detail::session::current().running();
  }

  static void require(bool holds, const char* claim, here at = here::current()) {
    if (!holds) [[unlikely]] {
      explore_detail::session::current().fail(failure_kind::claim, claim, explore_detail::site(at));
    }
  }
};

static_assert(sync::explain_policy<explore>());

}  // namespace jacquard::model
