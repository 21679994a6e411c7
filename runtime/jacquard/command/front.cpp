// The front: `jacquard <command> ...` runs the program jacquard-<command>, which its room owns.
// Programs are looked for beside the front (a build tree) and in ../libexec/jacquard (an
// installation).
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <jacquard/command/command.hpp>

namespace {

namespace fs = std::filesystem;
using jacquard::command::outcome;

struct summary {
  std::string_view name;
  std::string_view text;
};

constexpr std::array known{
    summary{"check", "Model checks: run a claim through an engine (relacy, explore, perturbed)"},
    summary{"litmus", "Ask the C++ memory model about a program written in text"},
    summary{"sim", "Simulation in virtual time: run, replay and compare scenarios by seed"},
    summary{"bench", "Benchmarks beside their peers, in one interleaved run"},
    summary{"idle", "Wake-ups of a system that has nothing to do"},
    summary{"audit", "Allocations per operation, as exact slopes under DHAT"},
    summary{"gate", "Verdicts over results and budgets: PASS, FAIL, UNDECIDED, MISSING"},
    summary{"report", "One self-contained page from results"},
    summary{"version", "The version"},
};

std::vector<fs::path> folders() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  return {self.parent_path(), self.parent_path().parent_path() / "libexec" / "jacquard"};
}

fs::path program(std::string_view name) {
  for (const fs::path& folder : folders()) {
    fs::path candidate = folder / fmt::format("jacquard-{}", name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

void help(std::FILE* out) {
  fmt::print(out,
             "jacquard {}: mailboxes in C++20, and the loom they are proved on\n\n"
             "Usage: jacquard COMMAND [OPTION...]\n\nCommands:\n",
             jacquard::command::version());
  for (const summary& entry : known) {
    const bool here = entry.name == "version" || !program(entry.name).empty();
    fmt::print(out, "  {:<10} {}{}\n", entry.name, entry.text, here ? "" : " (not built)");
  }
  fmt::print(out,
             "\nEach command has --help, --list, --filter REGEX and --json FILE|-.\n"
             "Exit codes: 0 all held, 1 something was found, 2 usage or could not run,\n"
             "3 missing or stale data.\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    help(stderr);
    return static_cast<int>(outcome::usage);
  }
  const std::string_view name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    help(stdout);
    return 0;
  }
  if (name == "--list") {
    for (const summary& entry : known) fmt::print("{}\n", entry.name);
    return 0;
  }
  if (name == "version" || name == "--version") {
    CLI::App app{"The version of this jacquard", "jacquard version"};
    jacquard::command::shared_options options;
    jacquard::command::add_shared_options(app, options);
    return jacquard::command::run(app, argc - 1, argv + 1, [&] {
      const std::string text{jacquard::command::version()};
      if (options.list) {
        fmt::print("jacquard\n");
        return outcome::held;
      }
      (void)jacquard::command::select({"jacquard"}, options.filter, "programs");
      if (options.json.empty()) {
        fmt::print("jacquard {}\n", text);
        return outcome::held;
      }
      jacquard::command::reporter out(options);
      out.add({.name = "jacquard", .verdict = "holds", .figure = 0, .unit = "", .detail = text});
      out.finish();
      return outcome::held;
    });
  }
  const bool word = !name.empty() && name.find('/') == std::string_view::npos && name[0] != '-';
  const fs::path target = word ? program(name) : fs::path{};
  if (target.empty()) {
    std::string names;
    for (const summary& entry : known) names += fmt::format(" {}", entry.name);
    const bool planned =
        std::any_of(known.begin(), known.end(), [&](const summary& s) { return s.name == name; });
    fmt::print(stderr, "jacquard: command '{}' {}; commands:{}\n", name,
               planned ? "is not built here" : "is unknown", names);
    return static_cast<int>(outcome::usage);
  }
  std::vector<char*> arguments(argv + 1, argv + argc);
  arguments.push_back(nullptr);
  execv(target.c_str(), arguments.data());
  fmt::print(stderr, "jacquard: cannot run {}: {}\n", target.string(), std::strerror(errno));
  return static_cast<int>(outcome::usage);
}
