// tool/budgets.hpp: what each operation may cost. Read from one file, alloc_audit/budgets.toml.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "tool/slope.hpp"

namespace jacquard::audit {

/// Limits per operation.
struct budget {
  double allocs_per_op_max = 0.0;
  double live_bytes_per_op_max = 0.0;
  double peak_bytes_per_op_max =
      0.0;  // memory held at the fullest moment: growth that is freed at the end
  /// The operation whose cost is subtracted first; empty: none. For what cannot be done without doing
  /// something dearer (to close a mailbox, one must be made).
  std::string baseline = {};
};

struct budgets {
  double gate_allocs_per_op_max = 1.0;  // no limit below [operations] may be higher
  double tolerance = 0.001;             // of a slope, in allocations per operation
  std::map<std::string, budget>
      operations;  // [operations], and [construction], where no gate applies
};

/// Reads the file's text. The error is one line: FILE:LINE:COLUMN, the key, the value, the range.
[[nodiscard]] tl::expected<budgets, std::string> parse_budgets(std::string_view text,
                                                               const std::string& file);

/// What is left of a cost beyond a baseline's. Stacks stay as they are.
[[nodiscard]] cost beyond(cost spent, const cost& baseline);

/// Empty where the cost keeps the budget; otherwise what it breaks, most important first, in one line.
[[nodiscard]] std::string broken_by(const cost& spent, const budget& limit, double tolerance);

}  // namespace jacquard::audit
