// jacquard gate: verdicts over results and budgets.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <jacquard/command/command.hpp>

#include "gate/budgets.hpp"
#include "gate/judge.hpp"
#include "gate/self_test.hpp"

namespace {

namespace fs = std::filesystem;
namespace gates = jacquard::gate;
using namespace jacquard::command;

struct settings {
  shared_options shared;
  std::vector<std::string> in{"out/results"};
  std::string budgets;
  std::string programs;
  std::string tree;
  std::string now;
  std::string undecided = "fail";
  bool self_test = false;
};

fs::path own_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

gates::gates_file read_budgets(const settings& set) {
  fs::path file = set.budgets;
  if (file.empty()) {
    file = JACQUARD_GATE_BUDGETS;
    if (!fs::exists(file)) file = own_folder() / "../../share/jacquard/ci/budgets.toml";
  }
  std::ifstream in(file);
  if (!in) refuse(fmt::format("--budgets: cannot read '{}'", file.string()));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto read = gates::parse_gates(text, file.string());
  if (!read) refuse("--budgets: " + read.error());
  return *read;
}

gates::present present_for(const settings& set, const gates::gates_file& file) {
  gates::present against{
      .now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
      .age_max = file.age_max,
      .future_max = file.future_max,
      .program_digest = {},
      .source_digest = {}};
  if (!set.now.empty()) {
    const auto now = gates::parse_utc(set.now);
    if (!now) refuse(fmt::format("--now: '{}' is no time like 2026-11-21T03:46:00Z", set.now));
    against.now = *now;
  }
  const fs::path folder = set.programs.empty() ? own_folder() : fs::path(set.programs);
  against.program_digest = [folder](const std::string& name) { return file_digest(folder / name); };
  const fs::path tree = set.tree.empty() ? fs::path(JACQUARD_GATE_TREE) : fs::path(set.tree);
  against.source_digest = gates::tree_digest(tree);
  if (!set.tree.empty() && against.source_digest.empty()) {
    refuse(fmt::format("--tree: '{}' holds no runtime/jacquard", set.tree));
  }
  return against;
}

nlohmann::json comparisons_json(const gates::gate_result& result) {
  nlohmann::json all = nlohmann::json::array();
  const auto finite = [](double x) {
    return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json();
  };
  for (const gates::comparison& each : result.comparisons) {
    all.push_back({{"arm", each.arm},
                   {"base", each.base},
                   {"role", each.role},
                   {"ratio", finite(each.result.ratio.estimate)},
                   {"low", finite(each.result.ratio.low)},
                   {"high", finite(each.result.ratio.high)},
                   {"blocks", each.result.blocks},
                   {"blocks_wanted", each.result.blocks_wanted}});
  }
  return all;
}

row row_of(const gates::gate& limits, const gates::gate_result& result) {
  return {.name = result.id,
          .verdict = std::string(to_string(result.what)),
          .figure = result.figure.value_or(std::nan("")),
          .unit = result.unit,
          .detail = result.detail,
          .more = {{"kind", "gate"},
                   {"claim", limits.claim},
                   {"source", limits.source},
                   {"from", limits.from},
                   {"rule", to_string(limits.rule)},
                   {"limit", limits.limit},
                   {"repeat", result.repeat},
                   {"bench", limits.bench},
                   {"metric", limits.metric},
                   {"noise_alone", result.noise_alone},
                   {"comparisons", comparisons_json(result)}}};
}

gates::undecided_policy policy_of(const settings& set) {
  if (set.undecided == "tell") return gates::undecided_policy::tell;
  if (set.undecided == "fail") return gates::undecided_policy::fail;
  refuse(fmt::format("--undecided: '{}' is not one of fail, tell", set.undecided));
}

// What noise left open, by name: neither passed nor failed, and not to be overlooked.
void say_undecided(reporter& out, const std::vector<gates::gate_result>& results) {
  std::string names;
  std::size_t count = 0;
  for (const gates::gate_result& each : results) {
    if (!each.noise_alone) continue;
    ++count;
    names += " " + each.id;
  }
  if (count != 0) out.say(fmt::format("{} UNDECIDED, by noise alone:{}", count, names));
}

outcome run_gates(const settings& set, const gates::gates_file& file,
                  const std::vector<const gates::gate*>& chosen) {
  const gates::undecided_policy open = policy_of(set);
  std::vector<fs::path> paths;
  for (const std::string& path : set.in) {
    if (!fs::exists(path)) lacks(fmt::format("--in: '{}' does not exist", path));
    paths.emplace_back(path);
  }
  const gates::present against = present_for(set, file);
  const gates::record_set records = gates::read_records(paths);
  reporter out(set.shared);
  for (const gates::problem& each : records.problems) {
    out.add({.name = each.source,
             .verdict = "MALFORMED",
             .figure = std::nan(""),
             .unit = "",
             .detail = each.text()});
  }
  std::vector<gates::gate_result> results;
  std::map<gates::verdict, std::size_t> counts;
  for (const gates::gate* const each : chosen) {
    results.push_back(gates::judge(*each, records, against));
    out.add(row_of(*each, results.back()));
    if (!results.back().repeat.empty() && results.back().what != gates::verdict::pass) {
      out.say("  repeat: " + results.back().repeat);
    }
    ++counts[results.back().what];
  }
  std::string summary = fmt::format("gate: {} gates:", chosen.size());
  for (const auto& [what, count] : counts)
    summary += fmt::format(" {} {},", count, to_string(what));
  summary.back() = ';';
  const std::size_t planned =
      counts.contains(gates::verdict::planned) ? counts[gates::verdict::planned] : 0;
  out.say(
      fmt::format("{} {} judged, {} not measured yet", summary, chosen.size() - planned, planned));
  say_undecided(out, results);
  out.finish();
  if (!records.problems.empty()) lacks(records.problems.front().text());
  return static_cast<outcome>(gates::exit_code(results, false, open));
}

outcome run_self_test(const settings& set, const gates::gates_file& file,
                      const std::vector<const gates::gate*>& chosen) {
  reporter out(set.shared);
  std::size_t trials = 0;
  std::size_t wrong = 0;
  for (const gates::gate* const each : chosen) {
    const auto shown = gates::try_gate(*each, file);
    std::string names;
    std::string first;
    std::size_t right = 0;
    for (const gates::trial& trial : shown) {
      names += fmt::format("{}{}:{}", names.empty() ? "" : " ", trial.shown, to_string(trial.said));
      if (trial.right()) {
        ++right;
      } else if (first.empty()) {
        const auto noise = [](bool alone) { return alone ? " by noise alone" : ""; };
        first = fmt::format("shown '{}' it must say {}{} and said {}{}: {}", trial.shown,
                            to_string(trial.demanded), noise(trial.demanded_noise),
                            to_string(trial.said), noise(trial.said_noise), trial.detail);
      }
    }
    trials += shown.size();
    wrong += shown.size() - right;
    out.add({.name = "self_test." + each->id,
             .verdict = first.empty() ? "holds" : "BROKEN",
             .figure = static_cast<double>(right),
             .unit = fmt::format("of {} right", shown.size()),
             .detail = first.empty() ? names : first});
  }
  out.say(fmt::format("gate --self-test: {} gates, each seen red; {} trials, {} wrong",
                      chosen.size(), trials, wrong));
  out.finish();
  return wrong == 0 ? outcome::held : outcome::found;
}

outcome body(const settings& set) {
  const gates::gates_file file = read_budgets(set);
  std::vector<std::string> ids;
  for (const gates::gate& each : file.gates) ids.push_back(each.id);
  const std::vector<std::string> names = select(ids, set.shared.filter, "gates");
  if (set.shared.list) {
    for (const std::string& name : names) fmt::print("{}\n", name);
    return outcome::held;
  }
  std::vector<const gates::gate*> chosen;
  for (const gates::gate& each : file.gates) {
    if (std::find(names.begin(), names.end(), each.id) != names.end()) chosen.push_back(&each);
  }
  return set.self_test ? run_self_test(set, file, chosen) : run_gates(set, file, chosen);
}

}  // namespace

int main(int argc, char** argv) {
  settings set;
  CLI::App app{
      "Verdicts over results and budgets: PASS, FAIL, UNDECIDED, VOID, MISSING, STALE.\n"
      "Exit: 3 where anything is missing, malformed or stale; otherwise 1 for a FAIL; otherwise\n"
      "2 for an UNDECIDED or VOID; otherwise 0.",
      "jacquard gate"};
  add_shared_options(app, set.shared);
  app.add_option("--in", set.in, "Results: folders of *.jsonl, or files")->type_name("PATH...");
  app.add_option("--budgets", set.budgets, "What is allowed (TOML)")->type_name("FILE");
  app.add_option("--programs", set.programs,
                 "Where the programs of now are; default: beside this one")
      ->type_name("DIR");
  app.add_option("--tree", set.tree, "The sources of now")->type_name("DIR");
  app.add_option("--now", set.now, "Judge freshness as of this time (UTC)")->type_name("TIME");
  app.add_option(
         "--undecided", set.undecided,
         "A gate of time that noise alone left open: exit 2 (fail, default), or only listed (tell)")
      ->type_name("fail|tell");
  app.add_flag(
      "--self-test", set.self_test,
      "Show every gate regressions, empty, renamed, NaN, stale, future, cut and unpaired input");
  return run(app, argc, argv, [&] { return body(set); });
}
