// bin/mailbox_sizes: how large the mailboxes' worlds of 2 x 2 and 3 x 2 are, senders x letters each, and how fast
// the explorer goes through them. A world that --seconds do not finish is estimated from random executions (Knuth),
// with the deviation of the mean: its tail is heavy, so the truth is above it more often than below.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include <checks/mailbox_at.hpp>
#include <jacquard/command/command.hpp>
#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using namespace jacquard;

struct world {
  std::string name;
  model::certificate (*run)(const model::run_options&);
};

template <class Kind, unsigned Senders, unsigned Messages>
constexpr auto run_at = [](const model::run_options& options) {
  return model::run_explore<checks::mailbox_at<model::explore, Kind, Senders, Messages>>(options);
};

const world worlds[] = {
    {"mailbox_2x2.ring", run_at<checks::ring, 2, 2>},
    {"mailbox_2x2.linked", run_at<checks::linked, 2, 2>},
    {"mailbox_2x2.locked", run_at<checks::locked, 2, 2>},
    {"mailbox_3x2.ring", run_at<checks::ring, 3, 2>},
    {"mailbox_3x2.linked", run_at<checks::linked, 3, 2>},
    {"mailbox_3x2.locked", run_at<checks::locked, 3, 2>},
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The size of each mailbox's world, and the explorer's rate", "mailbox_sizes"};
  command::shared_options shared;
  command::add_shared_options(app, shared);
  double seconds = 60.0;
  app.add_option("--seconds", seconds, "seconds at most for each world's search")
      ->check(CLI::Range(0.1, 1e6))
      ->capture_default_str();
  std::uint64_t samples = 20'000;
  app.add_option("--samples", samples, "random executions for an estimate")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  return command::run(app, argc, argv, [&] {
    std::vector<std::string> names;
    for (const world& each : worlds) names.push_back(each.name);
    const std::vector<std::string> chosen = command::select(names, shared.filter, "worlds");
    if (shared.list) {
      for (const std::string& name : chosen) fmt::print("{}\n", name);
      return command::outcome::held;
    }
    command::reporter out(shared);
    bool held = true;
    for (const world& each : worlds) {
      if (std::ranges::find(chosen, each.name) == chosen.end()) continue;
      const model::certificate c = each.run({.seconds_max = seconds});
      const bool whole = c.verdict == model::verdict::holds;
      held = held && c.verdict != model::verdict::broken;
      const double runs = static_cast<double>(c.executions + c.blocked);
      command::row row{.name = each.name,
                       .verdict = whole                                    ? "holds"
                                  : c.verdict == model::verdict::truncated ? "truncated"
                                                                           : "BROKEN",
                       .figure = runs / c.seconds,
                       .unit = "executions/s",
                       .detail = fmt::format("{} executions and {} blocked in {:.2f} s",
                                             c.executions, c.blocked, c.seconds)};
      row.more = {{"executions", c.executions}, {"blocked", c.blocked}, {"seconds", c.seconds}};
      if (c.verdict == model::verdict::broken) row.detail = c.what;
      if (c.verdict == model::verdict::truncated) {
        const model::certificate sampled =
            each.run({.search = "sample", .iterations_max = samples});
        row.detail += "; not all: " + sampled.bounds;
        row.more["estimate"] = sampled.bounds;
      }
      row.more["whole"] = whole;
      out.add(row);
    }
    out.finish();
    return held ? command::outcome::held : command::outcome::found;
  });
}
