// jacquard/sim/active_faults.hpp: the faults of a plan while a world runs: when each begins and ends, and what those
// that are active come to together.
//
// Invariants  I1  A fault is active from its `at` for as long as it lasts; after `end` none is.
//             I2  Faults overlap: of factors and latenesses the largest counts, percentages and delays add up.
// Checked by  run.test.cpp, actor_run.test.cpp
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <jacquard/sim/fault_plan.hpp>
#include <jacquard/sim/kernel.hpp>
#include <jacquard/sim/time.hpp>
#include <jacquard/sim/trace.hpp>

namespace jacquard::sim {

/// The track of a trace on which faults, healing and violations are drawn.
inline constexpr std::uint32_t fault_track = 1;

/// What the link of one producer does at present.
struct link_faults {
  nanoseconds extra = 0;
  std::uint32_t loss_percent = 0;
  std::uint32_t duplicate_percent = 0;
};

class active_faults {
 public:
  explicit active_faults(std::vector<fault> planned) : planned_(std::move(planned)) {}
  active_faults(const active_faults&) = delete;
  active_faults& operator=(const active_faults&) = delete;

  /// Every beginning and end becomes an event of `who`. Once.
  void schedule(kernel& clock, entity_id who);
  /// When the last one is over. After `schedule`.
  [[nodiscard]] nanoseconds end() const noexcept { return end_; }
  /// The fault that begins with that event; null where it is another event. It is active from now on.
  const fault* begins(const event& what);
  /// The fault that ends with it; likewise.
  const fault* ends(const event& what);

  /// By what a service takes longer.
  [[nodiscard]] std::uint32_t slow_factor() const noexcept;
  /// By how much producers emit faster.
  [[nodiscard]] std::uint32_t burst_percent() const noexcept;
  /// How much later timers are noticed.
  [[nodiscard]] nanoseconds lateness() const noexcept;
  [[nodiscard]] link_faults on_link(std::uint32_t producer) const noexcept;

 private:
  const std::vector<fault> planned_;
  std::vector<const fault*> active_;
  nanoseconds end_ = 0;
};

/// Draws a fault that begins now.
void draw(trace& picture, const fault& what, nanoseconds now);

}  // namespace jacquard::sim
