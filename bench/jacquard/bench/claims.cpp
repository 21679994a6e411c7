#include <jacquard/bench/claims.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include <jacquard/bench/statistics.hpp>

namespace jacquard::bench {

namespace {

constexpr double control_slack = 1.02;
constexpr double sender_late_share = 0.1;

const bench_outcome* find(const std::vector<bench_outcome>& outcomes, std::string_view name) {
  for (const bench_outcome& outcome : outcomes) {
    if (outcome.name == name) return &outcome;
  }
  return nullptr;
}

claim_verdict cannot(const std::string& name, double limit, const std::string& unit,
                     const std::string& why) {
  return {
      .name = name, .verdict = "N/A", .figure = 0.0, .unit = unit, .detail = why, .limit = limit};
}

// Ratio by regime, where blocks of more than one were seen: "near 0.41 (12 blocks), far 0.60 (3 blocks)".
std::string by_regime(const bench_outcome& outcome, const arm_outcome& subject,
                      const arm_outcome& reference) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> groups;
  for (std::size_t block = 0; block < outcome.regimes.size(); ++block) {
    auto& group = groups[outcome.regimes[block]];
    group.first.push_back(subject.figures()[block]);
    group.second.push_back(reference.figures()[block]);
  }
  std::string text;
  for (const auto& [regime, values] : groups) {
    text += fmt::format("{}{} {:.2f} ({} blocks)", text.empty() ? "" : ", ", regime,
                        paired_ratio(values.first, values.second).ratio, values.first.size());
  }
  return text;
}

// The candidate against the best of the named contenders that took part.
void compare(const std::vector<bench_outcome>& outcomes, const std::string& name,
             const std::string& bench_name, const std::vector<std::string>& rivals, double limit,
             std::vector<claim_verdict>& verdicts) {
  const bench_outcome* const outcome = find(outcomes, bench_name);
  if (outcome == nullptr) return;
  if (!outcome->possible) {
    verdicts.push_back(cannot(name, limit, "x", "this machine has too few processors for it"));
    return;
  }
  const arm_outcome* const subject = outcome->find(subject_name);
  const arm_outcome* const control = outcome->find(std::string(subject_name) + ".aa");
  const arm_outcome* best = nullptr;
  for (const std::string& rival : rivals) {
    const arm_outcome* const arm = outcome->find(rival);
    if (arm == nullptr || !arm->fault.empty()) continue;
    if (best == nullptr || median(arm->figures()) < median(best->figures())) best = arm;
  }
  if (subject == nullptr || control == nullptr || best == nullptr || !subject->fault.empty() ||
      !control->fault.empty()) {
    return;
  }
  claim_verdict verdict =
      judge_ratio(name, subject->figures(), best->figures(), control->figures(), limit);
  verdict.detail = fmt::format("{} {:.2f} against {} {:.2f} ns; {}; {}", subject->name,
                               median(subject->figures()), best->name, median(best->figures()),
                               verdict.detail, by_regime(*outcome, *subject, *best));
  verdicts.push_back(std::move(verdict));
}

void bound(const std::vector<bench_outcome>& outcomes, const std::string& name,
           const std::string& bench_name, double limit, const std::string& unit,
           std::vector<claim_verdict>& verdicts) {
  const bench_outcome* const outcome = find(outcomes, bench_name);
  if (outcome == nullptr) return;
  if (!outcome->possible) {
    verdicts.push_back(cannot(name, limit, unit, "this machine has too few processors for it"));
    return;
  }
  const arm_outcome* const subject = outcome->find(subject_name);
  if (subject == nullptr || !subject->fault.empty()) return;
  claim_verdict verdict = judge_limit(name, subject->figures(), limit, unit);
  if (!subject->sender_late_ns.empty()) {
    const double late = median(subject->sender_late_ns);
    verdict.detail += fmt::format(", sender late p95 {:.0f} ns", late);
    // A processor that is taken away from the sender is the machine's lateness, not the mailbox's.
    if (late > limit * sender_late_share) {
      verdict.verdict = "VOID";
      verdict.detail += ": this machine could not keep the timetable";
    }
  }
  verdicts.push_back(std::move(verdict));
}

}  // namespace

claim_verdict judge_ratio(const std::string& name, const std::vector<double>& subject,
                          const std::vector<double>& reference, const std::vector<double>& control,
                          double limit) {
  const ratio_estimate estimate = paired_ratio(subject, reference);
  const ratio_estimate null = paired_ratio(control, subject);
  claim_verdict verdict{.name = name,
                        .verdict = "UNDECIDED",
                        .figure = estimate.ratio,
                        .unit = "x",
                        .detail = {},
                        .limit = limit,
                        .low = estimate.low,
                        .high = estimate.high};
  if (!estimate.bounded) {
    verdict.detail = fmt::format("limit {:.2f}; {} blocks are too few for bounds, 10 are needed",
                                 limit, estimate.pairs);
    return verdict;
  }
  if (null.low > control_slack || null.high < 1.0 / control_slack) {
    verdict.verdict = "VOID";
  } else if (estimate.high <= limit) {
    verdict.verdict = "PASS";
  } else if (estimate.low > limit) {
    verdict.verdict = "MISSED";
  }
  verdict.detail = fmt::format("limit {:.2f}, bounds [{:.3f}, {:.3f}], {} blocks, a/a {:.3f}",
                               limit, estimate.low, estimate.high, estimate.pairs, null.ratio);
  return verdict;
}

claim_verdict judge_limit(const std::string& name, const std::vector<double>& figures, double limit,
                          const std::string& unit, double tie) {
  claim_verdict verdict{.name = name,
                        .verdict = "UNDECIDED",
                        .figure = median(figures),
                        .unit = unit,
                        .detail = {},
                        .limit = limit,
                        .low = quantile(figures, 0.25),
                        .high = quantile(figures, 0.75)};
  if (figures.size() < 3) {
    verdict.detail = fmt::format("limit {:g}; {} blocks, 3 are needed", limit, figures.size());
    return verdict;
  }
  if (verdict.high <= limit * (1.0 + tie)) {
    verdict.verdict = "PASS";
  } else if (verdict.low > limit * (1.0 + tie)) {
    verdict.verdict = "MISSED";
  }
  verdict.detail = fmt::format("limit {:g}{}, quartiles of {} blocks {:.4g} and {:.4g}", limit,
                               tie > 0.0 ? fmt::format(" (a tie: within {:g} %)", tie * 100.0) : "",
                               figures.size(), verdict.low, verdict.high);
  return verdict;
}

std::vector<claim_verdict> judge_claims(const std::vector<bench_outcome>& outcomes) {
  const std::vector<std::string> named = {"boost_queue",  "tbb_queue",        "tbb_bounded_queue",
                                          "moodycamel",   "moodycamel_token", "locked_mailbox",
                                          "mutex_condvar"};
  std::vector<std::string> raw = named;
  raw.push_back("two_rmw_ring");
  std::vector<claim_verdict> verdicts;
  compare(outcomes, "claim.pair_over_two_rmw_ring", "bench_pair_64b", {"two_rmw_ring"}, 0.70,
          verdicts);
  compare(outcomes, "claim.pair_over_best_raw_queue", "bench_pair_64b", raw, 1.10, verdicts);
  for (const std::string suffix : {"", "/same-core"}) {
    const std::string tail = suffix.empty() ? "" : "_same_core";
    for (const std::string senders : {"1", "2"}) {
      compare(outcomes, "claim.transfer_" + senders + "to1_over_best_queue" + tail,
              "bench_transfer_" + senders + "to1" + suffix, named, 1.10, verdicts);
      compare(outcomes, "claim.transfer_" + senders + "to1_batch64_over_best_queue" + tail,
              "bench_transfer_" + senders + "to1_batch64" + suffix, named, 1.10, verdicts);
    }
  }
  bound(outcomes, "claim.batch_64_dequeue", "bench_mailbox_batch/64", 3.0, "ns/op", verdicts);
  bound(outcomes, "claim.one_million_a_second", "bench_pair_64b", 1000.0, "ns/op", verdicts);
  bound(outcomes, "claim.sojourn_p95", "bench_sojourn_64", 50'000.0, "ns p95", verdicts);
  bound(outcomes, "claim.open_loop_10k_p95", "bench_open_loop_10k", 150'000.0, "ns p95", verdicts);
  return verdicts;
}

bool any_missed(const std::vector<claim_verdict>& verdicts) {
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [](const claim_verdict& verdict) { return verdict.verdict == "MISSED"; });
}

}  // namespace jacquard::bench
