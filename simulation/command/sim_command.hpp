// command/sim_command.hpp: what the subcommands of `jacquard sim` share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <jacquard/command/command.hpp>
#include <jacquard/sim/run.hpp>

namespace jacquard::sim::tool {

/// `jacquard sim` without a subcommand: every scenario, one seed, twice each.
inline constexpr std::uint64_t default_seed = 1;

/// A whole number in [0, 2^64), decimal or 0x; refuses anything else, naming `option`.
[[nodiscard]] std::uint64_t parse_seed(std::string_view text, std::string_view option);

/// A scenario's name; refuses an unknown one.
[[nodiscard]] const scenario& scenario_or_refuse(const std::string& name);

/// Names that the filter matches; refuses a filter that matches none.
[[nodiscard]] std::vector<std::string> chosen_scenarios(const std::string& filter);

/// "" is no canary; refuses an unknown one, naming those there are.
[[nodiscard]] canary parse_canary(const std::string& name);

/// The plan that a file holds, or, without one, the plan that the seed means. An empty `seed` is the
/// file's, or default_seed; any other replaces the file's.
[[nodiscard]] plan plan_from(const std::string& file, const std::string& story,
                             const std::string& seed);

[[nodiscard]] std::string read_file(const std::string& path);
/// Complete or absent: written beside, then renamed.
void write_file(const std::string& path, std::string_view text);

/// One row for a run that was made twice.
[[nodiscard]] command::row row_of(const plan& what, const verified& result);

/// The words after `jacquard` that repeat this run.
[[nodiscard]] std::string repeat_of(const plan& what, const std::string& plan_file, canary broken);

command::outcome run_all(const command::shared_options& shared);

struct run_request {
  std::string scenario;
  std::string seed;
  std::string plan_file;
  std::string save_plan;
  std::string trace_file;
  std::string canary;
  bool verify = false;
};
command::outcome run_one(const run_request& request, const command::shared_options& shared);

struct campaign_request {
  std::string seeds;
  std::string shard = "0/1";
  std::string out;
  std::string canary;
};
command::outcome run_campaign(const campaign_request& request,
                              const command::shared_options& shared);

struct shrink_request {
  std::string scenario;
  std::string seed;
  std::string plan_file;
  std::string out;
  std::string canary;
  std::uint32_t runs_max = 2000;
};
command::outcome run_shrink(const shrink_request& request, const command::shared_options& shared);

command::outcome run_diff(const std::string& left, const std::string& right,
                          const command::shared_options& shared);

/// Every canary, over scenarios and seeds, until it is caught.
command::outcome run_canaries(std::uint32_t seeds, const command::shared_options& shared);

}  // namespace jacquard::sim::tool
