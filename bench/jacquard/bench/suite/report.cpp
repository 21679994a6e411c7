// A suite outcome in words: rows, PERF lines, histograms, verdicts of claims.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include <jacquard/bench/percentile.hpp>
#include <jacquard/bench/statistics.hpp>
#include <jacquard/bench/suite/run.hpp>

namespace jacquard::bench::suite {

namespace {

// Percentiles of one operation: a window's time shared out, and so is the clock's step.
percentile_result percentile_of(const arm_outcome& arm, double percent, const clock_facts& clock) {
  const double window = static_cast<double>(arm.window);
  percentile_result made =
      judged_percentile(arm.times, percent, clock.ticks_per_ns, clock.quantum_ns);
  made.value_ns /= window;
  return made;
}

double figure_of(const arm_outcome& arm, std::size_t which) {
  std::vector<double> values;
  for (const auto& block : arm.figures) values.push_back(block[which]);
  return median(values);
}

std::string spent_in_words(const arm_outcome& arm) {
  const double operations = static_cast<double>(arm.operations);
  const double trials = static_cast<double>(arm.ns_per_operation.size());
  std::string text = fmt::format("user {:.1f} system {:.1f} ns/op, {:.0f} voluntary switches",
                                 arm.spent.user_ns / operations, arm.spent.system_ns / operations,
                                 static_cast<double>(arm.spent.voluntary_switches) / trials);
  if (counts_syscalls()) {
    text +=
        fmt::format(", {:.0f} syscalls a trial", static_cast<double>(arm.spent.syscalls) / trials);
  } else {
    text += " a trial (syscalls: the kernel refuses to count)";
  }
  return text;
}

// Trials are long and few, so a ratio is judged as a figure is: by what three blocks in four say.
constexpr double control_slack = 0.05;

const char* unit_of(basis what) {
  return what == basis::wall ? "ns/op" : what == basis::median ? "ns p50" : "ns cpu/op";
}

std::vector<double> ratios_of(const std::vector<double>& subject,
                              const std::vector<double>& reference) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(subject.size(), reference.size()); ++i) {
    ratios.push_back(subject[i] / reference[i]);
  }
  return ratios;
}

// The first arm over the second. A number that does not exist where one of the two did not run.
double headline_ratio(const outcome& result) {
  const auto& arms = result.bench->arms;
  const arm_outcome* const first = result.find(arms.at(0).name);
  const arm_outcome* const second = result.find(arms.at(1).name);
  if (first == nullptr || second == nullptr) return std::numeric_limits<double>::quiet_NaN();
  return median(ratios_of(first->cpu_ns, second->cpu_ns));
}

// Of every arm that had more than one processor: 1 where it does as much more work as it has processors.
void add_efficiencies(const outcome& result, const arm_outcome& subject,
                      std::vector<command::row>& rows) {
  for (const arm_outcome& arm : result.arms) {
    if (arm.processors < 2 || !arm.missing.empty() || !arm.fault.empty()) continue;
    rows.push_back({.name = fmt::format("{}.efficiency_{}", result.bench->name, arm.processors),
                    .verdict = "measured",
                    .figure = median(ratios_of(subject.ns_per_operation, arm.ns_per_operation)),
                    .unit = "of linear",
                    .detail = "of " + arm.name,
                    .more = {}});
  }
}

// A line in a form that its name belongs to another: the row has its figures.
void keep(const std::string& name, const perf_line& line, perf_output& output) {
  std::string text = format(line);
  if (text.empty()) {
    output.withheld.push_back(name + ": the grammar keeps that name for another form");
  } else {
    output.lines.push_back(std::move(text));
  }
}

command::row headline_row(const outcome& result, const arm_outcome& subject,
                          const clock_facts& clock) {
  command::row made;
  made.name = result.bench->name;
  made.verdict = "measured";
  made.detail = "of " + subject.name;
  switch (result.bench->headed) {
    case headline::none:
    case headline::efficiency:
      break;
    case headline::median: {
      const percentile_result p50 = percentile_of(subject, 50, clock);
      made.name += ".median";
      made.unit = "ns";
      made.figure = p50.value_ns;
      if (!p50.stands()) made.verdict = "refused", made.detail = p50.refusal;
      break;
    }
    case headline::p95_ms: {
      const percentile_result p95 = percentile_of(subject, 95, clock);
      made.name += ".p95";
      made.unit = "ms";
      made.figure = p95.value_ns / 1e6;
      if (!p95.stands()) made.verdict = "refused", made.detail = p95.refusal;
      break;
    }
    case headline::calls_per_second:
      made.unit = "calls/s";
      made.figure = 1e9 / median(subject.ns_per_operation);
      break;
    case headline::ratio:
      made.unit = "x";
      made.figure = headline_ratio(result);
      made.detail = "processor time of the first over the second, in the same blocks";
      break;
  }
  return made;
}

}  // namespace

std::string_view band_of(double ours_over_peer) noexcept {
  if (ours_over_peer <= 2.0) return "excellent";
  return ours_over_peer <= 5.0 ? "good" : "investigate";
}

std::vector<command::row> rows_of(const outcome& result, const clock_facts& clock,
                                  const std::string& repeat) {
  std::vector<command::row> rows;
  const arm_outcome* const subject = result.find(result.bench->arms.front().name);
  for (const arm_outcome& arm : result.arms) {
    command::row row;
    row.name = result.bench->name + "." + arm.name;
    row.more = {{"repeat", repeat}, {"bench", result.bench->name}, {"contender", arm.name}};
    if (!arm.missing.empty() || !arm.fault.empty()) {
      row.verdict = arm.fault.empty() ? "N/A" : "BROKEN";
      row.detail = arm.fault.empty() ? arm.missing : arm.fault + "; repeat: " + repeat;
      rows.push_back(std::move(row));
      continue;
    }
    const std::vector<double>& values = arm.ns_per_operation;
    row.verdict = "measured";
    row.figure = median(values);
    row.unit = "ns/op";
    row.detail = fmt::format("{:.2f} to {:.2f} in {} trials", quantile(values, 0.25),
                             quantile(values, 0.75), values.size());
    if (subject != nullptr && subject != &arm) {
      const ratio_estimate ratio = paired_ratio(values, subject->ns_per_operation);
      row.detail += fmt::format(", {:.2f} x {}", ratio.ratio, subject->name);
      row.more["over_subject"] = ratio.ratio;
      if (arm.who == role::peer) {
        const std::string band{band_of(1.0 / ratio.ratio)};
        row.detail += ", " + band;
        row.more["band"] = band;
      }
    }
    if (arm.times.count() > 0) {
      row.detail += fmt::format("; {} times of {}:", arm.times.count(), arm.window);
      for (const double percent : {50.0, 95.0, 99.0}) {
        const percentile_result p = percentile_of(arm, percent, clock);
        row.detail += p.stands() ? fmt::format(" p{:.0f} {:.1f}", percent, p.value_ns)
                                 : fmt::format(" p{:.0f} refused", percent);
        if (p.stands()) row.more[fmt::format("p{:.0f}_ns", percent)] = p.value_ns;
      }
    }
    for (std::size_t i = 0; i < arm.described.size(); ++i) {
      row.detail += fmt::format("; {} {:.4g} {}", arm.described[i].name, figure_of(arm, i),
                                arm.described[i].unit);
    }
    row.detail += "; " + spent_in_words(arm);
    const double operations = static_cast<double>(arm.operations);
    row.more["user_ns_per_op"] = arm.spent.user_ns / operations;
    row.more["system_ns_per_op"] = arm.spent.system_ns / operations;
    row.more["voluntary_switches"] = arm.spent.voluntary_switches;
    row.more["involuntary_switches"] = arm.spent.involuntary_switches;
    row.more["page_faults"] = arm.spent.page_faults;
    if (counts_syscalls()) row.more["syscalls"] = arm.spent.syscalls;
    rows.push_back(std::move(row));
  }
  if (subject == nullptr) return rows;
  if (result.bench->headed == headline::efficiency) {
    add_efficiencies(result, *subject, rows);
    for (command::row& one : rows) one.more["repeat"] = repeat;
  } else if (result.bench->headed != headline::none) {
    rows.push_back(headline_row(result, *subject, clock));
    rows.back().more["repeat"] = repeat;
  }
  for (std::size_t i = 0; i < subject->described.size(); ++i) {
    rows.push_back({.name = result.bench->name + "." + subject->described[i].name,
                    .verdict = "measured",
                    .figure = figure_of(*subject, i),
                    .unit = subject->described[i].unit,
                    .detail = fmt::format("of {}", subject->name),
                    .more = {{"repeat", repeat}}});
  }
  return rows;
}

std::vector<nlohmann::json> histograms_of(const outcome& result, const clock_facts& clock) {
  std::vector<nlohmann::json> records;
  for (const arm_outcome& arm : result.arms) {
    if (arm.times.count() == 0 || !arm.fault.empty()) continue;
    const double scale = clock.ticks_per_ns * static_cast<double>(arm.window);
    nlohmann::json percentiles = nlohmann::json::array();
    for (const double percent : {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
      if (percent < 100.0 && arm.times.count() < samples_needed(percent)) continue;
      percentiles.push_back({percent, static_cast<double>(arm.times.percentile(percent)) / scale});
    }
    records.push_back({{"kind", "histogram"},
                       {"bench", result.bench->name},
                       {"arm", arm.label},
                       {"contender", arm.name},
                       {"metric", "operation_ns"},
                       {"unit", "ns"},
                       {"count", arm.times.count()},
                       {"window", arm.window},
                       {"quantum", clock.quantum_ns / static_cast<double>(arm.window)},
                       {"percentiles", percentiles},
                       {"hgrm", arm.times.hgrm(scale)}});
  }
  return records;
}

// The subject's lines carry the benchmark's own name, everybody else's their own behind it.
perf_output perf_lines_of(const outcome& result, const clock_facts& clock) {
  perf_output output;
  const arm_outcome* const subject = result.find(result.bench->arms.front().name);
  for (const arm_outcome& arm : result.arms) {
    if (!arm.missing.empty()) {
      output.withheld.push_back(result.bench->name + "." + arm.name + ": " + arm.missing);
      continue;
    }
    if (!arm.fault.empty() || arm.ns <= 0.0) continue;
    const bool own = &arm == subject;
    const std::string name = result.bench->name + (own ? "" : "." + arm.name);
    const std::string calls = name.rfind("throughput_", 0) == 0 ? name : "throughput_" + name;
    output.lines.push_back(format(
        throughput_line{.name = perf_name(calls),
                        .calls_per_second = static_cast<double>(arm.operations) * 1e9 / arm.ns,
                        .calls = arm.operations,
                        .elapsed_ms = arm.ns / 1e6}));
    if (arm.times.count() > 0) {
      const auto p50 = percentile_of(arm, 50, clock);
      const auto p95 = percentile_of(arm, 95, clock);
      const auto p99 = percentile_of(arm, 99, clock);
      const percentile_result* refused = nullptr;
      for (const percentile_result* one : {&p50, &p95, &p99}) {
        if (!one->stands() && refused == nullptr) refused = one;
      }
      const double scale = clock.ticks_per_ns * static_cast<double>(arm.window) * 1000.0;
      if (refused != nullptr) {
        output.withheld.push_back(name + ": " + refused->refusal);
      } else {
        keep(name,
             latency_line{.name = perf_name(name),
                          .median_us = p50.value_ns / 1000.0,
                          .mean_us = arm.times.mean() / scale,
                          .min_us = static_cast<double>(arm.times.min()) / scale,
                          .max_us = static_cast<double>(arm.times.max()) / scale,
                          .p95_us = p95.value_ns / 1000.0,
                          .p99_us = p99.value_ns / 1000.0,
                          .n = arm.times.count()},
             output);
      }
    }
    if (own || subject == nullptr) continue;
    keep(name,
         ratio_line{.name = perf_name(name + "_ratio"),
                    .ratio = paired_ratio(arm.ns_per_operation, subject->ns_per_operation).ratio},
         output);
  }
  if (subject == nullptr) return output;
  if (result.bench->headed == headline::ratio) {
    output.lines.push_back(
        format(ratio_line{.name = result.bench->name, .ratio = headline_ratio(result)}));
  }
  for (std::size_t i = 0; i < subject->described.size(); ++i) {
    const figure& each = subject->described[i];
    if (each.limit <= 0.0) continue;
    output.lines.push_back(format(
        ratio_line{.name = perf_name(result.bench->name + "." + each.name + "_of_limit_ratio"),
                   .ratio = figure_of(*subject, i) / each.limit}));
  }
  return output;
}

std::vector<claim_verdict> judge_claims(const outcome& result) {
  std::vector<claim_verdict> verdicts;
  for (const goal& wanted : result.bench->goals) {
    const arm_outcome* const judged = result.find(wanted.arm);
    const arm_outcome* const other = wanted.over.empty() ? judged : result.find(wanted.over);
    if (judged == nullptr || other == nullptr) {
      claim_verdict verdict;
      verdict.name = wanted.name;
      verdict.verdict = "N/A";
      verdict.limit = wanted.limit;
      verdict.detail =
          fmt::format("'{}' did not run here", judged == nullptr ? wanted.arm : wanted.over);
      verdicts.push_back(std::move(verdict));
      continue;
    }
    if (!wanted.over.empty()) {
      const std::vector<double> ratios = ratios_of(judged->by(wanted.by), other->by(wanted.by));
      claim_verdict verdict = judge_limit(wanted.name, ratios, wanted.limit, "x", wanted.tie);
      const arm_outcome& subject = *result.find(result.bench->arms.front().name);
      if (const arm_outcome* const again = result.find(subject.name + ".aa"); again != nullptr) {
        const double null = median(ratios_of(again->by(wanted.by), subject.by(wanted.by)));
        verdict.detail += fmt::format(", a/a {:.3f}", null);
        if (null > 1.0 + control_slack || null < 1.0 / (1.0 + control_slack)) {
          verdict.verdict = "VOID";
        }
      }
      verdicts.push_back(std::move(verdict));
      continue;
    }
    verdicts.push_back(
        judge_limit(wanted.name, judged->by(wanted.by), wanted.limit, unit_of(wanted.by)));
  }
  return verdicts;
}

}  // namespace jacquard::bench::suite
