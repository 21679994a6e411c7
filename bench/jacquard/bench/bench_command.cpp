// `jacquard bench`: every benchmark beside its peers, in one interleaved run.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

#include <jacquard/bench/environment.hpp>
#include <jacquard/bench/report.hpp>
#include <jacquard/bench/rounds.hpp>
#include <jacquard/bench/suite/run.hpp>

namespace {

using namespace jacquard::bench;
using jacquard::command::outcome;
using jacquard::command::refuse;

struct settings {
  jacquard::command::shared_options shared;
  bool quick = false;
  bool full = false;
  bool tiny = false;
  std::string blocks;
  std::string where = "cross-core";
  std::string seed = "1";
  std::string field;
  bool fail_on_claims = false;
};

std::uint64_t number(const std::string& option, const std::string& text, std::uint64_t low,
                     std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
    refuse(fmt::format("{}: '{}' is not a whole number in [{}, {}]", option, text, low, high));
  }
  return value;
}

effort effort_of(const settings& set) {
  effort chosen = set.full ? effort::full() : set.tiny ? effort::tiny() : effort::quick();
  if (!set.blocks.empty()) {
    chosen.blocks = static_cast<unsigned>(number("--blocks", set.blocks, 1, 1000));
    chosen.open_loop_blocks = chosen.blocks;
  }
  return chosen;
}

// The words that repeat one benchmark of this run.
std::string repeat_of(const settings& set, const std::string& name) {
  std::vector<std::string> words = {
      "bench",    set.full ? "--full" : set.tiny ? "--tiny" : "--quick",
      "--filter", "^" + name + "$",
      "--seed",   set.seed};
  if (!set.blocks.empty()) words.insert(words.end(), {"--blocks", set.blocks});
  if (set.where != "cross-core") words.insert(words.end(), {"--placement", set.where});
  if (!set.field.empty()) words.insert(words.end(), {"--field", set.field});
  return jacquard::command::repeat_line(words);
}

// Rows, records and PERF lines of one benchmark, whichever kind it is.
template <class Result>
void publish(jacquard::command::reporter& out, const Result& result, const clock_facts& clock,
             const std::string& repeat) {
  for (const auto& row : rows_of(result, clock, repeat)) out.add(row);
  for (const nlohmann::json& record : histograms_of(result, clock)) out.record(record);
  const perf_output perf = perf_lines_of(result, clock);
  for (const std::string& line : perf.lines) fmt::print(stderr, "{}\n", line);
  for (const std::string& why : perf.withheld) fmt::print(stderr, "withheld: {}\n", why);
}

outcome run_all(const settings& set) {
  (void)suite::counts_syscalls();  // before any thread starts: they inherit the counter
  std::vector<std::string> names;
  for (const benchmark& bench : catalogue()) names.push_back(bench.name);
  for (const suite::benchmark& bench : suite::catalogue()) names.push_back(bench.name);
  const std::vector<std::string> chosen =
      jacquard::command::select(names, set.shared.filter, "benchmarks");
  if (set.shared.list) {
    for (const std::string& name : chosen) fmt::print("{}\n", name);
    return outcome::held;
  }

  run_options options;
  options.effort = effort_of(set);
  options.seed = number("--seed", set.seed, 0, ~std::uint64_t{0});
  if (set.where != "same-core" && set.where != "cross-core") {
    refuse(fmt::format("--placement: '{}' is not one of same-core, cross-core", set.where));
  }
  options.where = set.where == "same-core" ? placement::same_core : placement::cross_core;
  if (!set.field.empty()) {
    std::vector<std::string> contenders;
    for (const contender& entry : field()) contenders.push_back(entry.name);
    for (const suite::benchmark& bench : suite::catalogue()) {
      for (const suite::arm& arm : bench.arms) contenders.push_back(arm.name);
    }
    (void)jacquard::command::select(contenders, set.field, "contenders");
    options.takes_part = jacquard::command::matcher(set.field);
  }

  jacquard::command::reporter out(set.shared);
  (void)pin_to(allowed_processors().front());
  options.clock = probe_clock();
  nlohmann::json environment =
      jacquard::command::environment_record();  // when, and by which program
  environment["settings_hash"] = environment["config_hash"];
  environment.update(jacquard::bench::environment_record(options.clock));
  out.record(environment);
  fmt::print(stderr, "{}\n", banner(environment));
  options.record = [&out](const nlohmann::json& sample) { out.record(sample); };
  options.progress = [&out](std::string_view text) { out.progress(text); };

  const company second_thread;
  const auto begin = std::chrono::steady_clock::now();
  std::vector<bench_outcome> outcomes;
  bool broken = false;
  for (const benchmark& bench : catalogue()) {
    if (std::find(chosen.begin(), chosen.end(), bench.name) == chosen.end()) continue;
    bench_outcome result = run_benchmark(bench, options);
    if (result.possible && result.arms.empty()) continue;  // --field left nobody who can run it
    publish(out, result, options.clock, repeat_of(set, bench.name));
    for (const arm_outcome& arm : result.arms) broken |= !arm.fault.empty();
    outcomes.push_back(std::move(result));
  }
  suite::run_options suite_options{.effort = options.effort,
                                   .blocks = set.blocks.empty() ? 0 : options.effort.blocks,
                                   .seed = options.seed,
                                   .clock = options.clock,
                                   .takes_part = options.takes_part,
                                   .record = options.record,
                                   .progress = options.progress};
  std::vector<claim_verdict> suite_verdicts;
  std::size_t suites = 0;
  for (const suite::benchmark& bench : suite::catalogue()) {
    if (std::find(chosen.begin(), chosen.end(), bench.name) == chosen.end()) continue;
    const suite::outcome result = suite::run_benchmark(bench, suite_options);
    if (result.arms.empty()) continue;  // --field left nobody who can run it
    ++suites;
    publish(out, result, options.clock, repeat_of(set, bench.name));
    for (const suite::arm_outcome& arm : result.arms) broken |= !arm.fault.empty();
    for (claim_verdict& one : suite::judge_claims(result)) suite_verdicts.push_back(std::move(one));
  }
  if (outcomes.empty() && suites == 0) {
    refuse(fmt::format("--field: none of '{}' can run the chosen benchmarks", set.field));
  }
  std::vector<claim_verdict> verdicts;
  if (!set.tiny) {
    verdicts = judge_claims(outcomes);
    std::move(suite_verdicts.begin(), suite_verdicts.end(), std::back_inserter(verdicts));
  }
  for (const claim_verdict& verdict : verdicts) {
    out.add(row_of(verdict, repeat_of(set, "bench_.*")));
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out.say(fmt::format("{} benchmarks, {} effort, {:.0f} s", outcomes.size() + suites,
                      options.effort.name, seconds));
  out.finish();
  if (broken) return outcome::found;
  return set.fail_on_claims && any_missed(verdicts) ? outcome::found : outcome::held;
}

}  // namespace

int main(int argc, char** argv) {
  settings set;
  CLI::App app{
      "Benchmarks of the mailboxes beside their peers, in one interleaved run.\n"
      "Rows: measured, BROKEN (a wrong answer), N/A. Claims: PASS, MISSED, UNDECIDED, VOID, N/A.\n"
      "A MISSED claim changes the exit code only with --fail-on-claims; a BROKEN row always does.",
      "jacquard bench"};
  jacquard::command::add_shared_options(app, set.shared);
  auto* const quick = app.add_flag("--quick", set.quick, "15 blocks, about 30 s in all (default)");
  auto* const full = app.add_flag("--full", set.full, "41 blocks, a few minutes in all");
  auto* const tiny = app.add_flag("--tiny", set.tiny, "One small block: only answers are checked");
  quick->excludes(full)->excludes(tiny);
  full->excludes(tiny);
  app.add_option("--blocks", set.blocks, "Blocks of every benchmark")->type_name("N in [1, 1000]");
  app.add_option("--placement", set.where, "Where threads are pinned (default cross-core)")
      ->type_name("same-core|cross-core");
  app.add_option("--seed", set.seed, "Order of the arms, and timetables (default 1)")
      ->type_name("N");
  app.add_option("--field", set.field, "Only contenders that match this regular expression")
      ->type_name("REGEX");
  app.add_flag("--fail-on-claims", set.fail_on_claims, "Exit 1 where a claim is MISSED");
  return jacquard::command::run(app, argc, argv, [&] { return run_all(set); });
}
