// jacquard/model/mutation.hpp: does anybody miss a memory order?
//
// Every check runs once to learn which orders it executes. Then each order is weakened by one step and the
// checks that execute it run again until one of them breaks: it kills the cut. An order nobody misses is
// stronger than needed, or not yet covered.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <jacquard/model/check.hpp>
#include <jacquard/model/weakened.hpp>

namespace jacquard::model {

/// What became of one cut.
struct mutant {
  order_cut cut = {};
  std::string label = {};   // the edge that the source names beside the order: "E1", or empty
  std::string killer = {};  // the check that broke; empty: it survived
  failure_kind kind = failure_kind::none;
  std::string what = {};
  std::uint64_t runs = 0;       // checks run with the cut in force
  std::uint64_t truncated = 0;  // of those, searches that did not end by themselves
};

struct mutation_report {
  std::vector<mutant> mutants;
  std::vector<order_site> unexecuted;  // orders in the same files that no check reaches
  std::vector<std::string> broken;     // checks that fail without any cut
};

struct mutation_options {
  std::string
      path_filter;  // a regular expression over file paths; empty: every file but the checks' own
  double seconds_each = 20.0;  // for one check with one cut
  std::uint64_t record_executions = 3'000;
  std::function<void(const std::string&)> progress = {};
};

/// Cuts every order that `checks` execute, one at a time. They must be built with `weakened`.
[[nodiscard]] mutation_report mutate(const std::vector<const registered_check*>& checks,
                                     const run_options& options, const mutation_options& mutation);

/// What one check noticed of one sabotage.
struct noticed {
  sabotage how = sabotage::none;
  failure_kind kind = failure_kind::none;  // none: the check held, or its search was cut
  std::string what = {};
};

/// Runs one check with the policy below it broken in each way in turn, `seconds_each` at most for each. What
/// it did not notice is not in the answer; a check that notices nothing can say nothing about the product.
[[nodiscard]] std::vector<noticed> notices(const registered_check& check,
                                           const run_options& options, double seconds_each);

/// The edge named in a comment beside the n-th order of the call that starts at a line: "E1, E2", or empty.
[[nodiscard]] std::string edge_label(const order_site& site);

}  // namespace jacquard::model
