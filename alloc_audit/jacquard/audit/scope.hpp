// jacquard/audit/scope.hpp: how many heap allocations happened between two points.
//
// The counts move only in a program that links jacquard::alloc_audit, which puts itself before the malloc
// family and the operators new and delete. `armed()` proves that it does, by making allocations and
// watching: a gate that cannot fail is not a gate.
//
// Do not read these counts under Valgrind: it intercepts the same functions, and the counts stay 0.
#pragma once

#include <cstdint>

namespace jacquard::audit {

/// Heap traffic. `realloc` of a live block counts as one allocation and one free.
struct tally {
  std::uint64_t allocations = 0;
  std::uint64_t frees = 0;
  std::uint64_t bytes = 0;  // requested, not rounded up

  friend tally operator-(const tally& late, const tally& early) noexcept {
    return {.allocations = late.allocations - early.allocations,
            .frees = late.frees - early.frees,
            .bytes = late.bytes - early.bytes};
  }
  friend bool operator==(const tally&, const tally&) = default;
};

/// What this thread has done since it started. Wait-free; allocates nothing.
[[nodiscard]] tally this_thread() noexcept;

/// What every thread has done since the program started. Exact where no other thread allocates at the
/// time. Wait-free; allocates nothing.
[[nodiscard]] tally process() noexcept;

/// True where malloc, calloc, realloc, aligned_alloc, posix_memalign, operator new and operator new[]
/// each move the count by exactly one. Allocates and frees.
[[nodiscard]] bool armed() noexcept;

/// Counts what this thread does from its construction on.
class scope {
 public:
  scope() noexcept : start_(this_thread()) {}
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

  [[nodiscard]] tally spent() const noexcept { return this_thread() - start_; }

 private:
  tally start_;
};

}  // namespace jacquard::audit
