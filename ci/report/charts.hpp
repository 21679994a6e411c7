// report/charts.hpp: the page's pictures, as SVG in the page's own colours.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/evidence.hpp"

namespace jacquard::report {

/// One square per claim, one row per source: the cloth. A claim that does not hold is crossed, one that is
/// missing is hollow; each square says its name when pointed at.
[[nodiscard]] std::string cloth(const std::vector<claim>& claims);

/// One arm's percentiles: (percentile in [0, 100], value).
struct spectrum_line {
  std::string label;
  bool ours = false;
  std::vector<std::pair<double, double>> points;
};

/// Percentiles against value; the horizontal axis is log(1 - p), so that the tail is not squeezed, and the
/// vertical is log(value). Empty where no line has two points.
[[nodiscard]] std::string spectrum(const std::vector<spectrum_line>& lines,
                                   const std::string& unit);

/// One interval of a ratio.
struct forest_row {
  std::string label;
  std::string note;
  double ratio = 1.0;
  double low = 1.0;    // 0: unbounded
  double high = 1.0;   // infinity: unbounded
  double limit = 0.0;  // 0: none
  standing means = standing::noted;
};

/// Ratios with their intervals around 1, on a log axis; +-2 % shaded, each limit marked.
[[nodiscard]] std::string forest(const std::vector<forest_row>& rows);

}  // namespace jacquard::report
