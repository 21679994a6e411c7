// jacquard/model/relacy/history.hpp: Relacy's text of one execution, made readable.
#pragma once

#include <string>
#include <vector>

namespace jacquard::model {

/// One step of one thread, in words.
struct history_step {
  unsigned thread = 0;
  std::string what;   // "load acquire w1 = 2"
  std::string where;  // "sequence_ring.hpp:80", or empty
};

/// The steps of Relacy's output from the moment that threads run, in execution order. Objects are named in
/// order of appearance, also those that appear before.
[[nodiscard]] std::vector<history_step> parsed_history(const std::string& relacy_output);

/// One column for each thread, one step a line, in execution order.
[[nodiscard]] std::string columns_of(const std::vector<history_step>& steps, unsigned threads);

/// The last part of a path, "a/b/c.hpp:3" -> "c.hpp:3".
[[nodiscard]] std::string short_path(const std::string& path);

}  // namespace jacquard::model
