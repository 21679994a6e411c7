// jacquard/model/explore/sampling.hpp: some of the executions, where there are too many for all.
//
// Random graphs   at every event one of its alternatives: any execution that C++20 allows can come up, and
//                 the alternatives met give Knuth's estimate of how many executions there are.
// Interleavings   probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS
//                 2010): random priorities, and depth-1 steps at which the running thread falls behind all
//                 others. A bug that needs `depth` ordering constraints among n threads and k steps shows in
//                 one run with a probability of at least 1/(n k^(depth-1)). Reads see the newest write: what
//                 only a weak memory shows is not found this way.
//
// A sample never says that a check holds: the verdict is truncated, and its bounds say what was sampled.
#pragma once

#include <jacquard/model/explore/worker.hpp>
#include <jacquard/model/splitmix.hpp>

#include <string>

namespace jacquard::model::explorer {

/// The same seed gives the same draws on every machine.
class draws {
 public:
  explicit draws(std::uint64_t seed) noexcept : state_(seed) {}
  /// In [0, count); requires count > 0.
  [[nodiscard]] std::uint32_t below(std::uint32_t count) noexcept {
    return static_cast<std::uint32_t>(((splitmix(state_) >> 32) * count) >> 32);
  }

 private:
  std::uint64_t state_;
};

struct estimate {
  double mean = 0.0;
  double deviation = 0.0;   // of the mean
  std::uint64_t walks = 0;  // from the root to the end of an execution
};

/// Random executions until `enough` or the time is up (0: no limit). One of them may find something; `one`
/// then says so.
[[nodiscard]] estimate sampled(worker& one, std::uint64_t enough, std::uint64_t seed,
                               double seconds_max);
[[nodiscard]] std::string in_words(const estimate& e);

/// The searches `sample` and `pct`: `options.iterations_max` runs (1000 where 0) from `options.seed` on, or as
/// many as `options.seconds_max` allows. `pct` throws std::invalid_argument for a depth that is not in [1, 9].
[[nodiscard]] certificate run_samples(const body_operations& operations,
                                      const run_options& options);
[[nodiscard]] certificate run_pct(const body_operations& operations, const run_options& options);

}  // namespace jacquard::model::explorer
