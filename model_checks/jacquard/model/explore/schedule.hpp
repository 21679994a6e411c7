// jacquard/model/explore/schedule.hpp: one execution in a line of text.
//
//   explore:s,j/r-,w2,f/r1.1,x-
//
// Threads are separated by '/', their events by ','. A read names the thread and index of the write it read
// from (or '-', the initial one), after an 'x' where it is a compare-and-swap that failed all the same; a write
// names its rank in its location's modification order. An interleaving adds whose step each one is: ";0112".
#pragma once

#include <jacquard/model/explore/graph.hpp>

#include <string>
#include <vector>

namespace jacquard::model::explorer {

struct scheduled_event {
  event_kind kind = event_kind::fence;
  std::int32_t source_thread = -1;  // of a read; -1: the initial write
  std::int32_t source_index = 0;
  std::int32_t rank = 0;  // of a write, from 1
  bool spurious = false;  // of a read: a compare-and-swap that failed spuriously
};

struct schedule {
  std::vector<std::vector<scheduled_event>> threads;  // what the events of each must be
  std::vector<unsigned> steps;  // of an interleaving: the thread of each step; empty: any order
};

/// `in_order`: the graph grew as the program ran, and the order of its steps is part of the schedule.
[[nodiscard]] schedule schedule_of(const graph& g, bool in_order = false);
[[nodiscard]] std::string to_string(const schedule& s);
/// Throws std::invalid_argument, naming the place, where the text is no schedule.
[[nodiscard]] schedule schedule_from(const std::string& text);

}  // namespace jacquard::model::explorer
