// tool/slope.hpp: cost per operation, exactly: the slope between runs of N, 2N and 3N operations.
//
// Set-up, start-up and warm-up are the same in the three runs and cancel. What an average over one run
// blurs (a pool that grows once, a buffer of the C library) therefore does not count, and what happens
// once in every 64 operations counts as 1/64 sharp, where N is a multiple of the period.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tool/dhat.hpp"

namespace jacquard::audit {

/// Cost per operation. `early` is the slope from N to 2N, `late` from 2N to 3N.
struct slope {
  double early = 0.0;
  double late = 0.0;

  [[nodiscard]] double worst() const noexcept { return early > late ? early : late; }
  [[nodiscard]] bool linear(double tolerance) const noexcept {
    const double bend = early > late ? early - late : late - early;
    return bend <= tolerance;
  }
};

/// The slope through three counts at n, 2n and 3n.
[[nodiscard]] slope slope_of(std::uint64_t at_n, std::uint64_t at_2n, std::uint64_t at_3n,
                             std::uint64_t n) noexcept;

/// What one stack costs per operation.
struct stack_cost {
  slope allocations;
  slope bytes;
  std::vector<std::string> frames;  // first project frame leads
};

/// What one operation costs.
struct cost {
  slope allocations;
  slope bytes;
  slope live_bytes;
  slope live_blocks;
  slope peak_bytes;
  std::vector<stack_cost> stacks;  // those that grow with the work, dearest first
};

/// From profiles of n, 2n and 3n operations.
[[nodiscard]] cost cost_of(const std::array<profile, 3>& runs, std::uint64_t n);

}  // namespace jacquard::audit
