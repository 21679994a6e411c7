// jacquard/sim/books.hpp: what every simulation keeps books of: sums, latencies, and the first promise that was broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

/// A broken promise: which check, and what happened.
struct violation {
  std::string check;
  std::string detail;
  nanoseconds at = 0;
};

/// Sums over a run.
struct totals {
  std::uint64_t offered = 0;
  std::uint64_t accepted = 0;
  std::uint64_t taken = 0;
  std::uint64_t handled = 0;
  std::uint64_t perished = 0;
  std::uint64_t dropped = 0;
  std::uint64_t evicted = 0;
  std::uint64_t busy = 0;  // answers, not letters: a blocked sender tries again
  std::uint64_t closed = 0;
  std::uint64_t too_large = 0;
  std::uint64_t deadline = 0;
  std::uint64_t orders_accepted = 0;
  std::uint64_t orders_refused = 0;
  std::uint64_t orders_taken = 0;
  std::uint64_t waiting_peak = 0;
};

/// The base of books about one kind of world.
class books {
 public:
  /// Later ones are not kept: the first is what broke.
  void broken(const char* check, std::string detail, nanoseconds now) {
    if (!violation_) violation_ = {.check = check, .detail = std::move(detail), .at = now};
  }
  [[nodiscard]] const std::optional<violation>& first_violation() const noexcept {
    return violation_;
  }
  [[nodiscard]] const totals& sums() const noexcept { return sums_; }
  /// From accepted to handled, of everything that was handled, in the order of handling.
  [[nodiscard]] const std::vector<nanoseconds>& latencies() const noexcept { return latencies_; }

 protected:
  books() = default;
  ~books() = default;

  totals sums_;
  std::vector<nanoseconds> latencies_;

 private:
  std::optional<violation> violation_;
};

}  // namespace jacquard::sim
