#include <jacquard/bench/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include <jacquard/bench/percentile.hpp>
#include <jacquard/bench/statistics.hpp>

namespace jacquard::bench {

namespace {

std::string regimes_in_words(const bench_outcome& outcome) {
  std::map<std::string, unsigned> counts;
  for (const std::string& regime : outcome.regimes) ++counts[regime];
  std::string text;
  for (const auto& [regime, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", regime, count);
  }
  return text;
}

std::string shown(const percentile_result& result, const char* name) {
  return result.stands() ? fmt::format("{} {:.0f}", name, result.value_ns)
                         : fmt::format("{} refused", name);
}

// A latency line, or the reason why there is none.
void add_latency_line(const std::string& name, const histogram& values, const clock_facts& clock,
                      perf_output& output) {
  if (values.count() == 0) return;
  const double scale = clock.ticks_per_ns;
  const auto p50 = judged_percentile(values, 50, scale, clock.quantum_ns);
  const auto p95 = judged_percentile(values, 95, scale, clock.quantum_ns);
  const auto p99 = judged_percentile(values, 99, scale, clock.quantum_ns);
  for (const percentile_result* one : {&p50, &p95, &p99}) {
    if (!one->stands()) {
      output.withheld.push_back(fmt::format("{}: {}", name, one->refusal));
      return;
    }
  }
  const auto us = [scale](double value) { return value / scale / 1000.0; };
  output.lines.push_back(format(latency_line{.name = perf_name(name),
                                             .median_us = p50.value_ns / 1000.0,
                                             .mean_us = us(values.mean()),
                                             .min_us = us(static_cast<double>(values.min())),
                                             .max_us = us(static_cast<double>(values.max())),
                                             .p95_us = p95.value_ns / 1000.0,
                                             .p99_us = p99.value_ns / 1000.0,
                                             .n = values.count()}));
}

}  // namespace

std::vector<command::row> rows_of(const bench_outcome& outcome, const clock_facts& clock,
                                  const std::string& repeat) {
  std::vector<command::row> rows;
  if (!outcome.possible) {
    rows.push_back({.name = outcome.name,
                    .verdict = "N/A",
                    .figure = 0.0,
                    .unit = "",
                    .detail = outcome.benchmark.work == workload::open_loop &&
                                      outcome.where == placement::same_core
                                  ? "its sender spins: it needs a processor of its own (cross-core)"
                                  : "needs two processors, this process may use one",
                    .more = {{"repeat", repeat}}});
    return rows;
  }
  const arm_outcome* const subject = outcome.find(subject_name);
  for (const arm_outcome& arm : outcome.arms) {
    command::row row;
    row.name = outcome.name + "." + arm.name;
    row.more["repeat"] = repeat;
    row.more["bench"] = outcome.name;
    row.more["contender"] = arm.name;
    row.more["placement"] = to_string(outcome.where);
    if (!arm.fault.empty()) {
      row.verdict = "BROKEN";
      row.detail = arm.fault + "; repeat: " + repeat;
      rows.push_back(std::move(row));
      continue;
    }
    const std::vector<double>& figures = arm.figures();
    row.verdict = "measured";
    row.figure = median(figures);
    row.unit = outcome.benchmark.per_message() ? "ns p95" : "ns/op";
    row.more["rounds"] = figures.size();
    row.more["min"] = quantile(figures, 0.0);
    row.more["max"] = quantile(figures, 1.0);
    row.detail = fmt::format("{:.2f} to {:.2f} in {} rounds", quantile(figures, 0.25),
                             quantile(figures, 0.75), figures.size());
    if (outcome.benchmark.work == workload::pair || outcome.benchmark.work == workload::transfer) {
      row.detail += fmt::format(", {:.1f} M/s", 1000.0 / row.figure);
    }
    if (subject != nullptr && subject != &arm && subject->fault.empty()) {
      const ratio_estimate ratio = paired_ratio(figures, subject->figures());
      row.detail += fmt::format(", {:.2f} x {}", ratio.ratio, subject_name);
      row.more["over_subject"] = ratio.ratio;
    }
    if (outcome.benchmark.per_message()) {
      const double scale = clock.ticks_per_ns;
      row.detail += fmt::format(
          "; all {}: {}, {}, {}, max {:.0f}", arm.latencies.count(),
          shown(judged_percentile(arm.latencies, 50, scale, clock.quantum_ns), "p50"),
          shown(judged_percentile(arm.latencies, 99, scale, clock.quantum_ns), "p99"),
          shown(judged_percentile(arm.latencies, 99.9, scale, clock.quantum_ns), "p99.9"),
          static_cast<double>(arm.latencies.max()) / scale);
      if (arm.service.count() > 0) {
        row.detail += fmt::format("; from the actual send p95 {:.0f}",
                                  static_cast<double>(arm.service.percentile(95)) / scale);
        row.detail += fmt::format("; sender late p95 {:.0f}", median(arm.sender_late_ns));
      }
    }
    if (outcome.benchmark.work == workload::transfer) {
      const double middle =
          static_cast<double>(arm.bursts.percentile(50)) / clock.ticks_per_ns / field_capacity;
      row.detail += fmt::format("; middle of bursts {:.2f}", middle);
      row.more["middle_burst_ns_per_op"] = middle;
    }
    if (outcome.benchmark.threaded()) row.detail += "; blocks: " + regimes_in_words(outcome);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<nlohmann::json> histograms_of(const bench_outcome& outcome, const clock_facts& clock) {
  std::vector<nlohmann::json> records;
  const auto add = [&](const arm_outcome& arm, const histogram& values, const char* metric) {
    if (values.count() == 0) return;
    nlohmann::json percentiles = nlohmann::json::array();
    for (const double percent : {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
      if (percent < 100.0 && values.count() < samples_needed(percent)) continue;
      percentiles.push_back(
          {percent, static_cast<double>(values.percentile(percent)) / clock.ticks_per_ns});
    }
    records.push_back({{"kind", "histogram"},
                       {"bench", outcome.name},
                       {"arm", arm.arm},
                       {"contender", arm.name},
                       {"metric", metric},
                       {"unit", "ns"},
                       {"count", values.count()},
                       {"quantum", clock.quantum_ns},
                       {"percentiles", percentiles},
                       {"hgrm", values.hgrm(clock.ticks_per_ns)}});
  };
  for (const arm_outcome& arm : outcome.arms) {
    if (!arm.fault.empty()) continue;
    const bool open = outcome.benchmark.work == workload::open_loop;
    add(arm, arm.latencies, open ? "latency_from_intended_ns" : "sojourn_ns");
    add(arm, arm.service, "latency_from_send_ns");
    add(arm, arm.bursts, "burst_512_ns");
  }
  return records;
}

perf_output perf_lines_of(const bench_outcome& outcome, const clock_facts& clock) {
  perf_output output;
  const arm_outcome* const subject = outcome.find(subject_name);
  for (const arm_outcome& arm : outcome.arms) {
    if (!arm.fault.empty() || arm.ns <= 0.0) continue;
    const std::string name = outcome.name + "." + arm.name;
    if (outcome.benchmark.work != workload::open_loop) {
      output.lines.push_back(format(
          throughput_line{.name = perf_name("throughput_" + name),
                          .calls_per_second = static_cast<double>(arm.operations) * 1e9 / arm.ns,
                          .calls = arm.operations,
                          .elapsed_ms = arm.ns / 1e6}));
    }
    add_latency_line(name, arm.latencies, clock, output);
    add_latency_line(name + ".burst512", arm.bursts, clock, output);
    add_latency_line(name + ".from_send", arm.service, clock, output);
    if (subject != nullptr && subject != &arm && subject->fault.empty()) {
      output.lines.push_back(
          format(ratio_line{.name = perf_name(name + "_ratio"),
                            .ratio = paired_ratio(arm.figures(), subject->figures()).ratio}));
    }
  }
  return output;
}

command::row row_of(const claim_verdict& verdict, const std::string& repeat) {
  return {.name = verdict.name,
          .verdict = verdict.verdict,
          .figure = verdict.figure,
          .unit = verdict.unit,
          .detail = verdict.detail,
          .more = {{"kind", "claim"},
                   {"limit", verdict.limit},
                   {"low", verdict.low},
                   {"high", verdict.high},
                   {"repeat", repeat}}};
}

}  // namespace jacquard::bench
