// jacquard/bench/placement.hpp: which processor runs what, and how far apart two of them are just
// now.
//
// Threads that are free to move measure the scheduler's mood. So each thread is pinned: `same_core`
// puts all of them on one processor, `cross_core` puts the consumer on one and the senders on the
// others in turn. A virtual machine may still move its processors: the round trip of a cache line
// is probed around every block, and its regime goes into the record.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace jacquard::bench {

enum class placement : std::uint8_t { same_core, cross_core };

[[nodiscard]] constexpr std::string_view to_string(placement where) noexcept {
  return where == placement::same_core ? "same-core" : "cross-core";
}

/// The processors that this process could use when it started, rising.
[[nodiscard]] const std::vector<int>& allowed_processors();

/// Pins the calling thread. False where the processor may not be used.
bool pin_to(int processor) noexcept;

/// The processors of one run: the consumer's, and each sender's.
struct seats {
  int consumer = 0;
  std::vector<int> senders;

  [[nodiscard]] int sender(unsigned index) const noexcept {
    return senders[index % senders.size()];
  }
};

/// Null where the machine cannot do it: cross_core needs two processors.
[[nodiscard]] std::optional<seats> seats_for(placement where, const std::vector<int>& processors);

/// A cache line's round trip between two processors, ns: the lower quartile of 40 batches of 50
/// trips. About 1 ms. Not a number where the two are the same.
[[nodiscard]] double probe_round_trip_ns(int a, int b, double ticks_per_ns);

/// Names a round trip: "near" below 200 ns, otherwise "far"; "one-core" where it is not a number.
[[nodiscard]] std::string_view regime_of(double round_trip_ns) noexcept;

}  // namespace jacquard::bench
