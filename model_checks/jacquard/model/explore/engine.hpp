// jacquard/model/explore/engine.hpp: runs a check under the explorer.
//
// Every execution that C++20 allows (load buffering left out), each exactly once, without a bound. A
// schedule is "explore:..." (schedule.hpp); with one, that execution alone is run and its history recorded.
//
// Searches (`run_options.search`): full    every execution; also said by "", and by "bound" and "random",
//                                          which a check carries for Relacy
//                                  sample  `iterations_max` random executions (1000 where 0), from `seed` on
//                                  pct     as many interleavings by priorities that change at depth-1 steps
//                                          (sampling.hpp); sequentially consistent
//
// With a listener for progress, a full search is estimated first (Knuth's method, 200 random executions).
// The environment variables JACQUARD_EXPLORE_WORKERS (1 to 64) and JACQUARD_EXPLORE_PAGE (a file for the
// drawing of a failing execution) hold where the options say nothing.
#pragma once

#include <jacquard/model/body.hpp>
#include <jacquard/model/check.hpp>

namespace jacquard::model {

/// Runs the check that `operations` describes: 1 to 15 threads. Several calls may run on several threads.
/// `iterations_max` and `seconds_max` cut the search, and the certificate then says truncated. Throws
/// std::invalid_argument where an option is out of range.
[[nodiscard]] certificate run_explore(const body_operations& operations,
                                      const run_options& options);

/// Runs `Body` under the explorer.
template <check_body Body>
[[nodiscard]] certificate run_explore(const run_options& options) {
  return run_explore(operations_of<Body>(), options);
}

}  // namespace jacquard::model
