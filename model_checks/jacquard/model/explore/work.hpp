// jacquard/model/explore/work.hpp: one search done by several workers, in several processes, or in several
// sittings. The total is the same, because every task is a part of the search that no other task contains.
#pragma once

#include <jacquard/model/body.hpp>
#include <jacquard/model/check.hpp>

#include <cstdint>
#include <string>

namespace jacquard::model {

struct explore_options {
  unsigned workers = 1;      // threads of this process, [1, 64]
  std::uint32_t shard = 0;   // which part of the search this process does, [0, shards)
  std::uint32_t shards = 1;  // among how many the search is split, [1, 65536]
  /// Where a search that a limit ends writes what is left; empty: nowhere.
  std::string checkpoint = {};
  /// A checkpoint to go on from; its counts are included. Empty: from the beginning.
  std::string resume = {};
  /// Where a failing execution is drawn, as an HTML page; empty: nowhere.
  std::string page = {};
};

/// As run_explore, with the work divided as `how` says. Throws std::invalid_argument for options out of range
/// and std::runtime_error for a checkpoint that cannot be read or belongs to another check.
[[nodiscard]] certificate run_explore(const body_operations& operations, const run_options& options,
                                      const explore_options& how);

template <check_body Body>
[[nodiscard]] certificate run_explore(const run_options& options, const explore_options& how) {
  return run_explore(operations_of<Body>(), options, how);
}

}  // namespace jacquard::model
