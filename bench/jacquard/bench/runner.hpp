// jacquard/bench/runner.hpp: blocks of rounds, every arm once a block, in random order.
//
// The arms of a benchmark are the field, plus two controls of the first mailbox: `aa`, a second copy that
// must not differ from the first, and `canary`, which is made 15 % slower and must be seen to be.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <jacquard/bench/catalogue.hpp>

namespace jacquard::bench {

/// The candidate: what claims are about.
inline constexpr std::string_view subject_name = "ring_mailbox";
inline constexpr double canary_factor = 1.15;

struct arm_outcome {
  std::string name;  // "ring_mailbox", "ring_mailbox.aa", "ring_mailbox.canary", "tbb_queue", ...
  std::string arm;   // as records write it: "ours", "aa", "canary", or the name
  bench::role role = role::peer;
  bool bounded = true;
  std::vector<double> ns_per_operation;  // one a block
  std::vector<double> p95_ns;            // one a block, per-message benchmarks only
  std::vector<double> sender_late_ns;    // one a block, open loop only: p95
  histogram latencies;                   // ticks
  histogram service;                     // ticks
  histogram bursts;                      // ticks
  std::uint64_t operations = 0;
  double ns = 0.0;
  std::string fault;

  /// What claims compare: p95 where every message has its own time, otherwise ns an operation.
  [[nodiscard]] const std::vector<double>& figures() const noexcept {
    return p95_ns.empty() ? ns_per_operation : p95_ns;
  }
};

struct bench_outcome {
  bench::benchmark benchmark;
  std::string name;  // with "/same-core" where that was asked for
  placement where = placement::cross_core;
  bool possible = true;  // false: this machine has too few processors
  std::vector<arm_outcome> arms;
  std::vector<std::string> regimes;  // one a block

  [[nodiscard]] const arm_outcome* find(std::string_view arm_name) const noexcept;
};

struct run_options {
  bench::effort effort = effort::quick();
  placement where = placement::cross_core;
  std::uint64_t seed = 1;
  clock_facts clock = {};
  std::function<bool(std::string_view)> takes_part;   // contenders, by name
  std::function<void(const nlohmann::json&)> record;  // samples
  std::function<void(std::string_view)> progress;     //
};

/// Runs one benchmark.
[[nodiscard]] bench_outcome run_benchmark(const benchmark& bench, const run_options& options);

}  // namespace jacquard::bench
