// jacquard/model/explore/view.hpp: an execution as one page with a drawing.
#pragma once

#include <jacquard/model/explore/graph.hpp>

#include <string>

namespace jacquard::model::explorer {

/// A self-contained HTML page: a column for each thread, a box for each event, arrows from writes to their
/// readers and along each modification order. `title` and `detail` are shown as they are.
[[nodiscard]] std::string page_of(const graph& g, const std::string& title,
                                  const std::string& detail);

}  // namespace jacquard::model::explorer
