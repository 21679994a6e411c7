// jacquard sim campaign: a range of seeds, each run twice. Stateless and resumable: what is finished is in
// --out, whoever finished it, so shards are merged by running the whole range over the same folder.
#include <fmt/core.h>

#include <algorithm>
#include <bitset>
#include <charconv>
#include <chrono>
#include <map>

#include <jacquard/sim/hunt.hpp>

#include "campaign_store.hpp"
#include "sim_command.hpp"

namespace jacquard::sim::tool {

using command::outcome;

namespace {

constexpr std::uint64_t seeds_max = 100'000'000;

struct range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // included
};

range parse_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) {
    command::refuse(fmt::format("--seeds: '{}' is not a range A..B, both included", text));
  }
  const range read{.first = parse_seed(std::string_view(text).substr(0, dots), "--seeds"),
                   .last = parse_seed(std::string_view(text).substr(dots + 2), "--seeds")};
  if (read.last < read.first || read.last - read.first >= seeds_max) {
    command::refuse(fmt::format("--seeds: '{}' must be A..B with A <= B and at most {} seeds", text,
                                seeds_max));
  }
  return read;
}

shard parse_shard(const std::string& text) {
  shard read;
  const char* const end = text.data() + text.size();
  const auto [slash, bad] = std::from_chars(text.data(), end, read.index);
  bool good = bad == std::errc{} && slash != end && *slash == '/';
  if (good) {
    const auto [stop, worse] = std::from_chars(slash + 1, end, read.count);
    good = worse == std::errc{} && stop == end;
  }
  if (!good || read.count == 0 || read.count > 1'000'000 || read.index >= read.count) {
    command::refuse(
        fmt::format("--shard: '{}' is not i/n with n in [1, 1000000] and i in [0, n-1]", text));
  }
  return read;
}

// What one scenario came to over the campaign.
struct tally {
  std::uint64_t seeds = 0;
  std::uint64_t broken = 0;
  std::uint64_t diverged = 0;
  std::uint64_t offered = 0;
  std::uint64_t handled = 0;
  std::uint64_t busy = 0;
  std::vector<nanoseconds> latency_p99;  // of each run
  std::vector<nanoseconds> recovered;    // of each run that had a burst
  std::bitset<point_count> seen;
  std::string first_failure;
};

// The nearest-rank percentile; -1 where there is nothing.
nanoseconds percentile(std::vector<nanoseconds> values, std::size_t per_cent) {
  if (values.empty()) return -1;
  std::sort(values.begin(), values.end());
  return values[(values.size() * per_cent + 99) / 100 - 1];
}

command::row row_of(const std::string& name, const tally& sum, bool whole, bool& failed) {
  const scenario& story = *scenario_named(name);
  const std::vector<point> not_seen = unseen(story, sum.seen);
  const std::size_t hit = story.sometimes.size() - not_seen.size();
  std::string missing;
  for (const point each : not_seen) missing += fmt::format(" {}", to_string(each));
  const bool judged = whole && sum.seeds >= judged_from;
  command::row row{.name = name,
                   .verdict = "holds",
                   .figure = static_cast<double>(sum.seeds),
                   .unit = "seeds",
                   .detail = {}};
  row.detail = fmt::format(
      "{} divergences, {} broken, {} of {} handled, {} busy, points seen {}/{}, "
      "p99 {} or less in 95 %",
      sum.diverged, sum.broken, sum.handled, sum.offered, sum.busy, hit, story.sometimes.size(),
      to_short_text(std::max<nanoseconds>(percentile(sum.latency_p99, 95), 0)));
  if (!sum.recovered.empty()) {
    row.detail +=
        ", recovered from a burst in " + to_short_text(percentile(sum.recovered, 95)) + " or less";
  }
  if (!missing.empty()) {
    row.detail += judged ? "; never seen:" + missing
                         : fmt::format("; not judged ({}): not seen yet:{}",
                                       whole ? fmt::format("{} of {} seeds", sum.seeds, judged_from)
                                             : "one shard",
                                       missing);
  }
  if (!sum.first_failure.empty()) row.detail += "; " + sum.first_failure;
  if (judged && !missing.empty()) row.verdict = "UNSEEN";
  if (sum.broken > 0) row.verdict = "BROKEN";
  if (sum.diverged > 0) row.verdict = "DIVERGED";
  failed = failed || row.verdict != "holds";
  row.more = {{"divergences", sum.diverged},
              {"broken", sum.broken},
              {"offered", sum.offered},
              {"handled", sum.handled},
              {"busy", sum.busy},
              {"latency_p99_ns_p95", percentile(sum.latency_p99, 95)},
              {"points_seen", hit},
              {"points", story.sometimes.size()},
              {"points_judged", judged}};
  if (!sum.recovered.empty()) {
    row.more["recovered_ns_p50"] = percentile(sum.recovered, 50);
    row.more["recovered_ns_p95"] = percentile(sum.recovered, 95);
  }
  return row;
}

}  // namespace

outcome run_campaign(const campaign_request& request, const command::shared_options& shared) {
  using clock = std::chrono::steady_clock;
  const range seeds = parse_range(request.seeds);
  const shard part = parse_shard(request.shard);
  const canary broken = parse_canary(request.canary);
  const std::vector<std::string> names = chosen_scenarios(shared.filter);
  campaign_store store(request.out, part, request.canary);
  const finished_seeds before = store.load();
  command::reporter out(shared);
  if (store.stale() > 0) {
    out.say(
        fmt::format("--out: {} records of another build or canary are left aside", store.stale()));
  }

  std::map<std::string, tally> tallies;
  for (const std::string& name : names) tallies[name];
  const std::uint64_t total = (seeds.last - seeds.first) / part.count + 1;
  std::uint64_t finished = 0;
  std::uint64_t resumed = 0;
  std::uint64_t failures = 0;
  std::uint64_t events = 0;  // of this process
  std::string repeat;
  const auto begin = clock::now();

  for (std::uint64_t i = 0; i <= seeds.last - seeds.first; ++i) {
    const std::uint64_t seed = seeds.first + i;
    if (seed % part.count != part.index) continue;
    const std::string& name = names[mix(seed) % names.size()];
    const auto known = before.find({seed, name});
    record done;
    if (known != before.end()) {
      done = known->second;
      ++resumed;
    } else {
      const plan what = generate(*scenario_named(name), seed);
      const verified result = run_twice(what, {.broken = broken});
      done = record_of(what, result);
      events += 2 * result.first.events;
      if (!done.check.empty()) store.save_plan(what);
      store.append(done);
    }
    tally& sum = tallies[name];
    ++sum.seeds;
    sum.offered += done.offered;
    sum.handled += done.handled;
    sum.busy += done.busy;
    sum.latency_p99.push_back(done.latency_p99);
    if (done.recovered >= 0) sum.recovered.push_back(done.recovered);
    sum.seen |= std::bitset<point_count>(done.seen);
    if (!done.check.empty()) {
      ++failures;
      ++(done.check == "determinism" ? sum.diverged : sum.broken);
      if (sum.first_failure.empty()) {
        sum.first_failure =
            fmt::format("first at seed 0x{:x}: {}: {}", seed, done.check, done.detail);
      }
      if (repeat.empty()) repeat = repeat_of(generate(*scenario_named(name), seed), "", broken);
    }
    ++finished;
    if (finished % 16 == 0) {
      const std::chrono::duration<double> so_far = clock::now() - begin;
      const double rate = static_cast<double>(finished - resumed) / std::max(so_far.count(), 1e-3);
      out.progress(fmt::format(
          "campaign: {}/{} seeds, {} failures, {:.0f} seeds/s, about {:.0f} s left", finished,
          total, failures, rate,
          static_cast<double>(total - std::min(finished, total)) / std::max(rate, 1e-3)));
    }
  }
  store.flush();
  const std::chrono::duration<double> took = clock::now() - begin;

  bool failed = false;
  std::uint64_t diverged = 0;
  std::uint64_t broken_runs = 0;
  for (const std::string& name : names) {
    const tally& sum = tallies[name];
    diverged += sum.diverged;
    broken_runs += sum.broken;
    out.add(row_of(name, sum, part.count == 1, failed));
  }
  const double rate = static_cast<double>(events) / std::max(took.count(), 1e-6);
  const auto summary = [&](const char* name, double figure, const char* unit, std::string detail,
                           bool holds) {
    out.add({.name = name,
             .verdict = holds ? "holds" : "BROKEN",
             .figure = figure,
             .unit = unit,
             .detail = std::move(detail)});
  };
  summary("campaign.seeds", static_cast<double>(finished), "seeds",
          fmt::format("each run twice; {} finished earlier; {:.1f} s", resumed, took.count()),
          true);
  summary("campaign.divergences", static_cast<double>(diverged), "seeds",
          "first run against second", diverged == 0);
  summary("campaign.broken", static_cast<double>(broken_runs), "seeds",
          "a check said no; counters are balanced in all others", broken_runs == 0);
  if (events > 0) {
    summary("campaign.rate", rate, "events/s", "kernel events of both runs, hashed, this process",
            true);
  }
  if (!repeat.empty()) out.say(repeat);
  out.finish();
  return failed ? outcome::found : outcome::held;
}

}  // namespace jacquard::sim::tool
