#include "report/evidence.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>
#include <utility>

namespace jacquard::report {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string text_of(const gate::result_row& row, const char* field) {
  const auto at = row.all.find(field);
  return at != row.all.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

// A name as a regular expression that matches nothing else.
std::string exactly(const std::string& name) {
  std::string out = "'^";
  for (const char c : name) {
    if (std::string_view(".+*?()[]{}^$|\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out + "$'";
}

// Rooms that give no command of their own have one that their name makes.
std::string repeat_of(const std::string& source, const gate::result_row& row) {
  if (std::string own = text_of(row, "repeat"); !own.empty()) return own;
  if (source == "check.bugs") return "jacquard check --seeded-bugs --filter " + exactly(row.name);
  if (source.starts_with("check")) {
    const std::string engine = text_of(row, "engine");
    return "jacquard check" + (engine.empty() ? "" : " --engine " + engine) + " --filter " +
           exactly(row.name);
  }
  if (source == "sim") {
    return row.name.starts_with("campaign.")
               ? "jacquard sim campaign"
               : "jacquard sim campaign --filter " + exactly(row.name);
  }
  if (source == "gate") return "jacquard gate --filter " + exactly(row.name);
  for (const expected_source& each : expected_sources()) {
    if (each.name == source) return each.command;
  }
  return {};
}

std::string separated(std::string digits) {
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    if (at > 0 && digits[at - 1] != '-') digits.insert(at, ",");
  }
  return digits;
}

}  // namespace

standing standing_of(std::string_view verdict) {
  constexpr std::array<std::pair<std::string_view, standing>, 22> words{{
      {"holds", standing::held},          {"pass", standing::held},
      {"seen", standing::held},           {"caught", standing::held},
      {"killed", standing::held},         {"broken", standing::found},
      {"fail", standing::found},          {"missed", standing::found},
      {"survived", standing::found},      {"diverged", standing::found},
      {"unseen", standing::found},        {"not seen", standing::missing},
      {"undecided", standing::undecided}, {"void", standing::undecided},
      {"n/a", standing::undecided},       {"truncated", standing::undecided},
      {"untested", standing::undecided},  {"missing", standing::missing},
      {"stale", standing::missing},       {"malformed", standing::missing},
      {"measured", standing::noted},      {"planned", standing::noted},
  }};
  const std::string word = lower(verdict);
  for (const auto& [each, means] : words) {
    if (each == word) return means;
  }
  return word == "noted" ? standing::noted : standing::undecided;
}

const std::vector<expected_source>& expected_sources() {
  static const std::vector<expected_source> all{
      {"gate", "Gates: what is allowed, judged", "jacquard gate --in out/results"},
      {"check.relacy", "Model checks under Relacy", "jacquard check --engine relacy"},
      {"check.explore", "Model checks, every execution", "jacquard check --engine explore"},
      {"check.perturbed", "Model checks on shaken threads", "jacquard check --engine perturbed"},
      {"check.stress", "The real system, shaken", "jacquard check --engine stress"},
      {"check.bugs", "Seeded bugs, which must be caught", "jacquard check --seeded-bugs"},
      {"litmus", "What the memory model allows", "jacquard litmus"},
      {"codegen", "The machine code that ships", "ci/codegen-check"},
      {"properties", "Properties", "ctest --test-dir build/release -L property"},
      {"sim", "Simulation campaign", "jacquard sim campaign"},
      {"bench", "Benchmarks beside peers", "jacquard bench --quick"},
      {"audit", "Allocation audit", "jacquard audit"},
      {"idle", "Idle systems", "jacquard idle"},
  };
  return all;
}

std::string shown(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return "-";
  const double magnitude = std::abs(*value);
  if (magnitude >= 1000.0 || (*value == std::floor(*value) && magnitude >= 1.0)) {
    return separated(fmt::format("{:.0f}", *value));
  }
  if (magnitude >= 100.0) return fmt::format("{:.1f}", *value);
  if (magnitude >= 10.0) return fmt::format("{:.2f}", *value);
  return magnitude == 0.0 ? "0" : fmt::format("{:.3f}", *value);
}

evidence gather(gate::record_set records) {
  evidence made{.records = std::move(records), .claims = {}, .missing_sources = 0};
  const auto add_rows = [&made](const std::string& source, const gate::source_records& from) {
    for (const gate::result_row& row : from.rows) {
      made.claims.push_back({.source = source,
                             .name = row.name,
                             .verdict = row.verdict,
                             .means = standing_of(row.verdict),
                             .figure = shown(row.figure),
                             .unit = row.unit,
                             .detail = row.detail,
                             .repeat = repeat_of(source, row),
                             .says = text_of(row, "claim")});
    }
  };
  std::set<std::string> used;
  for (const expected_source& each : expected_sources()) {
    const auto here = made.records.sources.find(each.name);
    used.insert(each.name);
    if (here != made.records.sources.end()) {
      add_rows(each.name, here->second);
      continue;
    }
    ++made.missing_sources;
    made.claims.push_back(
        {.source = each.name,
         .name = each.name,
         .verdict = "MISSING",
         .means = standing::missing,
         .figure = "-",
         .unit = {},
         .detail = fmt::format("no records: {}.jsonl was not handed in", each.name),
         .repeat = each.command,
         .says = each.about});
  }
  for (const gate::problem& each : made.records.problems) {
    made.claims.push_back({.source = each.source,
                           .name = each.source,
                           .verdict = "MALFORMED",
                           .means = standing::missing,
                           .figure = "-",
                           .unit = {},
                           .detail = each.text(),
                           .repeat = {},
                           .says = {}});
  }
  // What is here beyond the expected. A source whose every file is a variant is shown by its variants.
  for (const auto& [name, source] : made.records.sources) {
    if (used.contains(name)) continue;
    const bool only_variants =
        std::all_of(source.files.begin(), source.files.end(), [&](const auto& file) {
          return !file.ends_with("/" + name + ".jsonl") && file != name + ".jsonl";
        });
    if (!only_variants) add_rows(name, source);
  }
  return made;
}

}  // namespace jacquard::report
