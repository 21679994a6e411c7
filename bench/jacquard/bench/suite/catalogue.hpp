// jacquard/bench/suite/catalogue.hpp: the benchmarks of actors, strands, futures and what they cost, by name.
// bench.names.txt holds the names, ROWS.md which requirement each of them answers.
#pragma once

#include <string>
#include <vector>

#include <jacquard/bench/suite/trial.hpp>

namespace jacquard::bench::suite {

[[nodiscard]] std::vector<benchmark> pingpong_benchmarks();
[[nodiscard]] std::vector<benchmark> fan_benchmarks();
[[nodiscard]] std::vector<benchmark> contention_benchmarks();
[[nodiscard]] std::vector<benchmark> ask_benchmarks();
[[nodiscard]] std::vector<benchmark> spawn_benchmarks();
[[nodiscard]] std::vector<benchmark> skynet_benchmarks();
[[nodiscard]] std::vector<benchmark> strand_benchmarks();
[[nodiscard]] std::vector<benchmark> high_water_benchmarks();
[[nodiscard]] std::vector<benchmark> message_benchmarks();
[[nodiscard]] std::vector<benchmark> resource_benchmarks();
[[nodiscard]] std::vector<benchmark> service_benchmarks();
[[nodiscard]] std::vector<benchmark> dispatch_benchmarks();
[[nodiscard]] std::vector<benchmark> roundtrip_benchmarks();
[[nodiscard]] std::vector<benchmark> zeroize_benchmarks();
[[nodiscard]] std::vector<benchmark> footprint_benchmarks();
[[nodiscard]] std::vector<benchmark> diagnostics_benchmarks();
[[nodiscard]] std::vector<benchmark> wakeup_benchmarks();

/// All of them, in the order in which tables show them.
[[nodiscard]] const std::vector<benchmark>& catalogue();

/// CAF's arm of a workload: "pingpong", "fanout", "fanin", "ask", "ask_from_thread", "spawn", "skynet". Where the
/// program was built without CAF, the arm says so.
[[nodiscard]] arm caf_arm(const std::string& workload);

}  // namespace jacquard::bench::suite
