// jacquard/bench/suite/run.hpp: blocks of trials, every arm once a block, in random order; and what they say, as
// rows, PERF lines, records and verdicts of claims.
//
// The first arm is the subject. `<subject>.aa` is the same again: where the middle ratio of the two is more than 5 %
// from one, the run cannot judge that benchmark's ratios. Trials are long and few, so a ratio passes where three
// blocks in four are within its limit, and is MISSED where three in four are not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <jacquard/bench/catalogue.hpp>
#include <jacquard/bench/claims.hpp>
#include <jacquard/bench/report.hpp>
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/command/command.hpp>

namespace jacquard::bench::suite {

struct run_options {
  bench::effort effort = effort::quick();
  unsigned blocks = 0;  // 0: as many as the benchmark has
  std::uint64_t seed = 1;
  clock_facts clock = {};
  std::function<bool(std::string_view)> takes_part;   // arms, by name
  std::function<void(const nlohmann::json&)> record;  // samples
  std::function<void(std::string_view)> progress;
};

struct arm_outcome {
  std::string name;   // "jacquard", "jacquard.aa", "caf"
  std::string label;  // as samples write it: "ours", "aa", or the name
  role who = role::ours;
  unsigned processors = 1;
  std::string missing;                   // not run, and why
  std::string fault;                     // a wrong answer
  std::vector<double> ns_per_operation;  // one a block
  std::vector<double> cpu_ns;            // one a block: processor time an operation, of all threads
  std::vector<double> median_ns;         // one a block, where operations have times of their own
  histogram times;                       // ticks of `window` operations
  std::uint64_t window = 1;
  std::uint64_t operations = 0;
  double ns = 0.0;
  usage spent;                               // of all blocks
  std::vector<std::vector<double>> figures;  // by block, as in `described`
  std::vector<figure> described;

  [[nodiscard]] const std::vector<double>& by(basis what) const noexcept {
    return what == basis::wall ? ns_per_operation : what == basis::median ? median_ns : cpu_ns;
  }
};

struct outcome {
  const benchmark* bench = nullptr;
  std::vector<arm_outcome> arms;
  [[nodiscard]] const arm_outcome* find(const std::string& arm) const noexcept;
};

/// How far a benchmark is from a peer, as the second document's readers are told: within 2 x of it "excellent", to 5 x
/// "good", beyond that "investigate".
[[nodiscard]] std::string_view band_of(double ours_over_peer) noexcept;

[[nodiscard]] outcome run_benchmark(const benchmark& bench, const run_options& options);

[[nodiscard]] std::vector<command::row> rows_of(const outcome& result, const clock_facts& clock,
                                                const std::string& repeat);
[[nodiscard]] perf_output perf_lines_of(const outcome& result, const clock_facts& clock);
[[nodiscard]] std::vector<nlohmann::json> histograms_of(const outcome& result,
                                                        const clock_facts& clock);
[[nodiscard]] std::vector<claim_verdict> judge_claims(const outcome& result);

}  // namespace jacquard::bench::suite
