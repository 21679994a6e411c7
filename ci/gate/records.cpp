#include "gate/records.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace jacquard::gate {

namespace {

using nlohmann::json;

// Thrown inside this file alone, caught by read_records.
struct malformed : std::runtime_error {
  malformed(std::size_t column_, const std::string& what) : runtime_error(what), column(column_) {}
  std::size_t column;
};

const json& field(const json& object, const char* name) {
  const auto at = object.find(name);
  if (at == object.end()) throw malformed(1, fmt::format("the record lacks '{}'", name));
  return *at;
}

std::string text_field(const json& object, const char* name) {
  const json& value = field(object, name);
  if (!value.is_string()) throw malformed(1, fmt::format("'{}' is not text", name));
  return value.get<std::string>();
}

// null stands for a figure that is not finite.
std::optional<double> number_field(const json& object, const char* name) {
  const json& value = field(object, name);
  if (value.is_null()) return std::nullopt;
  if (!value.is_number())
    throw malformed(1, fmt::format("'{}' is neither a number nor null", name));
  const double number = value.get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

void add_sample(source_records& into, const json& object) {
  const json& block = field(object, "block");
  if (!block.is_number_integer() || block.get<std::int64_t>() < 0) {
    throw malformed(1, fmt::format("'block' is {}, not an integer >= 0", block.dump()));
  }
  sample_value sample{.value = number_field(object, "value"), .quantum = 0.0};
  if (object.contains("quantum")) sample.quantum = number_field(object, "quantum").value_or(0.0);
  const sample_key key{text_field(object, "bench"), text_field(object, "metric"),
                       text_field(object, "arm")};
  const auto number = block.get<std::int64_t>();
  if (!into.samples[key].emplace(number, sample).second) {
    throw malformed(1, fmt::format("block {} of {} {} {} appears twice", number, std::get<0>(key),
                                   std::get<1>(key), std::get<2>(key)));
  }
}

void add_object(source_records& into, const json& object) {
  const auto kind_at = object.find("kind");
  const std::string kind =
      kind_at != object.end() && kind_at->is_string() ? kind_at->get<std::string>() : std::string{};
  if (kind == "env") {
    (void)text_field(object, "generated_at");
    (void)text_field(object, "config_hash");
    into.environments.push_back(object);
  } else if (kind == "sample") {
    add_sample(into, object);
  } else if (kind == "histogram") {
    (void)text_field(object, "bench");
    (void)text_field(object, "arm");
    if (!field(object, "percentiles").is_array()) throw malformed(1, "'percentiles' is no array");
    into.histograms.push_back(object);
  } else if (object.contains("verdict") || kind.empty()) {
    into.rows.push_back({.name = text_field(object, "name"),
                         .verdict = text_field(object, "verdict"),
                         .figure = number_field(object, "figure"),
                         .unit = text_field(object, "unit"),
                         .detail = text_field(object, "detail"),
                         .all = object});
  }
  // Any other kind is a room's own affair.
}

void add_line(source_records& into, std::string_view line) {
  json object;
  try {
    object = json::parse(line);
  } catch (const json::parse_error& error) {
    const std::string what =
        error.what();  // "[json.exception...] parse error at line 1, column N: why"
    const std::size_t why = what.find(": ", what.find("column"));
    throw malformed(std::max<std::size_t>(error.byte, 1),
                    "not JSON" + (why == std::string::npos ? "" : ": " + what.substr(why + 2)));
  } catch (const json::exception& error) {
    throw malformed(1, error.what());
  }
  if (!object.is_object()) throw malformed(1, "the line holds no JSON object");
  add_object(into, object);
}

void append(source_records& to, source_records&& from, std::string file) {
  for (const auto& [key, blocks] : from.samples) {
    if (to.samples.contains(key)) {
      throw malformed(1, fmt::format("{} {} {} is in another file of this source already",
                                     std::get<0>(key), std::get<1>(key), std::get<2>(key)));
    }
  }
  to.files.push_back(file);
  if (from.environments.empty()) to.files_without_environment.push_back(std::move(file));
  const auto move_all = [](auto& target, auto& source) {
    target.insert(target.end(), std::make_move_iterator(source.begin()),
                  std::make_move_iterator(source.end()));
  };
  move_all(to.environments, from.environments);
  move_all(to.rows, from.rows);
  move_all(to.histograms, from.histograms);
  to.samples.merge(from.samples);
}

}  // namespace

std::optional<double> result_row::number(const std::string& field_name) const {
  if (field_name == "figure") return figure;
  const auto at = all.find(field_name);
  if (at == all.end() || !at->is_number()) return std::nullopt;
  const double value = at->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

void read_records(record_set& into, const std::string& file, std::string_view text) {
  const std::string name = std::filesystem::path(file).filename().string();
  const std::string source = name.substr(0, name.find('.'));
  source_records fresh;
  std::size_t number = 0;
  try {
    if (text.empty()) throw malformed(1, "the file is empty");
    while (!text.empty()) {
      ++number;
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) {
        throw malformed(text.size() + 1, "the last line does not end: the file was cut short");
      }
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end + 1);
      add_line(fresh, line);
    }
    const std::string variant = name.substr(0, name.rfind(".jsonl"));
    if (variant != source) append(into.sources[variant], source_records(fresh), file);
    append(into.sources[source], std::move(fresh), file);
  } catch (const malformed& error) {
    into.problems.push_back(
        {.source = source,
         .where = fmt::format("{}:{}:{}", file, std::max<std::size_t>(number, 1), error.column),
         .what = error.what()});
  }
}

record_set read_records(const std::vector<std::filesystem::path>& paths) {
  namespace fs = std::filesystem;
  record_set all;
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      const std::string name = file.filename().string();
      all.problems.push_back({.source = name.substr(0, name.find('.')),
                              .where = file.string(),
                              .what = "cannot be read"});
      continue;
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    read_records(all, file.string(), text);
  }
  return all;
}

}  // namespace jacquard::gate
