// jacquard/sim/run.hpp: runs a plan, judges it, runs it again to see whether it is the same run.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <jacquard/sim/books.hpp>
#include <jacquard/sim/canary.hpp>
#include <jacquard/sim/fault_plan.hpp>
#include <jacquard/sim/history.hpp>
#include <jacquard/sim/kernel.hpp>
#include <jacquard/sim/scenario.hpp>

namespace jacquard::sim {

class trace;

struct run_options {
  canary broken = canary::none;  // a mailbox that is broken on purpose
  bool keep_events = false;      // for first_difference
  sim::trace* trace = nullptr;   // where to draw the run
};

/// What a run came to.
struct run_result {
  std::uint64_t digest = 0;  // of every event
  std::uint64_t events = 0;  // handled by the kernel
  stop_reason ended_by = stop_reason::quiet;
  nanoseconds ended_at = 0;
  nanoseconds drained_in = 0;               // from heal and close to finished
  std::optional<nanoseconds> recovered_in;  // from the end of a burst to the first idle moment
  std::optional<violation> broken;
  totals sums;
  std::bitset<point_count> seen;
  nanoseconds latency_p50 = 0;  // from accepted to handled, virtual
  nanoseconds latency_p99 = 0;
  sim::history history;
  /// The path of an entity in the history.
  std::vector<std::pair<std::uint64_t, std::string>> names;

  [[nodiscard]] bool holds() const noexcept { return !broken.has_value(); }

  // What every world does at its end.
  /// Came to rest: `drain` and `floor` are broken where that took longer than the story allows, or too little of what
  /// was `emitted` is handled.
  void rests(books& of, const scenario& story, nanoseconds healed_at, nanoseconds rested_at,
             std::uint64_t emitted, nanoseconds now);
  /// Takes over what the books and the kernel know.
  void concludes(const books& of, kernel& clock, sim::trace* picture);

 private:
  /// Median and 99th percentile of these.
  void set_latencies(std::vector<nanoseconds> latencies);
};

/// Runs a plan once, in this thread. Requires problem(what) to be empty.
[[nodiscard]] run_result run(const plan& what, const run_options& options = {});

/// Two runs of one plan.
struct verified {
  run_result first;
  std::optional<std::string> divergence;  // the first event that differs, in words
  [[nodiscard]] bool holds() const noexcept { return first.holds() && !divergence; }
};

/// Runs a plan twice and compares. The runs keep digests only; where those differ, two more runs keep
/// their events and name the first that differs.
[[nodiscard]] verified run_twice(const plan& what, const run_options& options = {});

/// What makes two failures the same failure: the check that broke, or "determinism".
[[nodiscard]] std::string signature(const verified& result);

}  // namespace jacquard::sim
