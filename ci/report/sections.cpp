#include "report/sections.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "report/charts.hpp"
#include "report/html.hpp"

namespace jacquard::report {

namespace {

using gate::result_row;
using nlohmann::json;

const gate::source_records* source(const evidence& all, const std::string& name) {
  const auto at = all.records.sources.find(name);
  return at == all.records.sources.end() ? nullptr : &at->second;
}

std::string text_of(const json& object, const char* field) {
  const auto at = object.find(field);
  if (at == object.end() || at->is_null()) return {};
  return at->is_string() ? at->get<std::string>() : at->dump();
}

double number_of(const json& object, const char* field, double otherwise) {
  const auto at = object.find(field);
  return at != object.end() && at->is_number() ? at->get<double>() : otherwise;
}

std::string absent(std::string_view what, std::string_view command) {
  return fmt::format("<div class=\"card\">{} {} <code>{}</code></div>\n",
                     badge("MISSING", standing::missing), escaped(what), escaped(command));
}

std::string code(const std::string& text) {
  return text.empty() ? std::string{} : "<code>" + escaped(text) + "</code>";
}

std::size_t count_of(const evidence& all, standing means) {
  return static_cast<std::size_t>(
      std::count_if(all.claims.begin(), all.claims.end(),
                    [means](const claim& each) { return each.means == means; }));
}

// --- summary -----------------------------------------------------------------------------------------

section summary(const evidence& all) {
  const std::size_t held = count_of(all, standing::held);
  const std::size_t found = count_of(all, standing::found);
  const std::size_t undecided = count_of(all, standing::undecided);
  const std::size_t missing = count_of(all, standing::missing);
  const std::size_t noted = count_of(all, standing::noted);
  std::string html = "<div class=\"strip\">\n";
  const auto stat = [&html](std::size_t n, const char* css, const char* what) {
    html += fmt::format("<div class=\"stat {}\"><b>{}</b><span>{}</span></div>\n", css,
                        shown(static_cast<double>(n)), what);
  };
  stat(held, "held", "claims hold");
  stat(found, "found", "do not hold");
  stat(undecided, "undecided", "could not be decided");
  stat(missing, "missing", "missing or stale");
  stat(noted, "noted", "figures noted, or planned");
  html += "</div>\n<div class=\"card\">" + cloth(all.claims) + "</div>\n";
  html +=
      "<p class=\"soft\">One square per claim, one row per source. Filled: it holds. Crossed: it "
      "does not. "
      "Dashed: undecided. Hollow: missing or stale. Point at a square for its name.</p>\n";
  return {.id = "summary", .title = {}, .html = html, .records = all.claims.size()};
}

// --- what could not be judged, and what does not hold ----------------------------------------------------

std::string claim_rows(const std::vector<const claim*>& claims, bool with_source) {
  std::string html = "<div class=\"scroll\"><table><tr>";
  if (with_source) html += "<th>source</th>";
  html +=
      "<th>claim</th><th>verdict</th><th class=\"n\">figure</th><th>unit</th><th>what was seen</th>"
      "<th>repeat</th></tr>\n";
  for (const claim* each : claims) {
    html += "<tr>";
    if (with_source) html += fmt::format("<td class=\"soft\">{}</td>", escaped(each->source));
    html += fmt::format(
        "<td class=\"mono nm\">{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"soft\">{}</td>"
        "<td class=\"d\">{}</td><td class=\"c\">{}</td></tr>\n",
        escaped(each->name), badge(each->verdict, each->means), escaped(each->figure),
        escaped(each->unit), escaped(each->detail), code(each->repeat));
  }
  return html + "</table></div>\n";
}

section unjudged(const evidence& all) {
  std::string html;
  const auto part = [&](standing means, const char* title, const char* none) {
    std::vector<const claim*> chosen;
    for (const claim& each : all.claims) {
      if (each.means == means) chosen.push_back(&each);
    }
    html += fmt::format("<h3>{}</h3>\n", title);
    html += chosen.empty() ? fmt::format("<p class=\"soft\">{}</p>\n", none)
                           : "<div class=\"card\">" + claim_rows(chosen, true) + "</div>\n";
  };
  part(standing::found, "What does not hold", "Nothing.");
  part(standing::undecided, "What could not be decided", "Nothing.");
  part(standing::missing, "What is missing or stale", "Nothing.");
  return {.id = "unjudged",
          .title = "What does not hold, and what could not be judged and why",
          .html = html,
          .records = all.claims.size()};
}

// --- gates ---------------------------------------------------------------------------------------------

section gates(const evidence& all) {
  section made{.id = "gates", .title = "Gates", .html = {}, .records = 0};
  const gate::source_records* const from = source(all, "gate");
  if (from == nullptr || from->rows.empty()) {
    made.html =
        absent("no verdicts of the gates:", "jacquard gate --in out/results --json out/gate.jsonl");
    return made;
  }
  std::string judged, planned;
  std::size_t planned_count = 0;
  for (const result_row& row : from->rows) {
    const bool is_planned = row.verdict == "PLANNED";
    planned_count += is_planned ? 1 : 0;
    (is_planned ? planned : judged) += fmt::format(
        "<tr><td class=\"mono nm\">{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"soft\">{}</td><td class=\"d\">{}<br>{}</td><td class=\"d\">{}</td></tr>\n",
        escaped(row.name), badge(row.verdict, standing_of(row.verdict)), shown(row.figure),
        text_of(row.all, "rule") == "verdicts" ? "" : shown(row.number("limit")), escaped(row.unit),
        escaped(text_of(row.all, "claim")), escaped(row.detail),
        escaped(text_of(row.all, "source")));
  }
  constexpr std::string_view head =
      "<div class=\"scroll\"><table><tr><th>gate</th><th>verdict</th><th class=\"n\">figure</th>"
      "<th class=\"n\">limit</th><th>unit</th><th>claim, and what decided</th><th>source of the "
      "figure</th></tr>\n";
  made.records = from->rows.size();
  made.html = fmt::format("<div class=\"card\">{}{}</table></div></div>\n", head, judged);
  if (planned_count != 0) {
    made.html += fmt::format(
        "<details><summary>{} gates that nothing measures "
        "yet</summary>{}{}</table></div></details>\n",
        planned_count, head, planned);
  }
  return made;
}

// --- ratios --------------------------------------------------------------------------------------------

section ratios(const evidence& all) {
  section made{
      .id = "ratios", .title = "Ratios, paired in one interleaved run", .html = {}, .records = 0};
  const gate::source_records* const from = source(all, "gate");
  std::vector<forest_row> rows;
  std::set<std::string> controls;
  for (const result_row& row : from == nullptr ? std::vector<result_row>{} : from->rows) {
    const auto comparisons = row.all.find("comparisons");
    if (comparisons == row.all.end() || !comparisons->is_array()) continue;
    for (const json& each : *comparisons) {
      const std::string role = text_of(each, "role");
      const bool is_gate = role == "gate";
      const double low = number_of(each, "low", 0.0);
      const double high = number_of(each, "high", std::numeric_limits<double>::infinity());
      const double limit = is_gate ? number_of(row.all, "limit", 0.0) : 0.0;
      standing means = standing::noted;
      if (is_gate) {
        means = high < limit ? standing::held : low > limit ? standing::found : standing::undecided;
        // A run that is void or stale has ratios, and they mean nothing.
        if (row.verdict == "VOID") means = standing::undecided;
        if (standing_of(row.verdict) == standing::missing) means = standing::missing;
      }
      const std::string bench = text_of(row.all, "bench");
      if (!is_gate && !controls.insert(bench + role).second) continue;  // once for each benchmark
      rows.push_back(
          {.label = fmt::format("{}  {}", bench,
                                is_gate ? "ours / " + text_of(each, "base")
                                        : role + " (" + text_of(each, "arm") + " / ours)"),
           .note = fmt::format("{:.3f} [{:.3f}, {:.3f}]  n={:.0f}", number_of(each, "ratio", 0.0),
                               low, high, number_of(each, "blocks", 0.0)),
           .ratio = number_of(each, "ratio", 1.0),
           .low = low,
           .high = high,
           .limit = limit,
           .means = means});
    }
  }
  made.records = rows.size();
  if (rows.empty()) {
    made.html =
        absent("no paired comparisons:", "jacquard gate --in out/results --json out/gate.jsonl");
    return made;
  }
  made.html =
      "<p class=\"soft\">Median of the paired ratios (Hodges and Lehmann) with exact signed-rank "
      "bounds, each wrong "
      "with probability 0.001 at most. Green: below its limit (dashed). Red: above. Amber: "
      "undecided or "
      "void. Purple: stale. Grey rows are controls: A/A is the same code a second time, the canary "
      "carries planted work. Shaded: ±2 %. An arrow: the interval goes on.</p>\n<div "
      "class=\"card\">" +
      forest(rows) + "</div>\n";
  return made;
}

// --- latency -------------------------------------------------------------------------------------------

section latency(const evidence& all) {
  section made{.id = "latency", .title = "Latency spectrum", .html = {}, .records = 0};
  const gate::source_records* const from = source(all, "bench");
  // (bench, metric) in the order of the file
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, std::vector<spectrum_line>> charts;
  std::map<std::pair<std::string, std::string>, std::pair<double, double>> facts;  // count, quantum
  for (const json& each : from == nullptr ? std::vector<json>{} : from->histograms) {
    const std::string arm = text_of(each, "arm");
    const std::string metric = text_of(each, "metric");
    if (arm == "aa" || arm == "canary" || metric.starts_with("burst")) continue;
    const std::pair key{text_of(each, "bench"), metric};
    if (!charts.contains(key)) order.push_back(key);
    spectrum_line line{.label = arm == "ours" ? text_of(each, "contender") : arm,
                       .ours = arm == "ours",
                       .points = {}};
    if (line.label.empty()) line.label = arm;
    for (const json& point : each.at("percentiles")) {
      if (point.is_array() && point.size() == 2 && point[0].is_number() && point[1].is_number()) {
        line.points.emplace_back(point[0].get<double>(), point[1].get<double>());
      }
    }
    charts[key].push_back(std::move(line));
    facts[key] = {number_of(each, "count", 0.0), number_of(each, "quantum", 0.0)};
    ++made.records;
  }
  if (order.empty()) {
    made.html = absent("no histograms:", "jacquard bench --quick --json out/results/bench.jsonl");
    return made;
  }
  made.html =
      "<p class=\"soft\">Every message's time, by percentile. The horizontal axis is log(1 − p), "
      "so that the "
      "tail has room; a percentile is drawn only where enough messages stand behind it.</p>\n";
  for (const auto& key : order) {
    const std::string drawn = spectrum(charts[key], "ns");
    const auto& [count, quantum] = facts[key];
    made.html += fmt::format(
        "<h3><span class=\"mono\">{}</span> <span class=\"soft\">{} · {} messages an arm · the "
        "timer steps by {} ns</span></h3>\n<div class=\"card\">{}</div>\n",
        escaped(key.first), escaped(key.second), shown(count), shown(quantum),
        drawn.empty() ? "too few messages for a spectrum" : drawn);
  }
  return made;
}

// --- allocations ---------------------------------------------------------------------------------------

section allocations(const evidence& all) {
  section made{.id = "allocations", .title = "Allocations per operation", .html = {}, .records = 0};
  const gate::source_records* const from = source(all, "audit");
  std::vector<std::string> kinds, operations;
  std::map<std::pair<std::string, std::string>, const result_row*> cells;
  std::string canaries;
  for (const result_row& row : from == nullptr ? std::vector<result_row>{} : from->rows) {
    (void)row;
    ++made.records;
  }
  if (made.records == 0) {
    made.html = absent("no allocation counts:", "jacquard audit --json out/results/audit.jsonl");
    return made;
  }
  for (const result_row& row : from->rows) {
    const std::size_t dot = row.name.find('.');
    const std::string kind = row.name.substr(0, dot);
    const std::string operation = dot == std::string::npos ? "" : row.name.substr(dot + 1);
    if (kind == "canary") {
      canaries += fmt::format(" {} <span class=\"mono\">{}</span>&ensp;",
                              badge(row.verdict, standing_of(row.verdict)), escaped(operation));
      continue;
    }
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    if (std::find(operations.begin(), operations.end(), operation) == operations.end()) {
      operations.push_back(operation);
    }
    cells[{operation, kind}] = &row;
  }
  std::sort(operations.begin(), operations.end());
  std::string table = "<div class=\"scroll\"><table><tr><th>operation</th>";
  for (const std::string& kind : kinds)
    table += fmt::format("<th class=\"n\">{}</th>", escaped(kind));
  table += "</tr>\n";
  for (const std::string& operation : operations) {
    table += fmt::format("<tr><td class=\"mono\">{}</td>", escaped(operation));
    for (const std::string& kind : kinds) {
      const auto at = cells.find({operation, kind});
      if (at == cells.end()) {
        table += "<td class=\"n soft\">·</td>";
        continue;
      }
      const result_row& row = *at->second;
      const bool good = standing_of(row.verdict) == standing::held;
      table += fmt::format(
          "<td class=\"n {}\" title=\"{}\">{}{}</td>", good ? "z" : "bad", escaped(row.detail),
          row.figure ? fmt::format("{:.3f}", *row.figure) : escaped(row.verdict), good ? "" : " ✕");
    }
    table += "</tr>\n";
  }
  made.html = fmt::format(
      "<p class=\"soft\">Exact slopes between runs of N, 2N and 3N operations under DHAT; our own "
      "interposer agrees in "
      "a separate run. Green: within its budget. <span class=\"mono\">close</span> is judged less "
      "<span class=\"mono\">construct</span>; a dot means that the kind has no such "
      "operation.</p>\n"
      "<p>Canaries: {}</p>\n<div class=\"card\">{}</table></div></div>\n",
      canaries, table);
  return made;
}

// --- exploration ---------------------------------------------------------------------------------------

section exploration(const evidence& all) {
  section made{.id = "exploration", .title = "Executions explored", .html = {}, .records = 0};
  const std::vector<std::string> engines{"relacy", "explore", "perturbed"};
  std::map<std::string, std::map<std::string, const result_row*>> by_check;
  std::map<std::string, std::pair<double, std::size_t>> totals;
  for (const std::string& engine : engines) {
    const gate::source_records* const from = source(all, "check." + engine);
    for (const result_row& row : from == nullptr ? std::vector<result_row>{} : from->rows) {
      (void)row;
      ++made.records;
    }
    if (from == nullptr) continue;
    for (const result_row& row : from->rows) {
      by_check[row.name][engine] = &row;
      totals[engine].first += row.figure.value_or(0.0);
      ++totals[engine].second;
    }
  }
  std::string& html = made.html;
  html = "<div class=\"strip\">\n";
  for (const std::string& engine : engines) {
    html += totals.contains(engine)
                ? fmt::format(
                      "<div class=\"stat\"><b>{}</b><span>executions by {}, in {} "
                      "checks</span></div>\n",
                      shown(totals[engine].first), engine, totals[engine].second)
                : fmt::format(
                      "<div class=\"stat missing\"><b>MISSING</b><span>jacquard check --engine "
                      "{}</span></div>\n",
                      engine);
  }
  if (const gate::source_records* const bugs = source(all, "check.bugs")) {
    const auto caught =
        std::count_if(bugs->rows.begin(), bugs->rows.end(),
                      [](const result_row& row) { return row.verdict == "caught"; });
    made.records += bugs->rows.size();
    html +=
        fmt::format("<div class=\"stat {}\"><b>{} of {}</b><span>seeded bugs caught</span></div>\n",
                    static_cast<std::size_t>(caught) == bugs->rows.size() ? "held" : "found",
                    caught, bugs->rows.size());
  } else {
    html +=
        "<div class=\"stat missing\"><b>MISSING</b><span>jacquard check "
        "--seeded-bugs</span></div>\n";
  }
  html += "</div>\n";
  if (by_check.empty()) {
    html += absent("no model checks:",
                   "jacquard check --engine relacy --json out/results/check.relacy.jsonl");
    return made;
  }
  html +=
      "<details open><summary>Every check, by engine</summary><div "
      "class=\"scroll\"><table><tr><th>check</th>";
  for (const std::string& engine : engines)
    html += fmt::format("<th class=\"n\">{}</th><th>bound</th>", engine);
  html += "</tr>\n";
  for (const auto& [name, rows] : by_check) {
    html += fmt::format("<tr><td class=\"mono nm\">{}</td>", escaped(name));
    for (const std::string& engine : engines) {
      const auto at = rows.find(engine);
      if (at == rows.end()) {
        html += "<td class=\"n soft\">·</td><td></td>";
        continue;
      }
      const result_row& row = *at->second;
      const standing means = standing_of(row.verdict);
      html += fmt::format(
          "<td class=\"n {}\">{}{}</td><td class=\"d\" style=\"min-width:90px\">{}</td>",
          means == standing::held ? "z" : "bad", shown(row.figure),
          means == standing::held ? "" : " " + escaped(row.verdict),
          escaped(text_of(row.all, "search")));
    }
    html += "</tr>\n";
  }
  html += "</table></div></details>\n";
  return made;
}

// --- simulation ----------------------------------------------------------------------------------------

section simulation(const evidence& all) {
  section made{.id = "simulation", .title = "Simulation campaign", .html = {}, .records = 0};
  const gate::source_records* const from = source(all, "sim");
  if (from == nullptr || from->rows.empty()) {
    made.html = absent("no campaign:", "jacquard sim campaign --json out/results/sim.jsonl");
    return made;
  }
  made.records = from->rows.size();
  std::string stats, scenarios;
  for (const result_row& row : from->rows) {
    const standing means = standing_of(row.verdict);
    if (row.name.starts_with("campaign.")) {
      stats += fmt::format("<div class=\"stat {}\"><b>{}</b><span>{}, {}</span></div>\n",
                           means == standing::held ? "" : css_class(means), shown(row.figure),
                           escaped(row.name.substr(9)), escaped(row.unit));
      continue;
    }
    const auto points = row.number("points");
    scenarios += fmt::format(
        "<tr><td class=\"mono\">{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        escaped(row.name), badge(row.verdict, means), shown(row.figure),
        shown(row.number("handled")), shown(row.number("divergences")), shown(row.number("broken")),
        points ? fmt::format("{} / {}", shown(row.number("points_seen")), shown(points)) : "");
  }
  made.html = "<div class=\"strip\">" + stats + "</div>\n";
  if (!scenarios.empty()) {
    made.html +=
        "<details open><summary>Every scenario</summary><div "
        "class=\"scroll\"><table><tr><th>scenario</th>"
        "<th>verdict</th><th class=\"n\">seeds</th><th class=\"n\">messages handled</th>"
        "<th class=\"n\">divergences</th><th class=\"n\">broken</th><th class=\"n\">points "
        "seen</th></tr>\n" +
        scenarios + "</table></div></details>\n";
  }
  return made;
}

// --- all claims ----------------------------------------------------------------------------------------

section claims(const evidence& all) {
  section made{.id = "claims",
               .title = "Every claim, one line each",
               .html = {},
               .records = all.claims.size()};
  for (std::size_t i = 0; i < all.claims.size();) {
    std::vector<const claim*> group;
    const std::string& name = all.claims[i].source;
    std::size_t troubled = 0;
    for (; i < all.claims.size() && all.claims[i].source == name; ++i) {
      group.push_back(&all.claims[i]);
      const standing means = all.claims[i].means;
      troubled += means == standing::held || means == standing::noted ? 0 : 1;
    }
    made.html += fmt::format(
        "<details{}><summary>{} <span class=\"soft\">{} lines{}</span></summary>{}</details>\n",
        name == "gate" || troubled != 0 ? " open" : "", escaped(name), group.size(),
        troubled == 0 ? "" : fmt::format(", {} to look at", troubled), claim_rows(group, false));
  }
  return made;
}

// --- environment ---------------------------------------------------------------------------------------

section environment(const evidence& all) {
  section made{.id = "environment", .title = "Environment", .html = {}, .records = 0};
  std::set<std::string> shown_files;
  std::string html;
  for (const auto& [name, from] : all.records.sources) {
    if (from.files.empty() || !shown_files.insert(from.files.front()).second) continue;
    html += fmt::format(
        "<details{}><summary>{} <span class=\"soft\">{}</span></summary><div "
        "class=\"scroll\"><table>\n",
        name == "bench" ? " open" : "", escaped(name), escaped(from.files.front()));
    if (from.environments.empty()) {
      html += fmt::format(
          "<tr><td>{}</td><td>no env record: when it was measured is unknown</td></tr>\n",
          badge("MISSING", standing::missing));
    }
    for (const json& env : from.environments) {
      ++made.records;
      for (const auto& [key, value] : env.items()) {
        if (key == "kind" || key == "schema") continue;
        html += fmt::format(
            "<tr><td class=\"mono soft\">{}</td><td class=\"mono nm\">{}</td></tr>\n", escaped(key),
            escaped(value.is_string() ? value.get<std::string>() : value.dump()));
      }
    }
    html += "</table></div></details>\n";
  }
  made.html = html.empty() ? absent("no records at all:", "ci/run") : html;
  return made;
}

}  // namespace

std::vector<std::string> section_names() {
  return {"summary",     "unjudged",    "gates",      "ratios", "latency",
          "allocations", "exploration", "simulation", "claims", "environment"};
}

std::vector<section> sections_of(const evidence& all) {
  return {summary(all),     unjudged(all),    gates(all),      ratios(all), latency(all),
          allocations(all), exploration(all), simulation(all), claims(all), environment(all)};
}

}  // namespace jacquard::report
