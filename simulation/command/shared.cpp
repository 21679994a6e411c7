// What the subcommands share: reading what people wrote, and saying what a run came to.
#include <fmt/core.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "sim_command.hpp"

namespace jacquard::sim::tool {

std::uint64_t parse_seed(std::string_view text, std::string_view option) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  std::uint64_t seed = 0;
  const char* const begin = text.data() + (hex ? 2 : 0);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, seed, hex ? 16 : 10);
  if (error != std::errc{} || stop != end || begin == end) {
    command::refuse(fmt::format(
        "{}: '{}' is not a whole number in [0, 18446744073709551615] (0x... is hexadecimal)",
        option, text));
  }
  return seed;
}

const scenario& scenario_or_refuse(const std::string& name) {
  const scenario* const story = scenario_named(name);
  if (story == nullptr) {
    command::refuse(
        fmt::format("scenario '{}' is unknown; `jacquard sim --list` names the {} there are", name,
                    scenarios().size()));
  }
  return *story;
}

std::vector<std::string> chosen_scenarios(const std::string& filter) {
  std::vector<std::string> names;
  for (const scenario& story : scenarios()) names.push_back(story.name);
  return command::select(names, filter, "scenarios");
}

canary parse_canary(const std::string& name) {
  if (name.empty()) return canary::none;
  if (const std::optional<canary> found = canary_named(name)) return *found;
  std::string list;
  for (const canary_entry& entry : canaries()) list += fmt::format(" {}", entry.name);
  command::refuse(fmt::format("--canary: '{}' is unknown; there are:{}", name, list));
}

plan plan_from(const std::string& file, const std::string& story, const std::string& seed) {
  const std::uint64_t asked = seed.empty() ? default_seed : parse_seed(seed, "--seed");
  if (file.empty()) return generate(scenario_or_refuse(story), asked);
  tl::expected<plan, std::string> read = parse_plan(read_file(file));
  if (!read) command::refuse(fmt::format("{}: {}", file, read.error()));
  if (!story.empty() && read->scenario != story) {
    command::refuse(fmt::format("{}: scenario = \"{}\", and '{}' was asked for; they must agree",
                                file, read->scenario, story));
  }
  if (!seed.empty()) read->seed = asked;
  return *read;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    command::lacks(
        fmt::format("cannot read '{}': {}", path, in ? "it is a directory" : std::strerror(errno)));
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".partial";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!out.flush()) {
      command::refuse(fmt::format("cannot write '{}'; name a file in a folder that exists", path));
    }
  }
  std::error_code failed;
  std::filesystem::rename(temporary, path, failed);
  if (failed) command::refuse(fmt::format("cannot write '{}': {}", path, failed.message()));
}

command::row row_of(const plan& what, const verified& result) {
  const run_result& r = result.first;
  command::row made;
  made.name = what.scenario;
  made.verdict = result.divergence ? "DIVERGED" : r.broken ? "BROKEN" : "holds";
  made.figure = static_cast<double>(r.events);
  made.unit = "events";
  if (result.divergence) {
    made.detail = *result.divergence;
  } else if (r.broken) {
    made.detail =
        fmt::format("{}: {} at {}", r.broken->check, r.broken->detail, to_text(r.broken->at));
  } else {
    made.detail = fmt::format(
        "seed 0x{:x} hash {:016x}; {} offered, {} handled, {} busy, {} dropped, {} evicted; "
        "{} virtual, p99 {}{}",
        what.seed, r.digest, r.sums.offered, r.sums.handled, r.sums.busy, r.sums.dropped,
        r.sums.evicted, to_short_text(r.ended_at), to_short_text(r.latency_p99),
        r.recovered_in ? ", recovered in " + to_short_text(*r.recovered_in) : "");
  }
  made.more = {{"seed", fmt::format("0x{:x}", what.seed)},
               {"hash", fmt::format("{:016x}", r.digest)},
               {"faults", what.faults.size()},
               {"offered", r.sums.offered},
               {"accepted", r.sums.accepted},
               {"handled", r.sums.handled},
               {"busy", r.sums.busy},
               {"dropped", r.sums.dropped},
               {"evicted", r.sums.evicted},
               {"deadline", r.sums.deadline},
               {"waiting_peak", r.sums.waiting_peak},
               {"virtual_ns", r.ended_at},
               {"drained_in_ns", r.drained_in},
               {"latency_p50_ns", r.latency_p50},
               {"latency_p99_ns", r.latency_p99}};
  if (r.recovered_in) made.more["recovered_in_ns"] = *r.recovered_in;
  if (r.broken) made.more["check"] = r.broken->check;
  return made;
}

std::string repeat_of(const plan& what, const std::string& plan_file, canary broken) {
  std::vector<std::string> words{"sim", "run", what.scenario};
  words.insert(words.end(), {"--seed", fmt::format("0x{:x}", what.seed)});
  if (!plan_file.empty()) words.insert(words.end(), {"--plan", plan_file});
  if (broken != canary::none) {
    words.insert(words.end(), {"--canary", std::string(to_string(broken))});
  }
  words.emplace_back("--verify");
  return "repeat: " + command::repeat_line(words);
}

}  // namespace jacquard::sim::tool
