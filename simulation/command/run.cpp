// jacquard sim, jacquard sim run: scenarios by seed or by plan.
#include <fmt/core.h>

#include <chrono>

#include <jacquard/sim/trace.hpp>

#include "sim_command.hpp"

namespace jacquard::sim::tool {

using command::outcome;

outcome run_all(const command::shared_options& shared) {
  const std::vector<std::string> names = chosen_scenarios(shared.filter);
  command::reporter out(shared);
  std::size_t broken = 0;
  for (const std::string& name : names) {
    const plan what = generate(*scenario_named(name), default_seed);
    const verified result = run_twice(what);
    out.add(row_of(what, result));
    if (!result.holds()) {
      ++broken;
      out.say(repeat_of(what, "", canary::none));
    }
  }
  out.say(fmt::format("{} scenarios, seed {}, each run twice: {} broken", names.size(),
                      default_seed, broken));
  out.finish();
  return broken == 0 ? outcome::held : outcome::found;
}

outcome run_one(const run_request& request, const command::shared_options& shared) {
  const canary broken = parse_canary(request.canary);
  const plan what = plan_from(request.plan_file, request.scenario, request.seed);
  if (!request.save_plan.empty()) write_file(request.save_plan, to_toml(what));

  command::reporter out(shared);
  trace drawing("jacquard sim: " + what.scenario);
  run_options options{.broken = broken};
  if (!request.trace_file.empty()) options.trace = &drawing;

  const auto begin = std::chrono::steady_clock::now();
  const verified result = request.verify
                              ? run_twice(what, options)
                              : verified{.first = sim::run(what, options), .divergence = {}};
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  if (!request.trace_file.empty()) {
    write_file(request.trace_file, drawing.to_json(what.seed, result.first.digest));
  }
  command::row row = row_of(what, result);
  row.more["verified"] = request.verify;
  row.more["seconds"] = took.count();
  out.add(row);
  if (!result.holds()) out.say(repeat_of(what, request.plan_file, broken));
  out.finish();
  return result.holds() ? outcome::held : outcome::found;
}

}  // namespace jacquard::sim::tool
