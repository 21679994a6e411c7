// jacquard/model/explore/consistency.hpp: which graphs the memory model allows.
//
// C++20 without load buffering: program order and reads-from have no cycle (by construction), coherence,
// atomicity of updates, and one total order of seq_cst operations. Coherence and atomicity are interval
// tests in modification order; the seq_cst axiom is a search for a cycle and runs only where two seq_cst
// operations exist.
#pragma once

#include <jacquard/model/explore/graph.hpp>

#include <cstdint>

namespace jacquard::model::explorer {

enum class memory_model : std::uint8_t {
  cxx20,   // RC11 in the wording of C++20 (P0668): strongly happens before, an update is one event
  sc,      // sequential consistency: program order, reads-from, modification order, from-reads
  pldi17,  // the 2017 text: program order to a different location. For tests of the axiom only.
  split_rmw,  // an update counts as two events. For tests of the axiom only.
};

/// The first position in modification order that an event may read from, when `known` happens before
/// it: no earlier than the newest write that happens before it or that a read before it has read.
[[nodiscard]] std::int32_t earliest_readable(const graph& g, location_id where, const clock& known);

/// True where an event with happens-before `known` may stand at `position` (between position-1 and the
/// write now at `position`) without separating an update from the write it read.
[[nodiscard]] inline bool may_stand_at(const graph& g, location_id where, std::int32_t position) {
  return !g.is_chained(where, position);
}

/// True where the part of the model beyond coherence and atomicity holds for the whole graph: the
/// seq_cst axiom, or acyclicity under `sc`.
[[nodiscard]] bool is_ordered(const graph& g, memory_model model);

/// True where the graph's newest event can have broken an order that held without it. Nothing follows a
/// new event but what stands after it in modification order; where nothing does, it closes no cycle.
[[nodiscard]] inline bool may_disorder(const graph& g, const event& newest, memory_model model) {
  if (!newest.is_read() && !newest.is_write()) return false;
  const std::int32_t position = newest.is_read() ? g.position_of(newest.source) : newest.position;
  if (position == g.last_position(newest.where)) return false;
  if (model == memory_model::sc) return true;
  if (g.seq_cst_events() < 2) return false;
  return newest.order == order::seq_cst || g.seq_cst_fences() > 0;
}

/// True where two accesses, one of them plain and one of them a write, are not ordered by
/// happens-before: a data race.
[[nodiscard]] bool has_data_race(const graph& g);

}  // namespace jacquard::model::explorer
