#include "gate/judge.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <regex>

namespace jacquard::gate {

namespace {

gate_result with(gate_result made, verdict what, std::string detail) {
  made.what = what;
  made.detail = std::move(detail);
  return made;
}

// --- gates over rows ---------------------------------------------------------------------------------

std::vector<const result_row*> chosen_rows(const gate& limits, const source_records& source) {
  const std::regex names(limits.rows, std::regex::ECMAScript);
  std::vector<const result_row*> chosen;
  for (const result_row& row : source.rows) {
    if (std::regex_match(row.name, names)) chosen.push_back(&row);
  }
  return chosen;
}

std::string repeat_of(const result_row& row) {
  const auto at = row.all.find("repeat");
  return at != row.all.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

gate_result judge_verdicts(const gate& limits, const std::vector<const result_row*>& rows,
                           gate_result made) {
  std::size_t good = 0;
  const result_row* first_bad = nullptr;
  for (const result_row* row : rows) {
    const bool holds = std::find(limits.verdicts.begin(), limits.verdicts.end(), row->verdict) !=
                       limits.verdicts.end();
    if (holds) {
      ++good;
    } else if (first_bad == nullptr) {
      first_bad = row;
    }
  }
  made.figure = static_cast<double>(good);
  made.unit = fmt::format("of {} rows", rows.size());
  if (first_bad == nullptr) {
    return with(std::move(made), verdict::pass,
                fmt::format("all {} rows: {}", rows.size(), fmt::format("{}", limits.verdicts[0])));
  }
  made.repeat = repeat_of(*first_bad);
  return with(std::move(made), verdict::fail,
              fmt::format("{} of {} rows; the first: {} {}: {}", rows.size() - good, rows.size(),
                          first_bad->name, first_bad->verdict, first_bad->detail));
}

gate_result judge_figures(const gate& limits, const std::vector<const result_row*>& rows,
                          gate_result made) {
  const result_row* worst = nullptr;
  double extreme = 0.0;
  double sum = 0.0;
  for (const result_row* row : rows) {
    if (limits.field == "figure" && row->unit != limits.unit) {
      return with(std::move(made), verdict::missing,
                  fmt::format("'{}' is in '{}', and the budget is in '{}'", row->name, row->unit,
                              limits.unit));
    }
    const std::optional<double> value = row->number(limits.field);
    if (!value) {
      return with(std::move(made), verdict::missing,
                  fmt::format("'{}' has no number in '{}'", row->name, limits.field));
    }
    sum += *value;
    const bool worse = limits.rule == gate_rule::at_most ? *value > extreme : *value < extreme;
    if (worst == nullptr || worse) {
      worst = row;
      extreme = *value;
    }
  }
  if (limits.rule == gate_rule::sum_least) {
    made.figure = sum;
    return with(std::move(made), sum >= limits.limit ? verdict::pass : verdict::fail,
                fmt::format("sum of {} rows; at least {:g}", rows.size(), limits.limit));
  }
  const bool at_most = limits.rule == gate_rule::at_most;
  const bool holds = at_most ? extreme <= limits.limit : extreme >= limits.limit;
  made.figure = extreme;
  made.repeat = repeat_of(*worst);
  return with(std::move(made), holds ? verdict::pass : verdict::fail,
              fmt::format("{} {:g}; worst of {} rows: {}", at_most ? "at most" : "at least",
                          limits.limit, rows.size(), worst->name));
}

// --- gates over paired samples -------------------------------------------------------------------------

using arm_blocks = std::map<std::int64_t, sample_value>;

// The log ratios of two arms, block by block; a message where they cannot be paired.
struct pairing {
  std::vector<double> differences;
  std::string problem;
};

const arm_blocks* arm_of(const gate& limits, const source_records& source, const std::string& arm) {
  const auto at = source.samples.find({limits.bench, limits.metric, arm});
  return at == source.samples.end() ? nullptr : &at->second;
}

pairing pair_up(const gate& limits, const source_records& source, const std::string& arm,
                const std::string& base) {
  pairing made;
  const arm_blocks* const candidate = arm_of(limits, source, arm);
  const arm_blocks* const against = arm_of(limits, source, base);
  for (const auto& [name, blocks] : {std::pair(&arm, candidate), std::pair(&base, against)}) {
    if (blocks == nullptr) {
      made.problem =
          fmt::format("no samples of {} {} for the arm '{}'", limits.bench, limits.metric, *name);
      return made;
    }
  }
  for (const auto& [block, sample] : *against) {
    if (!candidate->contains(block)) {
      made.problem = fmt::format("block {} has '{}' and lacks '{}': unpaired", block, base, arm);
      return made;
    }
  }
  for (const auto& [block, sample] : *candidate) {
    const auto other = against->find(block);
    if (other == against->end()) {
      made.problem = fmt::format("block {} has '{}' and lacks '{}': unpaired", block, arm, base);
      return made;
    }
    for (const auto& [name, value] :
         {std::pair(&arm, sample.value), std::pair(&base, other->second.value)}) {
      if (!value || *value <= 0.0) {
        made.problem = fmt::format("block {} of '{}' is {}, not a number above 0", block, *name,
                                   value ? fmt::format("{}", *value) : "null");
        return made;
      }
    }
    const double d = std::log(*sample.value / *other->second.value);
    made.differences.push_back(limits.lower_is_worse ? -d : d);
  }
  return made;
}

// Empty where the timer is fine enough for what it measured.
std::string too_coarse(const gate& limits, const arm_blocks& blocks) {
  std::vector<double> values;
  double quantum = 0.0;
  for (const auto& [block, sample] : blocks) {
    if (sample.value) values.push_back(*sample.value);
    quantum = std::max(quantum, sample.quantum);
  }
  if (values.empty() || quantum <= 0.0) return {};
  const double typical = median(values);
  if (quantum <= 0.01 * typical) return {};
  return fmt::format("below the timer's resolution: its step of {:g} is {:.1f} % of {:g} {}",
                     quantum, 100.0 * quantum / typical, typical, limits.unit);
}

gate_result judge_rows(const gate& limits, const source_records& source, gate_result made) {
  const std::vector<const result_row*> rows = chosen_rows(limits, source);
  if (!limits.planned.empty()) {
    if (rows.empty()) return with(std::move(made), verdict::planned, limits.planned);
    return with(
        std::move(made), verdict::stale,
        fmt::format("the budget calls it planned, and {} rows are here: take 'planned' away",
                    rows.size()));
  }
  if (rows.size() < limits.rows_min) {
    return with(std::move(made), verdict::missing,
                fmt::format("{} of at least {} rows named /{}/ in {}", rows.size(), limits.rows_min,
                            limits.rows, limits.from));
  }
  // A pattern that takes any name would not notice that what it was written for has gone.
  if (std::none_of(rows.begin(), rows.end(),
                   [&](const result_row* row) { return row->name == limits.example; })) {
    return with(std::move(made), verdict::missing,
                fmt::format("{} rows in {}, and none is named '{}'", rows.size(), limits.from,
                            limits.example));
  }
  if (limits.rule == gate_rule::verdicts) return judge_verdicts(limits, rows, std::move(made));
  made = judge_figures(limits, rows, std::move(made));
  if (limits.aa.empty() || made.what != verdict::fail) return made;
  // Within its limit in a noisy run is within its limit. Beyond it, in such a run, says nothing.
  const pairing null = pair_up(limits, source, limits.aa, limits.arm);
  if (!null.problem.empty()) return with(std::move(made), verdict::missing, null.problem);
  const std::string noisy = void_because(null.differences);
  if (noisy.empty()) return made;
  made.noise_alone = limits.is_timing() && null.differences.size() >= looks.front();
  return with(std::move(made), verdict::voided, noisy);
}

decision worse_of(decision a, decision b) {
  if (a == decision::fail || b == decision::fail) return decision::fail;
  return a == decision::undecided || b == decision::undecided ? decision::undecided
                                                              : decision::pass;
}

// What the controls of the run say.
struct controls {
  std::string lacks;    // an arm is not there
  std::string loud;     // the A/A arm differs from its copy: `null` says by how much
  std::string blind;    // the canary was not seen
  bool unsure = false;  // the canary needs more blocks than there are to be seen
  std::vector<double> null;
};

// The A/A arm over as many blocks as the gate looked at.
void look_at_null(const gate& limits, const source_records& source, std::size_t blocks,
                  gate_result& made, controls& seen) {
  pairing null = pair_up(limits, source, limits.aa, limits.arm);
  seen.lacks = null.problem;
  if (!seen.lacks.empty()) return;
  seen.null = std::move(null.differences);
  const std::span<const double> used(seen.null.data(), std::min(blocks, seen.null.size()));
  paired_verdict shown;
  const interval d = hodges_lehmann(used, look_alpha);
  shown.blocks = used.size();
  shown.ratio = {
      .estimate = std::exp(d.estimate), .low = std::exp(d.low), .high = std::exp(d.high)};
  seen.loud = void_because(used);
  shown.what = seen.loud.empty() ? decision::pass : decision::fail;
  made.comparisons.push_back(
      {.arm = limits.aa, .base = limits.arm, .role = "A/A", .result = shown});
}

void look_at_canary(const gate& limits, const source_records& source, gate_result& made,
                    controls& seen) {
  const pairing injected = pair_up(limits, source, limits.canary, limits.arm);
  seen.lacks = injected.problem;
  if (!seen.lacks.empty()) return;
  const paired_verdict shown = judge_paired(injected.differences, {});
  made.comparisons.push_back(
      {.arm = limits.canary, .base = limits.arm, .role = "canary", .result = shown});
  seen.unsure = shown.what == decision::undecided;
  if (shown.what == decision::pass) {
    seen.blind = fmt::format("the canary's injected work was not seen: {:.3f} [{:.3f}, {:.3f}]",
                             shown.ratio.estimate, shown.ratio.low, shown.ratio.high);
  }
}

std::string described(const gate& limits, const gate_result& made) {
  std::string text = fmt::format("at most {:g};", limits.limit);
  for (const comparison& each : made.comparisons) {
    const paired_verdict& r = each.result;
    text +=
        fmt::format(" {} {:.3f} [{:.3f}, {:.3f}] n={}", each.role == "gate" ? each.base : each.role,
                    r.ratio.estimate, r.ratio.low, r.ratio.high, r.blocks);
    if (r.blocks_wanted != 0) text += fmt::format(" (wants {})", r.blocks_wanted);
    text += ';';
  }
  text.pop_back();
  return text;
}

gate_result judge_samples(const gate& limits, const source_records& source, gate_result made) {
  made.unit.assign(1, 'x');
  const arm_blocks* const candidate = arm_of(limits, source, limits.arm);
  if (!limits.planned.empty()) {
    bool here = candidate != nullptr;
    for (const std::string& base : limits.bases)
      here = here && arm_of(limits, source, base) != nullptr;
    return here ? with(std::move(made), verdict::stale,
                       "the budget calls it planned, and samples are here: take 'planned' away")
                : with(std::move(made), verdict::planned, limits.planned);
  }
  const paired_limits asked{
      .rule = limits.rule == gate_rule::regression ? paired_rule::regression : paired_rule::budget,
      .limit = limits.limit,
      .floor = limits.floor};
  std::vector<std::vector<double>> differences;
  std::vector<paired_verdict> said;
  std::size_t blocks = 0;
  for (const std::string& base : limits.bases) {
    pairing pairs = pair_up(limits, source, limits.arm, base);
    if (!pairs.problem.empty()) return with(std::move(made), verdict::missing, pairs.problem);
    said.push_back(judge_paired(pairs.differences, asked));
    differences.push_back(std::move(pairs.differences));
    made.comparisons.push_back(
        {.arm = limits.arm, .base = base, .role = "gate", .result = said.back()});
    made.figure = std::max(made.figure.value_or(0.0), said.back().ratio.estimate);
    blocks = std::max(blocks, said.back().blocks);
  }
  controls seen;
  if (!limits.aa.empty()) look_at_null(limits, source, blocks, made, seen);
  if (seen.lacks.empty() && !limits.canary.empty()) look_at_canary(limits, source, made, seen);
  if (!seen.lacks.empty()) return with(std::move(made), verdict::missing, seen.lacks);
  if (!seen.blind.empty()) return with(std::move(made), verdict::voided, seen.blind);
  if (const std::string coarse = too_coarse(limits, *candidate); !coarse.empty()) {
    return with(std::move(made), verdict::undecided, coarse);
  }
  decision all = decision::pass;
  bool taken_back = false;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const bool stands =
        seen.loud.empty() || stands_beside(differences[i], seen.null, asked, said[i]);
    taken_back = taken_back || !stands;
    all = worse_of(all, stands ? said[i].what : decision::undecided);
  }
  if (all == decision::pass && seen.unsure) all = decision::undecided;
  const bool enough = std::min(blocks, candidate->size()) >= looks.front();
  made.noise_alone = all == decision::undecided && enough && limits.is_timing();
  made.what = all == decision::fail   ? verdict::fail
              : all == decision::pass ? verdict::pass
              : taken_back            ? verdict::voided
                                      : verdict::undecided;
  made.detail = described(limits, made);
  if (!seen.loud.empty()) {
    made.detail = taken_back && all == decision::undecided
                      ? seen.loud + "; " + made.detail
                      : made.detail + "; stands beside a noisy A/A arm";
  }
  return made;
}

}  // namespace

std::string_view to_string(verdict what) noexcept {
  switch (what) {
    case verdict::pass:
      return "PASS";
    case verdict::fail:
      return "FAIL";
    case verdict::undecided:
      return "UNDECIDED";
    case verdict::voided:
      return "VOID";
    case verdict::missing:
      return "MISSING";
    case verdict::stale:
      return "STALE";
    case verdict::planned:
      return "PLANNED";
  }
  return "UNKNOWN";
}

gate_result judge(const gate& limits, const record_set& records, const present& against) {
  gate_result made;
  made.id = limits.id;
  made.unit = limits.unit;
  // A file of this source that cannot be read may have held anything.
  for (const problem& each : records.problems) {
    if (each.source == limits.from || limits.from.starts_with(each.source + "."))
      return with(std::move(made), verdict::missing, each.text());
  }
  const auto source = records.sources.find(limits.from);
  if (source == records.sources.end()) {
    if (!limits.planned.empty()) return with(std::move(made), verdict::planned, limits.planned);
    return with(std::move(made), verdict::missing,
                fmt::format("there is no file {}.jsonl or {}.*.jsonl", limits.from, limits.from));
  }
  gate_result judged = limits.is_paired() ? judge_samples(limits, source->second, made)
                                          : judge_rows(limits, source->second, made);
  const std::string stale = stale_because(source->second, against);
  const bool spoken = judged.what != verdict::missing && judged.what != verdict::planned;
  if (!stale.empty() && spoken) {
    judged.noise_alone = false;
    return with(std::move(judged), verdict::stale, stale);
  }
  return judged;
}

int exit_code(const std::vector<gate_result>& results, bool malformed, undecided_policy open) {
  const auto any = [&results](std::initializer_list<verdict> which) {
    return std::any_of(results.begin(), results.end(), [&](const gate_result& r) {
      return std::find(which.begin(), which.end(), r.what) != which.end();
    });
  };
  if (malformed || results.empty() || any({verdict::missing, verdict::stale})) return 3;
  if (any({verdict::fail})) return 1;
  const bool could_not = std::any_of(results.begin(), results.end(), [open](const gate_result& r) {
    if (r.what != verdict::undecided && r.what != verdict::voided) return false;
    return open == undecided_policy::fail || !r.noise_alone;
  });
  return could_not ? 2 : 0;
}

}  // namespace jacquard::gate
