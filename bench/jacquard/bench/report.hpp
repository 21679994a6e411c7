// jacquard/bench/report.hpp: an outcome as rows, records and PERF lines.
#pragma once

#include <string>
#include <vector>

#include <jacquard/bench/claims.hpp>
#include <jacquard/bench/perf_line.hpp>
#include <jacquard/bench/runner.hpp>
#include <jacquard/command/command.hpp>

namespace jacquard::bench {

/// One row an arm; one "N/A" row where the machine cannot run the benchmark; "BROKEN" where an answer was
/// wrong.
[[nodiscard]] std::vector<command::row> rows_of(const bench_outcome& outcome,
                                                const clock_facts& clock,
                                                const std::string& repeat);

/// Histogram records: percentiles in nanoseconds, and the .hgrm text.
[[nodiscard]] std::vector<nlohmann::json> histograms_of(const bench_outcome& outcome,
                                                        const clock_facts& clock);

/// PERF lines, and under `withheld` a sentence for each percentile that was refused.
struct perf_output {
  std::vector<std::string> lines;
  std::vector<std::string> withheld;
};
[[nodiscard]] perf_output perf_lines_of(const bench_outcome& outcome, const clock_facts& clock);

[[nodiscard]] command::row row_of(const claim_verdict& verdict, const std::string& repeat);

}  // namespace jacquard::bench
