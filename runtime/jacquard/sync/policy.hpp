// jacquard/sync/policy.hpp: the seam between an algorithm and the machine it runs on.
//
// Every concurrent class in runtime/ is a template over a `Sync` policy and touches shared memory
// only through it. So one source is shipped and timed on real threads, and the same source is
// explored under the C++ memory model. A policy is a struct of static members:
//
//   sync::native        jacquard/sync/native.hpp       std::atomic itself; ships, is timed
//   model::relacy       model_checks/                  Relacy's atomics and race-checked memory
//   model::explore      model_checks/                  every execution, once
//   model::perturbed    model_checks/                  real threads, seeded yields
//   model::weakened<S>  model_checks/                  S with one memory order cut
//
// Belongs here: whatever may differ between two runs at instruction grain: atomics, plain shared
// memory, fences, spinning, parking, node lifetime, and the verdict on a broken invariant. Does
// not: time, latency, random choice, who runs next. They vary at message grain
// (jacquard/env/environment.hpp).
//
// Model policies take a defaulted std::source_location as the last argument of every operation, so
// an algorithm's call sites need no macro and every report names a line.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace jacquard::sync {

/// A point on the monotonic clock, in nanoseconds since that clock's own epoch. Made by
/// `Sync::after`.
struct deadline {
  std::int64_t ns = std::numeric_limits<std::int64_t>::max();

  [[nodiscard]] static constexpr deadline never() noexcept { return {}; }
  [[nodiscard]] constexpr bool is_never() const noexcept { return *this == never(); }
  friend constexpr auto operator<=>(deadline, deadline) = default;
};

/// Why a wait on a word returned. `changed` covers a wake-up, a different value and a spurious
/// return: the caller looks again in each case.
enum class [[nodiscard]] wait_status : std::uint8_t{changed, timed_out};

/// Has `atomic<T>`: std::atomic's members, every order spelled out at the call.
template <class S>
concept has_atomics = requires(typename S::template atomic<std::uint64_t> word,
                               std::uint64_t expected) {
  { word.load(std::memory_order::acquire) } -> std::same_as<std::uint64_t>;
  word.store(std::uint64_t{1}, std::memory_order::release);
  { word.exchange(std::uint64_t{1}, std::memory_order::acq_rel) } -> std::same_as<std::uint64_t>;
  { word.fetch_add(std::uint64_t{1}, std::memory_order::relaxed) } -> std::same_as<std::uint64_t>;
  { word.fetch_sub(std::uint64_t{1}, std::memory_order::relaxed) } -> std::same_as<std::uint64_t>;
  { word.fetch_or(std::uint64_t{1}, std::memory_order::acq_rel) } -> std::same_as<std::uint64_t>;
  { word.fetch_and(std::uint64_t{1}, std::memory_order::acq_rel) } -> std::same_as<std::uint64_t>;
  {
    word.compare_exchange_weak(expected, std::uint64_t{1}, std::memory_order::acq_rel,
                               std::memory_order::relaxed)
    } -> std::same_as<bool>;
  {
    word.compare_exchange_strong(expected, std::uint64_t{1}, std::memory_order::acq_rel,
                                 std::memory_order::relaxed)
    } -> std::same_as<bool>;
};

/// Has `cell<T>`: shared memory that is not atomic. `with` reads and `with_mut` writes inside a
/// closure, so that a checking policy knows when an access begins. A closure performs no atomic
/// operation.
template <class S>
concept has_cells = requires(typename S::template cell<int> plain) {
  plain.with([](const int&) {});
  plain.with_mut([](int&) {});
};

/// Has `tally`: a statistic. Counted exactly, read by people, never by an algorithm to decide
/// anything; a model may therefore keep it out of the exploration.
template <class S>
concept has_tallies = requires(typename S::tally statistic, const typename S::tally& shown) {
  statistic.add(std::uint64_t{1});
  { shown.count() } -> std::same_as<std::uint64_t>;
};

/// Has `mutex` (lock, unlock).
template <class S>
concept has_mutex = requires(typename S::mutex lock) {
  lock.lock();
  lock.unlock();
};

/// Has `fence(order)`, and a pair of fences for two sides of which one comes often and the other seldom:
/// `fence_light()` and `fence_heavy()`. A light and a heavy one, and two heavy ones, order like two sequentially
/// consistent fences. Nothing else is promised: two light ones order nothing, and a light one is no acquire or release
/// fence.
template <class S>
concept has_fences = requires {
  S::fence(std::memory_order::seq_cst);
  S::fence_light();
  S::fence_heavy();
};

/// Has `spin_hint()`, one polite pause, and `await(condition)`, which returns once the condition
/// holds. The condition only reads. Native code spins, then yields; a model blocks the thread until
/// one of the words that the condition read changes.
template <class S>
concept has_waiting_by_spinning = requires {
  S::spin_hint();
  S::await([] { return true; });
};

/// Has parking on a 32-bit word. `wait` compares and sleeps in one step, as a futex does, and
/// returns by `wake_one`, `wake_all`, a different value, spuriously, or at the deadline. Neither
/// side orders anything: what a sleeper must see is carried by the word's own orders. `after(d)`
/// makes a deadline.
template <class S>
concept has_parking = requires(typename S::template atomic<std::uint32_t> word) {
  { S::wait(word, std::uint32_t{0}, deadline::never()) } -> std::same_as<wait_status>;
  S::wake_one(word);
  S::wake_all(word);
  { S::after(std::chrono::nanoseconds{1}) } -> std::same_as<deadline>;
};

/// Has node lifetime: `create<T>(args...)`, null where memory is out, and `destroy`;
/// `create_array<T>(n)` makes n value-initialised objects. A model checks leaks, double frees and
/// use after free.
template <class S>
concept has_lifetimes = requires(int* object) {
  { S::template create<int>(7) } -> std::same_as<int*>;
  S::destroy(object);
  { S::template create_array<int>(std::size_t{2}) } -> std::same_as<int*>;
  S::destroy_array(object, std::size_t{2});
};

/// Has `require(holds, claim)`: where `holds` is false, the program (or this execution of the
/// model) ends and says the claim. In every build. And `this_thread()`, a value no other live
/// thread has.
template <class S>
concept has_verdicts = requires {
  S::require(true, "a claim about the program");
  { S::this_thread() } -> std::same_as<std::uintptr_t>;
};

/// Everything an algorithm in runtime/ may use of the machine.
template <class S>
concept policy =
    has_atomics<S> && has_cells<S> && has_tallies<S> && has_mutex<S> && has_fences<S> &&
    has_waiting_by_spinning<S> && has_parking<S> && has_lifetimes<S> && has_verdicts<S>;

/// Says in words what a policy lacks: `static_assert(sync::explain_policy<my_policy>())`.
template <class S>
consteval bool explain_policy() {
  static_assert(has_atomics<S>,
                "a sync policy needs atomic<T> with std::atomic's members and orders");
  static_assert(has_cells<S>, "a sync policy needs cell<T> with with() and with_mut()");
  static_assert(has_tallies<S>, "a sync policy needs tally with add() and count()");
  static_assert(has_mutex<S>, "a sync policy needs mutex with lock() and unlock()");
  static_assert(has_fences<S>, "a sync policy needs fence(order), fence_light() and fence_heavy()");
  static_assert(has_waiting_by_spinning<S>, "a sync policy needs spin_hint() and await(condition)");
  static_assert(has_parking<S>, "a sync policy needs wait(), wake_one(), wake_all() and after()");
  static_assert(has_lifetimes<S>,
                "a sync policy needs create, destroy, create_array, destroy_array");
  static_assert(has_verdicts<S>, "a sync policy needs require() and this_thread()");
  return policy<S>;
}

template <policy S, class T>
using atomic = typename S::template atomic<T>;
template <policy S, class T>
using cell = typename S::template cell<T>;

/// Locks for a scope. (std::lock_guard, without naming <mutex> outside this folder.)
template <policy S>
class lock_guard {
 public:
  explicit lock_guard(typename S::mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~lock_guard() { mutex_.unlock(); }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;

 private:
  typename S::mutex& mutex_;
};

}  // namespace jacquard::sync
