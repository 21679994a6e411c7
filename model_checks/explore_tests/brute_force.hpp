// model_checks/explore_tests/brute_force.hpp: an oracle. Every consistent execution graph of a litmus
// program, found without any cleverness: grow graphs by any event of any thread, remember every graph
// seen, and test each against the axioms as they are written, with relations as bit matrices.
//
// It shares the parser's data types with the explorer and nothing else: its own interpreter, its own
// graphs, its own axioms. Up to 64 events in a graph.
#pragma once

#include <jacquard/model/explore/litmus/program.hpp>

#include <set>
#include <string>
#include <vector>

namespace explore_tests {

/// A graph in words that do not depend on who made it: one entry for each event and each modification
/// order. An update is one event.
using graph_text = std::vector<int>;

struct brute_result {
  std::set<graph_text> complete;
  std::set<graph_text> blocked;
};

/// `spurious_max`: as explorer::litmus::explore. Throws std::runtime_error where more than `states_max` partial graphs appear.
[[nodiscard]] brute_result brute_force(const jacquard::model::explorer::litmus::source& program,
                                       jacquard::model::explorer::memory_model model,
                                       std::size_t states_max = 400'000, unsigned spurious_max = 0);

/// The same words for one of the explorer's graphs.
[[nodiscard]] graph_text text_of(const jacquard::model::explorer::graph& g);

}  // namespace explore_tests
