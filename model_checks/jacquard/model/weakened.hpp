// jacquard/model/weakened.hpp: a policy with one memory order cut, at run time.
//
// `weakened<S>` is S, and asks before every atomic operation whether the operation at this source line is
// the one to weaken. With no cut set it is S. It also writes down which operations ran and with which
// orders, so that a mutation run knows what there is to cut.
//
// A site is a file, a line, a column and a part: a compare-exchange has two orders, hence two parts.
//
// The whole policy can be sabotaged as well, to see that a check notices: see `sabotage`.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <jacquard/sync/policy.hpp>

namespace jacquard::model {

/// Which order of an operation.
enum class order_part : std::uint8_t { load, store, rmw, cas_success, cas_failure, fence };

[[nodiscard]] const char* to_string(order_part part) noexcept;
/// "acq_rel", and "none" for a fence that is dropped.
[[nodiscard]] const char* to_string(std::memory_order order) noexcept;

/// One order in the source.
struct order_site {
  std::string file = {};
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  order_part part = order_part::load;
  std::memory_order order = std::memory_order::relaxed;

  friend auto operator<=>(const order_site&, const order_site&) = default;
};

/// One step weaker. A fence weakened to relaxed is a fence dropped.
struct order_cut {
  order_site site = {};
  std::memory_order to = std::memory_order::relaxed;
};

/// Every way to weaken a site by one step: seq_cst to acq_rel (or acquire, release: what the operation
/// allows), acq_rel to acquire and to release, acquire and release to relaxed.
[[nodiscard]] std::vector<order_cut> cuts_of(const order_site& site);

/// A way to break the policy below a check, everywhere at once.
enum class sabotage : std::uint8_t {
  none,
  orders,   // every memory order is relaxed, and there are no fences
  updates,  // a read-modify-write is a load and then a store
  wakes,    // nobody is woken
  locks,    // a mutex keeps nobody out
};
inline constexpr sabotage sabotages[] = {sabotage::orders, sabotage::updates, sabotage::wakes,
                                         sabotage::locks};
[[nodiscard]] const char* to_string(sabotage how) noexcept;

/// The cut or the sabotage in force and the sites seen. One for the process; `order_at` may be called by any thread, the
/// rest only while no check runs.
class weakening {
 public:
  static weakening& instance() noexcept;

  void cut(const order_cut& chosen) {
    cut_ = chosen;
    line_ = chosen.site.line;
  }
  void break_all(sabotage how) noexcept { how_ = how; }
  /// No cut and no sabotage.
  void restore() noexcept {
    line_ = 0;
    how_ = sabotage::none;
  }
  [[nodiscard]] bool breaks(sabotage how) const noexcept { return how_ == how; }
  void record(bool on) {
    recording_ = on;
    if (on) seen_.clear();
  }
  /// The sites that ran while recording, sorted.
  [[nodiscard]] std::vector<order_site> seen() const;

  /// The order to use in place of `order`.
  [[nodiscard]] std::memory_order order_at(const std::source_location& at, order_part part,
                                           std::memory_order order) {
    if (recording_) [[unlikely]]
      note(at, part, order);
    if (how_ == sabotage::orders) [[unlikely]]
      return std::memory_order::relaxed;
    if (at.line() != line_) [[likely]]
      return order;
    return is_cut(at, part) ? cut_.to : order;
  }

 private:
  struct key {
    const char* file;
    std::uint32_t line;
    std::uint32_t column;
    order_part part;
    std::memory_order order;
    friend bool operator==(const key&, const key&) = default;
  };

  void note(const std::source_location& at, order_part part, std::memory_order order);
  [[nodiscard]] bool is_cut(const std::source_location& at, order_part part) const noexcept;

  std::uint32_t line_ = 0;
  sabotage how_ = sabotage::none;
  bool recording_ = false;
  order_cut cut_;
  std::mutex guard_;
  std::vector<key> seen_;
};

/// The orders of the load and of the store that an update with this order is made of.
[[nodiscard]] constexpr std::memory_order load_part(std::memory_order order) noexcept {
  if (order == std::memory_order::release) return std::memory_order::relaxed;
  return order == std::memory_order::acq_rel ? std::memory_order::acquire : order;
}
[[nodiscard]] constexpr std::memory_order store_part(std::memory_order order) noexcept {
  if (order == std::memory_order::acquire || order == std::memory_order::consume)
    return std::memory_order::relaxed;
  return order == std::memory_order::acq_rel ? std::memory_order::release : order;
}

template <sync::policy S>
struct weakened {
  using here = std::source_location;

  template <class T>
  class atomic {
   public:
    atomic(here at = here::current()) requires
        std::constructible_from<typename S::template atomic<T>, T, here> : inner_(T{}, at) {}
    atomic(T initial, here at = here::current()) requires
        std::constructible_from<typename S::template atomic<T>, T, here> : inner_(initial, at) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    T load(std::memory_order order, here at = here::current()) const {
      return inner_.load(chosen(at, order_part::load, order), at);
    }
    void store(T desired, std::memory_order order, here at = here::current()) {
      inner_.store(desired, chosen(at, order_part::store, order), at);
    }
    T exchange(T desired, std::memory_order order, here at = here::current()) {
      return update(
          order, at, [&](T) { return desired; },
          [&](std::memory_order o) { return inner_.exchange(desired, o, at); });
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                               std::memory_order failure, here at = here::current()) {
      if (weakening::instance().breaks(sabotage::updates)) [[unlikely]]
        return compare_and_store(expected, desired, success, at);
      return inner_.compare_exchange_weak(expected, desired,
                                          chosen(at, order_part::cas_success, success),
                                          chosen(at, order_part::cas_failure, failure), at);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                 std::memory_order failure, here at = here::current()) {
      if (weakening::instance().breaks(sabotage::updates)) [[unlikely]]
        return compare_and_store(expected, desired, success, at);
      return inner_.compare_exchange_strong(expected, desired,
                                            chosen(at, order_part::cas_success, success),
                                            chosen(at, order_part::cas_failure, failure), at);
    }
    T fetch_add(T n, std::memory_order order, here at = here::current()) requires std::integral<T> {
      return update(
          order, at, [&](T old) { return static_cast<T>(old + n); },
          [&](std::memory_order o) { return inner_.fetch_add(n, o, at); });
    }
    T fetch_sub(T n, std::memory_order order, here at = here::current()) requires std::integral<T> {
      return update(
          order, at, [&](T old) { return static_cast<T>(old - n); },
          [&](std::memory_order o) { return inner_.fetch_sub(n, o, at); });
    }
    T fetch_or(T bits, std::memory_order order,
               here at = here::current()) requires std::integral<T> {
      return update(
          order, at, [&](T old) { return static_cast<T>(old | bits); },
          [&](std::memory_order o) { return inner_.fetch_or(bits, o, at); });
    }
    T fetch_and(T bits, std::memory_order order,
                here at = here::current()) requires std::integral<T> {
      return update(
          order, at, [&](T old) { return static_cast<T>(old & bits); },
          [&](std::memory_order o) { return inner_.fetch_and(bits, o, at); });
    }

   private:
    friend struct weakened;
    static std::memory_order chosen(const here& at, order_part part, std::memory_order order) {
      return weakening::instance().order_at(at, part, order);
    }

    // An update; sabotaged, a load and then a store.
    template <class Made, class Update>
    T update(std::memory_order order, const here& at, Made&& made, Update&& whole) {
      if (weakening::instance().breaks(sabotage::updates)) [[unlikely]] {
        const T old = inner_.load(load_part(order), at);
        inner_.store(made(old), store_part(order), at);
        return old;
      }
      return whole(chosen(at, order_part::rmw, order));
    }
    bool compare_and_store(T& expected, T desired, std::memory_order order, const here& at) {
      const T seen = inner_.load(load_part(order), at);
      if (std::memcmp(&seen, &expected, sizeof(T)) != 0) {
        expected = seen;
        return false;
      }
      inner_.store(desired, store_part(order), at);
      return true;
    }
    typename S::template atomic<T> inner_;
  };

  template <class T>
  using cell = typename S::template cell<T>;
  using tally = typename S::tally;

  class mutex {
   public:
    void lock(here at = here::current()) {
      if (!weakening::instance().breaks(sabotage::locks)) inner_.lock(at);
    }
    void unlock(here at = here::current()) {
      if (!weakening::instance().breaks(sabotage::locks)) inner_.unlock(at);
    }

   private:
    typename S::mutex inner_;
  };

  static void fence(std::memory_order order, here at = here::current()) {
    const std::memory_order left = order_of_fence(at, order);
    if (left != std::memory_order::relaxed) S::fence(left, at);
  }
  // Cut, they are what a sequentially consistent fence would be, cut.
  static void fence_light(here at = here::current()) {
    if (order_of_fence(at) == std::memory_order::seq_cst) return S::fence_light(at);
    fence(std::memory_order::seq_cst, at);
  }
  static void fence_heavy(here at = here::current()) {
    if (order_of_fence(at) == std::memory_order::seq_cst) return S::fence_heavy(at);
    fence(std::memory_order::seq_cst, at);
  }
  static void spin_hint(here at = here::current()) { S::spin_hint(at); }
  template <class Condition>
  static void await(Condition&& condition, here at = here::current()) {
    S::await(std::forward<Condition>(condition), at);
  }

  static sync::wait_status wait(const atomic<std::uint32_t>& word, std::uint32_t expected,
                                sync::deadline until, here at = here::current()) {
    return S::wait(word.inner_, expected, until, at);
  }
  static void wake_one(atomic<std::uint32_t>& word, here at = here::current()) {
    if (!weakening::instance().breaks(sabotage::wakes)) S::wake_one(word.inner_, at);
  }
  static void wake_all(atomic<std::uint32_t>& word, here at = here::current()) {
    if (!weakening::instance().breaks(sabotage::wakes)) S::wake_all(word.inner_, at);
  }
  [[nodiscard]] static sync::deadline after(std::chrono::nanoseconds delay) noexcept {
    return S::after(delay);
  }

  template <class T, class... Args>
  [[nodiscard]] static T* create(Args&&... args) {
    return S::template create<T>(std::forward<Args>(args)...);
  }
  template <class T>
  static void destroy(T* object, here at = here::current()) {
    S::destroy(object, at);
  }
  template <class T>
  [[nodiscard]] static T* create_array(std::size_t count) {
    return S::template create_array<T>(count);
  }
  template <class T>
  static void destroy_array(T* first, std::size_t count, here at = here::current()) {
    S::destroy_array(first, count, at);
  }

  [[nodiscard]] static std::uintptr_t this_thread() noexcept { return S::this_thread(); }
  static void require(bool holds, const char* claim, here at = here::current()) {
    S::require(holds, claim, at);
  }

 private:
  static std::memory_order order_of_fence(const here& at,
                                          std::memory_order order = std::memory_order::seq_cst) {
    return weakening::instance().order_at(at, order_part::fence, order);
  }
};

}  // namespace jacquard::model
