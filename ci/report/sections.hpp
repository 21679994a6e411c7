// report/sections.hpp: the parts of the page, each from the evidence alone. A part without records says so.
#pragma once

#include <string>
#include <vector>

#include "report/evidence.hpp"

namespace jacquard::report {

/// A part of the page. `records` is what it drew from; 0: it says that they are missing.
struct section {
  std::string id;
  std::string title;
  std::string html;
  std::size_t records = 0;
};

/// Every part, in order: summary, unjudged, gates, ratios, latency, allocations, exploration, simulation,
/// claims, environment.
[[nodiscard]] std::vector<section> sections_of(const evidence& all);

/// The names of the parts.
[[nodiscard]] std::vector<std::string> section_names();

}  // namespace jacquard::report
