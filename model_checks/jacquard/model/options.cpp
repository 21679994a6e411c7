#include <jacquard/model/options.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace jacquard::model {

std::optional<std::pair<std::uint32_t, std::uint32_t>> shard_from(const std::string& text) {
  constexpr std::uint32_t shards_max = 65'536;
  std::uint32_t which = 0, all = 0;
  const char* const end = text.data() + text.size();
  const auto [slash, wrong] = std::from_chars(text.data(), end, which);
  if (wrong != std::errc() || slash == end || *slash != '/') return std::nullopt;
  const auto [rest, wrong_too] = std::from_chars(slash + 1, end, all);
  if (wrong_too != std::errc() || rest != end || all > shards_max || which >= all)
    return std::nullopt;
  return std::pair(which, all);
}

void add_check_options(CLI::App& app, check_options& options) {
  command::add_shared_options(app, options.shared);
  app.add_option("--engine", options.engine, "relacy, perturbed, explore, stress or all")
      ->capture_default_str();
  app.add_option("--search", options.search,
                 "relacy: full, bound or random; explore: full, sample or pct; default: what suits "
                 "each check");
  app.add_option("--bound", options.bound, "context bound of --search bound")
      ->check(CLI::Range(1, 9));
  app.add_option("--depth", options.depth,
                 "explore's --search pct: orderings that a bug may need; default 3")
      ->check(CLI::Range(1, 9));
  app.add_option(
         "--spurious", options.spurious,
         "explore: how many weak compare-exchanges of each thread may fail spuriously; default 0")
      ->check(CLI::Range(0, 9));
  app.add_option("--seed", options.seed, "the first seed of a random search")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 62));
  app.add_option("--iterations", options.iterations, "executions at most")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 50));
  app.add_option("--seconds", options.seconds, "seconds at most, for each check")
      ->check(CLI::Range(0.001, 1e6));
  app.add_option(
      "--schedule", options.schedule,
      "repeat one execution of one check, as a failure printed it; @FILE: the first line of "
      "a file");
  app.add_flag("--trap", options.trap,
               "explore, with --schedule: raise SIGTRAP at the failing step, for a debugger");
  app.add_option("--workers", options.workers,
                 "explore: threads that share the full search of a check; default 1")
      ->check(CLI::Range(1, 64));
  app.add_option("--shard", options.shard,
                 "explore: do part I of N of a full search, I/N with I from 0 to N-1 and N from 1 "
                 "to 65536; the parts' counts add up")
      ->check([](const std::string& text) {
        return shard_from(text)
                   ? std::string()
                   : "'" + text + "' is not I/N with I from 0 to N-1 and N from 1 to 65536";
      });
  app.add_option("--checkpoint", options.checkpoint,
                 "explore, one check: a file for what is left when --seconds or --iterations cut "
                 "the search");
  app.add_option("--resume", options.resume,
                 "explore, one check: go on from such a file; the counts go on with it");
  app.add_option("--page", options.page,
                 "explore, one check: draw a failing execution into this HTML file");
  app.add_option("--keep-schedule", options.keep_schedule,
                 "one check: write a failing execution's schedule into this file, for --schedule "
                 "@FILE");
  app.add_flag("--history", options.history,
               "print the execution of every seeded bug that is caught");
  app.add_flag("--mutate", options.mutate,
               "weaken every memory order in turn; each must be missed by a check");
  app.add_option("--mutate-path", options.mutate_path,
                 "which files' orders to weaken: a regular expression");
  app.add_flag("--sabotage", options.sabotage,
               "break orders, updates, wakes and locks below each check; each must notice one");
  app.add_flag("--seeded-bugs", options.seeded_bugs, "run the seeded bugs; each must be caught");
}

namespace {

using list = std::vector<std::string>;
const std::map<std::string, list> searches{{"relacy", {"full", "bound", "random"}},
                                           {"explore", {"full", "sample", "pct"}},
                                           {"perturbed", {}},
                                           {"stress", {}}};

std::optional<std::string> no_such_search(const check_options& options) {
  const std::string what = fmt::format("--search '{}': ", options.search);
  const auto takes = [](const std::string& engine) {
    return fmt::format("{} takes {}", engine, fmt::join(searches.at(engine), ", "));
  };
  const auto has = [&](const std::string& engine) {
    return std::ranges::find(searches.at(engine), options.search) != searches.at(engine).end();
  };
  const std::string either = takes("relacy") + "; " + takes("explore");
  if (options.engine == "all") {
    return has("relacy") || has("explore") ? std::nullopt : std::optional(what + either);
  }
  if (!searches.contains(options.engine) || has(options.engine)) return std::nullopt;
  if (!searches.at(options.engine).empty()) return what + "--engine " + takes(options.engine);
  return fmt::format("{}--engine {} takes none; {}", what, options.engine, either);
}

}  // namespace

std::optional<std::string> heeded_by_nothing(const check_options& options) {
  const std::string& search = options.search;
  if (!search.empty()) {
    if (std::optional<std::string> wrong = no_such_search(options)) return wrong;
  }
  const auto only = [](const char* option, const auto& value, const char* with) {
    return fmt::format("{} '{}': allowed only with {}", option, value, with);
  };
  const auto runs_on = [&](const char* engine) {
    return options.engine == "all" || options.engine == engine ||
           !searches.contains(options.engine);
  };
  if (options.depth && !(runs_on("explore") && search == "pct")) {
    return only("--depth", *options.depth, "--search pct of --engine explore");
  }
  // A check's own search may be bound, and then nobody says so.
  if (options.bound && !(runs_on("relacy") && (search.empty() || search == "bound"))) {
    return only("--bound", *options.bound, "--search bound of --engine relacy");
  }
  if (options.spurious && !runs_on("explore")) {
    return only("--spurious", *options.spurious, "--engine explore");
  }
  if (!options.mutate_path.empty() && !options.mutate) {
    return only("--mutate-path", options.mutate_path, "--mutate");
  }
  return std::nullopt;
}

std::vector<std::string> words_to_hand_on(const CLI::App& app) {
  const std::set<std::string> mine{"--help", "--list", "--filter", "--json", "--engine"};
  std::vector<std::string> words;
  for (const CLI::Option* const option : app.get_options()) {
    const std::string name = "--" + option->get_single_name();
    if (option->count() == 0 || mine.contains(name)) continue;
    words.push_back(name);
    if (option->get_expected_max() == 0) continue;  // a flag
    const std::vector<std::string>& values = option->results();
    words.insert(words.end(), values.begin(), values.end());
  }
  return words;
}

}  // namespace jacquard::model
