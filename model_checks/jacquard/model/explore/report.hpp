// jacquard/model/explore/report.hpp: an execution for people to read.
#pragma once

#include <jacquard/model/explore/graph.hpp>

#include <string>

namespace jacquard::model::explorer {

/// "file.hpp:12", the file without its folders; empty where the site is unknown.
[[nodiscard]] std::string to_string_site(const void* site);

/// What an event does, in words: "a load 1 acquire <-#2".
[[nodiscard]] std::string words_of(const graph& g, event_id id);

/// A column for each thread, a row for each event, sources above their readers: what was done, where in the
/// source, which write a read saw (<- #n), and below, the modification order of every word.
[[nodiscard]] std::string history_of(const graph& g);

/// The order of history_of: program order and reads-from, with as few switches between threads as going
/// on with the same thread for as long as possible gives.
[[nodiscard]] std::vector<event_id> sequence_of(const graph& g);

}  // namespace jacquard::model::explorer
