// jacquard/sync/native.hpp: the policy that ships. Nothing in it costs an instruction that
// hand-written code would not spend.
#pragma once

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <new>
#include <source_location>
#include <thread>
#include <utility>

#include <jacquard/sync/policy.hpp>

namespace jacquard::sync {

struct native {
  // An alias, not a wrapper: what is timed is std::atomic itself.
  template <class T>
  using atomic = std::atomic<T>;

  using mutex = std::mutex;

  template <class T>
  class cell {
   public:
    cell() = default;
    explicit cell(T initial) : value_(std::move(initial)) {}
    cell(const cell&) = delete;
    cell& operator=(const cell&) = delete;

    template <class F>
    decltype(auto) with(F&& read) const {
      return std::forward<F>(read)(value_);
    }
    template <class F>
    decltype(auto) with_mut(F&& write) {
      return std::forward<F>(write)(value_);
    }

   private:
    T value_{};
  };

  class tally {
   public:
    void add(std::uint64_t n) noexcept { count_.fetch_add(n, std::memory_order::relaxed); }
    [[nodiscard]] std::uint64_t count() const noexcept {
      return count_.load(std::memory_order::relaxed);
    }

   private:
    std::atomic<std::uint64_t> count_{0};
  };

  static void fence(std::memory_order order) noexcept { std::atomic_thread_fence(order); }

  /// Asymmetric fences, as in folly and P1202: membarrier(2) has every thread of this process that runs execute a
  /// full barrier, so the light side needs none of its own, and only keeps the compiler from moving accesses. Where
  /// the kernel refuses (found out once, before main), both are sequentially consistent fences. A kernel that refuses
  /// later, because the program has put itself into a sandbox, stops the program in fence_heavy: the light side has
  /// left its fences out until then, in threads that nobody can reach any more.
  static void fence_light() noexcept {
    if (asymmetric_) [[likely]] {
      std::atomic_signal_fence(std::memory_order::seq_cst);
    } else {
      std::atomic_thread_fence(std::memory_order::seq_cst);
    }
  }
  /// A system call: 0.1 to a few microseconds.
  static void fence_heavy() noexcept {
    std::atomic_thread_fence(std::memory_order::seq_cst);
    if (!asymmetric_) return;
    if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) return;
    // A process that was forked off may have to register again.
    require(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
                membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED),
            "membarrier, which was served at the start, is refused now: a sandbox allows it, or is "
            "there before the program starts");
  }
  /// Whether fence_light costs nothing here.
  [[nodiscard]] static bool fences_are_asymmetric() noexcept { return asymmetric_; }

  static void spin_hint() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
  }

  /// Spins with growing pauses for about a microsecond, then yields the processor between looks.
  template <class Condition>
  static void await(Condition&& condition) {
    for (unsigned pauses = 1; pauses <= 32; pauses *= 2) {
      if (condition()) return;
      for (unsigned i = 0; i < pauses; ++i) spin_hint();
    }
    while (!condition()) std::this_thread::yield();
  }

  /// Whether another processor may run threads of this process, as it was before main.
  [[nodiscard]] static bool has_other_processors() noexcept { return other_processors_; }

  /// Looks for a while, about as long as the kernel takes to wake a thread, before a sleep that another processor may
  /// end at any moment. True where the condition came. A thread that looked in vain looks less and less often; where
  /// there is one processor nobody does.
  template <class Condition>
  static bool spin_briefly(Condition&& condition) {
    constexpr unsigned pauses = 320;  // 10 us, or 14 where a pause is long
    struct habit {
      unsigned skipped_next = 0;
      unsigned skips = 0;
    };
    static thread_local habit mine;
    if (!has_other_processors()) return false;
    if (mine.skipped_next > 0) {
      --mine.skipped_next;
      return false;
    }
    for (unsigned i = 0; i < pauses; ++i) {
      if (condition()) {
        mine.skips = 0;
        return true;
      }
      spin_hint();
    }
    mine.skips = mine.skips < 31 ? 2 * mine.skips + 1 : 63;
    mine.skipped_next = mine.skips;
    return false;
  }

  /// A private futex on the word, with an absolute deadline on CLOCK_MONOTONIC.
  static wait_status wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                          deadline until) noexcept {
    static_assert(sizeof(word) == sizeof(std::uint32_t) &&
                  std::atomic<std::uint32_t>::is_always_lock_free);
    timespec at{};
    if (!until.is_never()) {
      const std::int64_t ns = until.ns > 0 ? until.ns : 0;
      at = {.tv_sec = static_cast<std::time_t>(ns / 1'000'000'000),
            .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
    }
    const long rc = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected,
                            until.is_never() ? nullptr : &at, nullptr, FUTEX_BITSET_MATCH_ANY);
    return rc == -1 && errno == ETIMEDOUT ? wait_status::timed_out : wait_status::changed;
  }
  static void wake_one(std::atomic<std::uint32_t>& word) noexcept { wake(word, 1); }
  static void wake_all(std::atomic<std::uint32_t>& word) noexcept { wake(word, 0x7fff'ffff); }

  [[nodiscard]] static deadline after(std::chrono::nanoseconds delay) noexcept {
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    const std::int64_t room = deadline::never().ns - now;
    return {.ns = delay.count() >= room ? deadline::never().ns : now + delay.count()};
  }

  template <class T, class... Args>
  [[nodiscard]] static T* create(Args&&... args) {
    return new (std::nothrow) T(std::forward<Args>(args)...);
  }
  template <class T>
  static void destroy(T* object) noexcept {
    delete object;
  }
  template <class T>
  [[nodiscard]] static T* create_array(std::size_t count) {
    return new (std::nothrow) T[count]();
  }
  template <class T>
  static void destroy_array(T* first, std::size_t /*count*/) noexcept {
    delete[] first;
  }

  [[nodiscard]] static std::uintptr_t this_thread() noexcept {
    static thread_local char identity;
    return reinterpret_cast<std::uintptr_t>(&identity);
  }

  static void require(bool holds, const char* claim,
                      std::source_location at = std::source_location::current()) noexcept {
    if (!holds) [[unlikely]] {
      std::fprintf(stderr, "%s:%u: broken: %s\n", at.file_name(), at.line(), claim);
      std::abort();
    }
  }

 private:
  static void wake(std::atomic<std::uint32_t>& word, int sleepers) noexcept {
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, sleepers, nullptr, nullptr, 0);
  }
  static bool membarrier(int command) noexcept {
    return syscall(SYS_membarrier, command, 0, 0) == 0;
  }

  // Every source file that includes this one sets it before its own globals are made.
  static const bool asymmetric_;
  // By a system call, as a mailbox's code calls nothing but the kernel.
  static bool counts_other_processors() noexcept {
    std::array<unsigned long, 128> mask{};
    if (syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask.data()) < 0) return true;  // too many
    bool one = false;
    for (const unsigned long each : mask) {
      if (each == 0) continue;
      if (one || (each & (each - 1)) != 0) return true;
      one = true;
    }
    return false;
  }
  // Later a thread that is pinned would only count its own.
  static const bool other_processors_;
};

inline const bool native::asymmetric_ =
    native::membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
inline const bool native::other_processors_ = native::counts_other_processors();

static_assert(explain_policy<native>());
static_assert(std::same_as<atomic<native, std::uint64_t>, std::atomic<std::uint64_t>>,
              "nothing stands between the timed binary and the machine");

}  // namespace jacquard::sync
