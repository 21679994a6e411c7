// gate/self_test.hpp: a gate that cannot go red is no gate. Every gate is shown records that keep it and
// records that break it in every way known to have fooled a gate elsewhere, and must say the right thing.
//
// Nothing here is a mock: the records are written as text, read by the reader and judged by the judge.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gate/budgets.hpp"
#include "gate/judge.hpp"

namespace jacquard::gate {

/// One thing shown to one gate.
struct trial {
  std::string gate;
  std::string shown;  // "kept", "regression", "empty", "renamed", "nan", "stale", ...
  verdict demanded = verdict::pass;
  verdict said = verdict::missing;
  std::string detail;           // the gate's own words
  bool demanded_noise = false;  // left open by noise alone: another run may decide it
  bool said_noise = false;

  [[nodiscard]] bool right() const noexcept {
    return demanded == said && demanded_noise == said_noise;
  }
};

using judge_function = std::function<gate_result(const gate&, const record_set&, const present&)>;

/// Shows one gate everything that applies to its rule. A planned gate is shown it as if it were not.
[[nodiscard]] std::vector<trial> try_gate(const gate& limits, const gates_file& file,
                                          const judge_function& judge_with = judge);

}  // namespace jacquard::gate
