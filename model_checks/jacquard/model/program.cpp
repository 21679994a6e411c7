#include <jacquard/model/program.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <jacquard/command/command.hpp>
#include <jacquard/model/check.hpp>
#include <jacquard/model/mutation.hpp>
#include <jacquard/model/options.hpp>
#include <jacquard/model/report.hpp>

namespace jacquard::model {
namespace {

using selection = std::vector<const registered_check*>;

/// The checks that the options name, sorted; never none.
selection selected(const check_options& options) {
  std::set<std::string> engines;
  std::vector<std::string> names;
  selection candidates;
  for (const registered_check& check : checks()) {
    engines.insert(check.engine);
    if (options.engine != "all" && check.engine != options.engine) continue;
    if (options.seeded_bugs != (check.expect != failure_kind::none) && options.schedule.empty())
      continue;
    candidates.push_back(&check);
    names.push_back(check.name);
  }
  if (options.engine != "all" && !engines.contains(options.engine)) {
    command::refuse(
        fmt::format("engine '{}': this program has {}", options.engine, fmt::join(engines, ", ")));
  }
  const std::vector<std::string> matching =
      command::select(names, options.shared.filter, options.seeded_bugs ? "seeded bug" : "check");
  const std::set<std::string> wanted(matching.begin(), matching.end());
  std::erase_if(candidates,
                [&](const registered_check* check) { return !wanted.contains(check->name); });
  std::ranges::sort(candidates, {}, [](const registered_check* check) {
    return std::pair(check->name, check->engine);
  });
  return candidates;
}

/// The file that runs, for a debugger.
std::string this_program() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).string();
}

/// `text`, or what the file holds that it names after an '@'.
std::string schedule_from(const std::string& text) {
  if (!text.starts_with('@')) return text;
  std::ifstream in(text.substr(1));
  std::string line;
  if (!std::getline(in, line) || line.empty()) {
    command::refuse("--schedule '" + text + "': no schedule can be read from that file");
  }
  return line;
}

run_options told(const registered_check& check, const check_options& options,
                 command::reporter& out) {
  run_options made = check.defaults;
  if (!options.search.empty()) made.search = options.search;
  if (options.bound) made.context_bound = *options.bound;
  if (options.depth) made.depth = *options.depth;
  if (options.spurious) made.spurious_max = *options.spurious;
  if (options.seed) made.seed = *options.seed;
  if (options.iterations) made.iterations_max = *options.iterations;
  if (options.seconds) made.seconds_max = *options.seconds;
  made.schedule = options.schedule;
  made.trap = options.trap;
  made.workers = options.workers.value_or(0);
  if (const auto part = shard_from(options.shard)) {
    made.shard = part->first;
    made.shards = part->second;
  }
  made.checkpoint = options.checkpoint;
  made.resume = options.resume;
  made.page = options.page;
  made.progress = [&out, &check](const std::string& line) {
    out.progress(check.name + ": " + line);
  };
  return made;
}

void keep_schedule(const certificate& made, const std::string& file) {
  if (file.empty() || made.schedule.empty()) return;
  std::ofstream out(file, std::ios::trunc);
  out << made.schedule << "\n";
  if (!out) command::refuse("--keep-schedule '" + file + "': cannot write that file");
}

/// Refuses what divides or draws a search that the options do not run.
void refuse_what_does_not_fit(const selection& chosen, const check_options& options) {
  const std::vector<std::pair<const char*, bool>> divides{
      {"--workers", options.workers.has_value()},
      {"--shard", !options.shard.empty()},
      {"--checkpoint", !options.checkpoint.empty()},
      {"--resume", !options.resume.empty()}};
  const bool full = options.schedule.empty() && !options.mutate && !options.sabotage &&
                    options.search != "sample" && options.search != "pct";
  const bool explored = std::ranges::all_of(
      chosen, [](const registered_check* check) { return check->engine == "explore"; });
  for (const auto& [option, said] : divides) {
    if (said && !(full && explored)) {
      command::refuse(fmt::format("{} divides a full search of --engine explore", option));
    }
  }
  if (!options.page.empty() && !explored) {
    command::refuse("--page draws an execution of --engine explore");
  }
  const std::vector<std::pair<const char*, const std::string*>> of_one{
      {"--checkpoint", &options.checkpoint},
      {"--resume", &options.resume},
      {"--page", &options.page},
      {"--keep-schedule", &options.keep_schedule}};
  for (const auto& [option, file] : of_one) {
    if (file->empty() || chosen.size() == 1) continue;
    command::refuse(
        fmt::format("{} '{}' belongs to one check, and {} are chosen: name one with --filter",
                    option, *file, chosen.size()));
  }
}

/// Runs checks that must hold. A truncated search did not hold.
command::outcome judge(const selection& chosen, const check_options& options,
                       const std::string& prefix, command::reporter& out) {
  bool held = true;
  for (const registered_check* const check : chosen) {
    const certificate made = check->run(told(*check, options, out));
    keep_schedule(made, options.keep_schedule);
    const std::string repeat = repeat_of(*check, made, prefix);
    command::row result = row_of(*check, made, repeat);
    if (made.verdict == verdict::broken) result.more["history"] = made.history;
    out.add(result);
    if (made.verdict == verdict::broken)
      out.say(explained(made, repeat, debugger_of(*check, made, this_program())));
    // A cut search is an answer only where the user asked for the cut; nobody asks for an engine's limit.
    const bool asked_for_cut =
        (options.iterations || options.seconds) && made.kind != failure_kind::limit;
    if (made.verdict == verdict::broken || (made.verdict == verdict::truncated && !asked_for_cut))
      held = false;
  }
  return held ? command::outcome::held : command::outcome::found;
}

/// Runs seeded bugs: each must be caught, as what it is.
command::outcome catch_bugs(const selection& chosen, const check_options& options,
                            const std::string& prefix, command::reporter& out) {
  std::size_t missed = 0;
  for (const registered_check* const check : chosen) {
    const certificate made = check->run(told(*check, options, out));
    keep_schedule(made, options.keep_schedule);
    const std::string repeat = repeat_of(*check, made, prefix);
    const bool caught = made.verdict == verdict::broken && matches(check->expect, made.kind);
    command::row result = row_of(*check, made, repeat);
    result.verdict = caught ? "caught" : "MISSED";
    result.detail = fmt::format(
        "{}: expected {}, found {}{}{} [{}] {:.2f} s", check->engine, to_string(check->expect),
        to_string(made.kind), made.what.empty() ? "" : ": ", made.what, made.search, made.seconds);
    result.more["expected"] = to_string(check->expect);
    out.add(result);
    if (!caught || options.history)
      out.say(explained(made, repeat, debugger_of(*check, made, this_program())));
    if (!caught) ++missed;
  }
  return missed == 0 ? command::outcome::held : command::outcome::found;
}

command::outcome cut_orders(const selection& chosen, const check_options& options,
                            command::reporter& out) {
  mutation_options how;
  how.path_filter = options.mutate_path;
  if (options.seconds) how.seconds_each = *options.seconds;
  how.progress = [&out](const std::string& line) { out.progress(line); };
  run_options base;
  if (!options.search.empty()) base.search = options.search;
  if (options.seed) base.seed = *options.seed;
  const mutation_report report = mutate(chosen, base, how);

  for (const std::string& name : report.broken) {
    command::row result;
    result.name = name;
    result.verdict = "BROKEN";
    result.detail = "fails without any cut: nothing can be learned from it";
    out.add(result);
  }
  std::size_t survivors = 0;
  for (const mutant& each : report.mutants) {
    const order_site& site = each.cut.site;
    const std::string to =
        site.part == order_part::fence && each.cut.to == std::memory_order::relaxed
            ? "dropped"
            : to_string(each.cut.to);
    command::row result;
    result.name = fmt::format("{}:{} {} {} -> {}", site.file.substr(site.file.rfind('/') + 1),
                              site.line, to_string(site.part), to_string(site.order), to);
    result.figure = static_cast<double>(each.runs);
    result.unit = "runs";
    const std::string edge = each.label.empty() ? "no label" : each.label;
    if (each.killer.empty()) {
      ++survivors;
      result.verdict = "SURVIVED";
      result.detail = fmt::format("{}: nobody misses it: {}", edge,
                                  each.truncated == 0 ? "too strong, or the checks are too small"
                                                      : "untested: a search was cut");
    } else {
      result.verdict = "killed";
      result.detail =
          fmt::format("{} by {}: {}: {}", edge, each.killer, to_string(each.kind), each.what);
    }
    result.more = {{"file", site.file},
                   {"line", site.line},
                   {"part", to_string(site.part)},
                   {"from", to_string(site.order)},
                   {"to", to},
                   {"edge", each.label},
                   {"killer", each.killer},
                   {"kind", to_string(each.kind)}};
    out.add(result);
  }
  for (const order_site& site : report.unexecuted) {
    ++survivors;
    command::row result;
    result.name = fmt::format("{}:{}", site.file.substr(site.file.rfind('/') + 1), site.line);
    result.verdict = "UNTESTED";
    result.detail = "no chosen check executes this order";
    out.add(result);
  }
  return survivors == 0 && report.broken.empty() ? command::outcome::held : command::outcome::found;
}

/// Breaks the policy below each check. One that notices nothing can say nothing about the product.
command::outcome sabotaged(const selection& chosen, const check_options& options,
                           command::reporter& out) {
  constexpr double seconds_default = 5.0;
  bool all = true;
  for (const registered_check* const check : chosen) {
    const std::vector<noticed> found =
        notices(*check, told(*check, options, out), options.seconds.value_or(seconds_default));
    command::row result;
    result.name = check->name;
    result.verdict = found.empty() ? "BLIND" : "notices";
    result.figure = static_cast<double>(found.size());
    result.unit = "sabotages";
    result.more["engine"] = check->engine;
    for (const noticed& each : found) {
      result.detail += fmt::format("{}{} ({})", result.detail.empty() ? "" : ", ",
                                   to_string(each.how), to_string(each.kind));
      result.more[to_string(each.how)] = to_string(each.kind);
    }
    if (found.empty()) result.detail = "holds whatever is broken below it";
    all = all && !found.empty();
    out.add(result);
  }
  return all ? command::outcome::held : command::outcome::found;
}

command::outcome body(const check_options& options, const std::string& prefix) {
  if (const auto unheeded = heeded_by_nothing(options)) command::refuse(*unheeded);
  if (options.mutate && (options.seeded_bugs || !options.schedule.empty())) {
    command::refuse("--mutate stands alone: it takes neither --seeded-bugs nor --schedule");
  }
  if (options.trap && options.schedule.empty()) {
    command::refuse("--trap stops at the failing step of a schedule: it needs --schedule");
  }
  if (options.sabotage && (options.mutate || options.seeded_bugs || !options.schedule.empty())) {
    command::refuse("--sabotage stands alone: it takes no --mutate, --seeded-bugs or --schedule");
  }
  const selection chosen = selected(options);
  if (options.shared.list) {
    std::set<std::string> names;
    for (const registered_check* const check : chosen) names.insert(check->name);
    for (const std::string& name : names) fmt::print("{}\n", name);
    return command::outcome::held;
  }
  if (!options.schedule.empty() && chosen.size() != 1) {
    command::refuse(fmt::format(
        "--schedule '{}' belongs to one check, and {} are chosen: name one with --filter",
        options.schedule, chosen.size()));
  }
  refuse_what_does_not_fit(chosen, options);
  command::reporter out(options.shared);
  command::outcome end = command::outcome::held;
  try {
    if (options.mutate) {
      end = cut_orders(chosen, options, out);
    } else if (options.sabotage) {
      end = sabotaged(chosen, options, out);
    } else if (options.seeded_bugs) {
      end = catch_bugs(chosen, options, prefix, out);
    } else {
      end = judge(chosen, options, prefix, out);
    }
  } catch (const std::invalid_argument& problem) {
    command::refuse(problem.what());
  } catch (const std::regex_error&) {
    command::refuse("--mutate-path '" + options.mutate_path + "' is no regular expression");
  }
  out.finish();
  return end;
}

}  // namespace

int run_program(int argc, char** argv, const std::string& repeat_prefix) {
  CLI::App app{what_check_does, repeat_prefix};
  check_options options;
  add_check_options(app, options);
  return command::run(app, argc, argv, [&] {
    options.schedule = schedule_from(options.schedule);
    return body(options, repeat_prefix);
  });
}

}  // namespace jacquard::model
