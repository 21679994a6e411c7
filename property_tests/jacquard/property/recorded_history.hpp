// jacquard/property/recorded_history.hpp: reads histories that others recorded, for the linearizability
// search to judge. Two formats: lines of a Jepsen test of one register, and one EDN map a line for a
// key-value store. Each parser returns what it read or the first line it did not understand.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <jacquard/spec/linearizability.hpp>
#include <jacquard/spec/models.hpp>

namespace jacquard::property {

/// A history, or why there is none ("line 12: ...").
template <class Model>
struct parsed_history {
  std::vector<spec::timed<typename Model::operation_type>> operations;
  std::string problem;

  [[nodiscard]] bool ok() const noexcept { return problem.empty(); }
};

/// `INFO  jepsen.util - 3\t:invoke\t:cas\t[1 2]`. Times are line numbers. An :info, and an operation that
/// never returns, is pending; a :fail of a compare-and-swap is a mismatch, of a write it is no operation,
/// of a read (a time-out) it is a read with an unknown answer. Other lines (a nemesis) are left out.
[[nodiscard]] parsed_history<spec::register_model> parse_register_history(std::string_view text);

/// `{:process 0, :type :invoke, :f :append, :key "4", :value "x"}`. Keys and values are numbered by `model`.
[[nodiscard]] parsed_history<spec::kv_model> parse_kv_history(std::string_view text,
                                                              spec::kv_model& model);

/// One row of a table of verdicts: a file, relative to the table, and whether it is linearizable.
struct known_verdict {
  std::string file;
  bool linearizable = false;
};

/// Where recorded histories are: JACQUARD_HISTORIES, or ../shared/data/linearizability beside the source
/// tree. None where that folder has no verdicts.tsv.
[[nodiscard]] std::optional<std::filesystem::path> histories_folder();

/// The rows of `folder`/verdicts.tsv.
[[nodiscard]] std::vector<known_verdict> known_verdicts(const std::filesystem::path& folder);

/// A whole file. Empty where it cannot be read.
[[nodiscard]] std::string text_of(const std::filesystem::path& file);

}  // namespace jacquard::property
