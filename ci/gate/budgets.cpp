#include "gate/budgets.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <regex>
#include <set>
#include <stdexcept>
#include <utility>

#include <toml++/toml.h>

namespace jacquard::gate {

namespace {

constexpr std::array<std::pair<std::string_view, gate_rule>, 6> rule_names{{
    {"at_most", gate_rule::at_most},
    {"at_least", gate_rule::at_least},
    {"sum_least", gate_rule::sum_least},
    {"verdicts", gate_rule::verdicts},
    {"regression", gate_rule::regression},
    {"budget", gate_rule::budget},
}};

// One table being read: remembers which keys were asked for, so that a misspelt one is refused.
class reader {
 public:
  reader(const std::string& file, const toml::table& table) : file_(file), table_(table) {}

  [[noreturn]] void refuse(const toml::source_region& at, const std::string& what) const {
    throw std::runtime_error(
        fmt::format("{}:{}:{}: {}", file_, at.begin.line, at.begin.column, what));
  }

  [[nodiscard]] bool has(std::string_view key) const { return table_.get(key) != nullptr; }

  std::string text(std::string_view key, bool required) {
    const toml::node* const node = find(key, required);
    if (node == nullptr) return {};
    const auto value = node->value<std::string>();
    if (!value || value->empty()) refuse(node->source(), fmt::format("{} must be text", key));
    return *value;
  }

  std::optional<double> number(std::string_view key, double low, double high, bool required) {
    const toml::node* const node = find(key, required);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value<double>();
    if (!value || !(*value >= low && *value <= high)) {
      refuse(node->source(), fmt::format("{} must be a number in [{}, {}]", key, low, high));
    }
    return value;
  }

  std::vector<std::string> texts(std::string_view key, bool required) {
    const toml::node* const node = find(key, required);
    std::vector<std::string> all;
    if (node == nullptr) return all;
    const toml::array* const array = node->as_array();
    const auto wrong = [&] {
      refuse(node->source(), fmt::format("{} must be an array of texts, not empty", key));
    };
    if (array == nullptr || array->empty()) wrong();
    for (const toml::node& each : *array) {
      const auto value = each.value<std::string>();
      if (!value) wrong();
      all.push_back(*value);
    }
    return all;
  }

  // After everything was asked for.
  void nothing_else() const {
    for (const auto& [key, node] : table_) {
      if (!asked_.contains(std::string(key.str()))) {
        refuse(key.source(), fmt::format("'{}' is not used by this rule", key.str()));
      }
    }
  }

  [[nodiscard]] const toml::source_region& where() const { return table_.source(); }
  [[nodiscard]] const toml::source_region& where(std::string_view key) const {
    return table_.get(key)->source();
  }

 private:
  const toml::node* find(std::string_view key, bool required) {
    asked_.insert(std::string(key));
    const toml::node* const node = table_.get(key);
    if (node == nullptr && required)
      refuse(table_.source(), fmt::format("the gate lacks '{}'", key));
    return node;
  }

  const std::string& file_;
  const toml::table& table_;
  std::set<std::string> asked_;
};

gate_rule rule_of(reader& in) {
  const std::string name = in.text("rule", true);
  std::string known;
  for (const auto& [each, rule] : rule_names) {
    if (each == name) return rule;
    known += fmt::format(" {}", each);
  }
  in.refuse(in.where("rule"), fmt::format("rule '{}' is unknown; known:{}", name, known));
}

void read_row_rule(reader& in, gate& made) {
  made.rows = in.text("rows", true);
  made.example = in.text("example", true);
  try {
    if (!std::regex_match(made.example, std::regex(made.rows, std::regex::ECMAScript))) {
      in.refuse(in.where("example"),
                fmt::format("example '{}' is not matched by rows '{}'", made.example, made.rows));
    }
  } catch (const std::regex_error&) {
    in.refuse(in.where("rows"), fmt::format("rows '{}' is not a regular expression", made.rows));
  }
  made.rows_min = static_cast<std::size_t>(in.number("rows_min", 1, 1e6, false).value_or(1.0));
  if (made.rule == gate_rule::verdicts) {
    made.verdicts = in.texts("verdicts", true);
    return;
  }
  if (in.has("field")) made.field = in.text("field", true);
  made.limit = *in.number("limit", -1e18, 1e18, true);
  made.unit = in.text("unit", true);
  made.aa = in.text("aa", false);
  if (!made.aa.empty()) {
    made.bench = in.text("bench", true);
    made.metric = in.text("metric", true);
  }
}

void read_paired_rule(reader& in, gate& made) {
  made.bench = in.text("bench", true);
  made.metric = in.text("metric", true);
  if (in.has("arm")) made.arm = in.text("arm", true);
  made.bases = in.texts("bases", true);
  made.aa = in.text("aa", false);
  made.canary = in.text("canary", false);
  made.unit = in.text("unit", true);
  const std::string worse = in.text("worse", true);
  if (worse != "higher" && worse != "lower") {
    in.refuse(in.where("worse"), fmt::format("worse '{}' is neither 'higher' nor 'lower'", worse));
  }
  made.lower_is_worse = worse == "lower";
  made.limit = *in.number("limit", made.rule == gate_rule::regression ? 1.0001 : 0.0001, 1e6, true);
  if (made.rule == gate_rule::regression) {
    made.floor = in.number("floor", 1.0, made.limit, false).value_or(1.03);
  }
}

gate read_gate(const std::string& file, const toml::table& table) {
  reader in(file, table);
  gate made;
  made.id = in.text("id", true);
  made.claim = in.text("claim", true);
  made.source = in.text("source", true);
  made.from = in.text("from", true);
  made.rule = rule_of(in);
  made.planned = in.text("planned", false);
  if (made.is_paired()) {
    read_paired_rule(in, made);
  } else {
    read_row_rule(in, made);
  }
  in.nothing_else();
  return made;
}

gates_file read_all(const std::string& file, const toml::table& root) {
  gates_file all;
  for (const auto& [key, node] : root) {
    if (key != "freshness" && key != "gate") {
      throw std::runtime_error(fmt::format("{}:{}:{}: '{}' is unknown; known: freshness gate", file,
                                           key.source().begin.line, key.source().begin.column,
                                           key.str()));
    }
  }
  if (const toml::table* const freshness = root["freshness"].as_table()) {
    reader in(file, *freshness);
    const double hours = *in.number("age_hours_max", 0.001, 10'000, true);
    const double minutes = *in.number("future_minutes_max", 0, 1'440, true);
    all.age_max = std::chrono::seconds(static_cast<std::int64_t>(hours * 3600));
    all.future_max = std::chrono::seconds(static_cast<std::int64_t>(minutes * 60));
    in.nothing_else();
  } else {
    throw std::runtime_error(fmt::format("{}: has no table [freshness]", file));
  }
  const toml::array* const gates = root["gate"].as_array();
  if (gates == nullptr || gates->empty()) {
    throw std::runtime_error(fmt::format("{}: has no [[gate]]", file));
  }
  std::set<std::string> ids;
  for (const toml::node& node : *gates) {
    const toml::table* const table = node.as_table();
    if (table == nullptr)
      throw std::runtime_error(fmt::format("{}: [[gate]] must be a table", file));
    all.gates.push_back(read_gate(file, *table));
    if (!ids.insert(all.gates.back().id).second) {
      throw std::runtime_error(fmt::format("{}:{}:{}: the id '{}' is taken", file,
                                           table->source().begin.line, table->source().begin.column,
                                           all.gates.back().id));
    }
  }
  return all;
}

}  // namespace

std::string_view to_string(gate_rule rule) noexcept {
  for (const auto& [name, each] : rule_names) {
    if (each == rule) return name;
  }
  return "unknown";
}

tl::expected<gates_file, std::string> parse_gates(std::string_view text, const std::string& file) {
  try {
    return read_all(file, toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    return tl::unexpected(fmt::format("{}:{}:{}: {}", file, error.source().begin.line,
                                      error.source().begin.column, error.description()));
  } catch (const std::exception& error) {
    return tl::unexpected(std::string(error.what()));
  }
}

}  // namespace jacquard::gate
