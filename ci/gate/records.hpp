// gate/records.hpp: the records that rooms write, read from one folder. README.md has the table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

namespace jacquard::gate {

/// A result of some command.
struct result_row {
  std::string name;
  std::string verdict;
  std::optional<double> figure;  // none where it was null: not a number
  std::string unit;
  std::string detail;
  nlohmann::json all;  // the whole object

  /// The number at a field, `figure` among them; none where it is absent or no number.
  [[nodiscard]] std::optional<double> number(const std::string& field_name) const;
};

/// One value of one arm in one block.
struct sample_value {
  std::optional<double> value;
  double quantum = 0.0;
};

/// (bench, metric, arm) to block to value.
using sample_key = std::tuple<std::string, std::string, std::string>;

/// Everything from one source: the files whose name begins with it.
struct source_records {
  std::vector<std::string> files;
  std::vector<nlohmann::json> environments;
  std::vector<result_row> rows;
  std::map<sample_key, std::map<std::int64_t, sample_value>> samples;
  std::vector<nlohmann::json> histograms;
  /// Files in this source that hold no env record: their age is unknown.
  std::vector<std::string> files_without_environment;
};

struct problem {
  std::string source;
  std::string where;  // FILE:LINE:COLUMN, or FILE
  std::string what;

  [[nodiscard]] std::string text() const { return where + ": " + what; }
};

/// What was read, and what could not be. A file with one bad line contributes nothing.
struct record_set {
  std::map<std::string, source_records> sources;
  std::vector<problem> problems;
};

/// Adds the text of one file. Its source is its name up to the first dot; what is in check.bugs.jsonl can
/// be asked for as `check` and as `check.bugs`.
void read_records(record_set& into, const std::string& file, std::string_view text);

/// Reads every *.jsonl below the paths (a folder: not recursive), in order of name.
[[nodiscard]] record_set read_records(const std::vector<std::filesystem::path>& paths);

}  // namespace jacquard::gate
