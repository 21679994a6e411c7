// jacquard sim shrink: the smallest plan that fails the same way.
#include <fmt/core.h>

#include <jacquard/sim/shrink.hpp>

#include "sim_command.hpp"

namespace jacquard::sim::tool {

using command::outcome;

outcome run_shrink(const shrink_request& request, const command::shared_options& shared) {
  const canary broken = parse_canary(request.canary);
  if (request.runs_max < 1 || request.runs_max > 1'000'000) {
    command::refuse(
        fmt::format("--runs: {} is out of range; allowed: [1, 1000000]", request.runs_max));
  }
  const plan what = plan_from(request.plan_file, request.scenario, request.seed);

  command::reporter out(shared);
  const run_options options{.broken = broken};
  const verified before = run_twice(what, options);
  if (before.holds()) {
    out.say(
        fmt::format("{}: seed 0x{:x} holds; there is nothing to shrink", what.scenario, what.seed));
    out.finish();
    return outcome::held;
  }
  const shrink_options limits{
      .runs_max = request.runs_max, .progress = [&](std::uint32_t runs, const plan& best) {
        out.progress(fmt::format("shrinking: {} runs, {} faults left", runs, best.faults.size()));
      }};
  const shrunk result = shrink(what, options, limits);

  const auto messages_of = [](const plan& of) {
    const scenario story = adjusted(*scenario_named(of.scenario), of);
    return story.messages * story.producers;
  };
  const std::uint32_t messages = messages_of(result.smallest);
  const std::string file = request.out.empty()
                               ? fmt::format("{}-0x{:x}.smallest.toml", what.scenario, what.seed)
                               : request.out;
  write_file(file, to_toml(result.smallest));
  command::row row{
      .name = what.scenario,
      .verdict = "BROKEN",
      .figure = static_cast<double>(result.smallest.faults.size()),
      .unit = "faults",
      .detail = fmt::format("{}: {}; from {} faults and {} messages to {} and {} in {} "
                            "runs{}; {}",
                            result.signature, result.detail, what.faults.size(), messages_of(what),
                            result.smallest.faults.size(), messages, result.runs,
                            result.out_of_runs ? " (truncated by --runs)" : "", file)};
  row.more = {{"check", result.signature},
              {"messages", messages},
              {"runs", result.runs},
              {"truncated", result.out_of_runs},
              {"plan", file},
              {"seed", fmt::format("0x{:x}", what.seed)}};
  out.add(row);
  out.say(to_toml(result.smallest));
  out.say(repeat_of(result.smallest, file, broken));
  out.finish();
  return outcome::found;
}

}  // namespace jacquard::sim::tool
