// jacquard sim: mailboxes in virtual time.
#include <fmt/core.h>

#include "sim_command.hpp"

using namespace jacquard;
using namespace jacquard::sim::tool;

int main(int argc, char** argv) {
  CLI::App app{
      "Simulation in virtual time. Without a subcommand: every scenario, seed 1, twice each",
      "jacquard sim"};
  app.require_subcommand(0, 1);
  command::shared_options shared;
  command::add_shared_options(app, shared);

  run_request one;
  CLI::App* const run = app.add_subcommand("run", "Run one scenario by seed, or by plan");
  run->add_option("scenario", one.scenario, "Its name; `jacquard sim --list` has them all")
      ->required();
  run->add_option("--seed", one.seed, "A whole number, 0x... is hexadecimal; 1, or the plan's")
      ->type_name("N");
  run->add_option("--plan", one.plan_file, "Run the faults in this file, not the seed's")
      ->type_name("FILE");
  run->add_option("--save-plan", one.save_plan, "Write the plan that runs")->type_name("FILE");
  run->add_option("--trace", one.trace_file, "Write a trace that ui.perfetto.dev opens")
      ->type_name("FILE");
  run->add_option("--canary", one.canary, "Break the mailbox on purpose; see `canaries --list`")
      ->type_name("NAME");
  run->add_flag("--verify", one.verify, "Run twice and name the first event that differs");

  campaign_request many;
  CLI::App* const campaign =
      app.add_subcommand("campaign", "Run a range of seeds over the scenarios, each twice");
  campaign->add_option("--seeds", many.seeds, "Both ends included")->type_name("A..B")->required();
  campaign->add_option("--shard", many.shard, "This process's part of the range")
      ->type_name("i/n")
      ->capture_default_str();
  campaign->add_option("--out", many.out, "Keep finished seeds here; resume and merge from here")
      ->type_name("DIR");
  campaign->add_option("--canary", many.canary, "Break the mailbox on purpose")->type_name("NAME");

  shrink_request smaller;
  CLI::App* const shrink =
      app.add_subcommand("shrink", "Find the smallest plan that fails the same way");
  shrink->add_option("scenario", smaller.scenario, "Its name")->required();
  shrink->add_option("--seed", smaller.seed, "A seed that fails")->type_name("N");
  shrink->add_option("--plan", smaller.plan_file, "A plan that fails")->type_name("FILE");
  shrink->add_option("--out", smaller.out, "Where the smallest plan goes")->type_name("FILE");
  shrink->add_option("--canary", smaller.canary, "Break the mailbox on purpose")->type_name("NAME");
  shrink->add_option("--runs", smaller.runs_max, "Stop after so many runs")
      ->type_name("N")
      ->capture_default_str();

  std::string left;
  std::string right;
  CLI::App* const diff =
      app.add_subcommand("diff", "Name the first event in which two traces differ");
  diff->add_option("left", left, "A file that --trace wrote")->type_name("FILE")->required();
  diff->add_option("right", right, "Another")->type_name("FILE")->required();

  std::uint32_t seeds = 400;
  CLI::App* const canaries =
      app.add_subcommand("canaries", "Break the mailbox in every known way; each must be caught");
  canaries->add_option("--seeds", seeds, "Give up on one after so many seeds")
      ->type_name("N")
      ->capture_default_str();

  for (CLI::App* const each : {run, campaign, shrink, diff, canaries}) {
    command::add_shared_options(*each, shared);
  }

  return command::run(app, argc, argv, [&] {
    if (shared.list && !*canaries) {
      for (const std::string& name : chosen_scenarios(shared.filter)) fmt::print("{}\n", name);
      return command::outcome::held;
    }
    if (*run) return run_one(one, shared);
    if (*campaign) return run_campaign(many, shared);
    if (*shrink) return run_shrink(smaller, shared);
    if (*diff) return run_diff(left, right, shared);
    if (*canaries) return run_canaries(seeds, shared);
    return run_all(shared);
  });
}
