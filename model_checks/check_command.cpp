// `jacquard check`: runs model checks on every engine that is built.
//
// Each engine is a program of its own beside this one (jacquard-check-relacy, jacquard-check-perturbed,
// jacquard-check-explore, jacquard-check-stress): their libraries do not mix well, and a user's own engine would join the same
// way. This program asks each for its checks, hands the command line on, and collects the rows.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <jacquard/command/command.hpp>
#include <jacquard/model/options.hpp>

namespace {

namespace fs = std::filesystem;
namespace command = jacquard::command;
using command::outcome;

constexpr std::array engines{"relacy", "perturbed", "explore", "stress"};

using jacquard::model::check_options;

fs::path program_of(const std::string& engine) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  fs::path program = self.parent_path() / ("jacquard-check-" + engine);
  return access(program.c_str(), X_OK) == 0 ? program : fs::path();
}

/// The engines' programs that --engine names and that are built; never none.
std::vector<std::string> chosen_engines(const check_options& options) {
  const std::string& wanted = options.engine;
  std::vector<std::string> built;
  for (const std::string engine : engines) {
    // Nothing stands below the real system that could be weakened.
    if (engine == "stress" && wanted == "all" && (options.mutate || options.sabotage)) continue;
    if (!program_of(engine).empty()) built.push_back(engine);
  }
  if (wanted == "all") {
    if (built.empty())
      command::lacks("no engine is built beside this program: jacquard-check-<engine>");
    return built;
  }
  if (std::ranges::find(engines, wanted) == engines.end()) {
    command::refuse(
        fmt::format("--engine '{}': must be one of {}, all", wanted, fmt::join(engines, ", ")));
  }
  if (std::ranges::find(built, wanted) == built.end()) {
    command::lacks(
        fmt::format("--engine '{}': not built; built: {}", wanted, fmt::join(built, ", ")));
  }
  return {wanted};
}

/// Runs a program to its end. What it prints for people goes to `people_to`, a file descriptor.
int run_child(const fs::path& program, const std::vector<std::string>& words, int people_to) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0)
    command::refuse(fmt::format("cannot start {}: {}", program.string(), std::strerror(errno)));
  if (child == 0) {
    if (people_to != STDOUT_FILENO) dup2(people_to, STDOUT_FILENO);
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    command::refuse(fmt::format("{} ended by signal {} ({})", program.filename().string(),
                                WTERMSIG(status), strsignal(WTERMSIG(status))));
  }
  return WEXITSTATUS(status);
}

/// A file that is gone when this object is.
class scratch_file {
 public:
  scratch_file() {
    std::string name = (fs::temp_directory_path() / "jacquard-check-XXXXXX").string();
    const int file = mkstemp(name.data());
    if (file < 0)
      command::refuse(fmt::format("cannot write below {}", fs::temp_directory_path().string()));
    close(file);
    path_ = name;
  }
  ~scratch_file() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

/// The names that an engine's program lists.
std::vector<std::string> listed(const std::string& engine, const check_options& options) {
  const scratch_file text;
  std::FILE* const sink = std::fopen(text.path().c_str(), "w");
  if (sink == nullptr) command::refuse("cannot write " + text.path().string());
  std::vector<std::string> words{"--list"};
  if (options.seeded_bugs) words.push_back("--seeded-bugs");
  // A schedule may belong to a seeded bug.
  if (!options.schedule.empty()) words.insert(words.end(), {"--schedule", options.schedule});
  run_child(program_of(engine), words, fileno(sink));
  std::fclose(sink);
  std::vector<std::string> names;
  std::ifstream in(text.path());
  for (std::string line; std::getline(in, line);) names.push_back(line);
  return names;
}

/// `told`: the words for the engines' programs.
outcome body(const check_options& options, const std::vector<std::string>& told) {
  if (const auto unheeded = jacquard::model::heeded_by_nothing(options)) command::refuse(*unheeded);
  const std::vector<std::string> asked = chosen_engines(options);
  const auto matches = command::matcher(options.shared.filter);
  std::set<std::string> all;
  std::set<std::string> names;
  std::vector<std::string> able;
  for (const std::string& engine : asked) {
    bool any = false;
    for (const std::string& name : listed(engine, options)) {
      all.insert(name);
      if (!matches(name)) continue;
      any = true;
      names.insert(name);
    }
    if (any) able.push_back(engine);
  }
  (void)command::select({all.begin(), all.end()}, options.shared.filter,
                        options.seeded_bugs ? "seeded bugs" : "checks");
  if (options.shared.list) {
    for (const std::string& name : names) fmt::print("{}\n", name);
    return outcome::held;
  }

  command::reporter out(options.shared);
  outcome worst = outcome::held;
  for (const std::string& engine : able) {
    const scratch_file rows;
    std::vector<std::string> words = told;
    if (!options.shared.filter.empty())
      words.insert(words.end(), {"--filter", options.shared.filter});
    words.insert(words.end(), {"--json", rows.path().string()});
    const int code = run_child(program_of(engine), words,
                               options.shared.json == "-" ? STDERR_FILENO : STDOUT_FILENO);
    std::ifstream in(rows.path());
    for (std::string line; std::getline(in, line);) out.record(nlohmann::json::parse(line));
    if (code == static_cast<int>(outcome::usage)) return outcome::usage;  // the engine said why
    worst = std::max(worst, static_cast<outcome>(code));
  }
  out.finish();
  return worst;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{jacquard::model::what_check_does, "jacquard check"};
  check_options options;
  jacquard::model::add_check_options(app, options);
  return command::run(app, argc, argv,
                      [&] { return body(options, jacquard::model::words_to_hand_on(app)); });
}
