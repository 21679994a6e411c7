// jacquard/command/command.hpp: the contract that every `jacquard` subcommand keeps.
//
// A subcommand has items (checks, scenarios, benchmarks, gates). It answers --help, --list (names,
// one a line), --filter REGEX and --json FILE|-, prints one line per item, and leaves with one of
// four codes. Errors are one line that names the thing, the value and what is allowed.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace jacquard::command {

/// How a command ends.
enum class outcome : int {
  held = 0,     // all held
  found = 1,    // something was found: a broken claim, a regression
  usage = 2,    // usage, or the command could not run
  missing = 3,  // data is missing, malformed or stale
};

/// Ends the command with one line on stderr and the outcome's code. Thrown by a command's own code;
/// caught by `run`.
class failure : public std::runtime_error {
 public:
  failure(outcome code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] outcome code() const noexcept { return code_; }

 private:
  outcome code_;
};

[[noreturn]] inline void refuse(const std::string& message) {
  throw failure(outcome::usage, message);
}
[[noreturn]] inline void lacks(const std::string& message) {
  throw failure(outcome::missing, message);
}

/// One result. `more` is merged into the JSON object beside the five fields that every row has.
struct row {
  std::string name;
  std::string verdict;  // "holds", "BROKEN", "truncated", "PASS", "FAIL", ...
  double figure = 0.0;
  std::string unit;
  std::string detail;
  nlohmann::json more = nlohmann::json::object();
};

/// The object that --json writes for a row. A figure that is not finite is written as null.
[[nodiscard]] nlohmann::json to_json(const row& result);

/// What the four shared options were set to.
struct shared_options {
  bool list = false;
  std::string filter;
  std::string json;
};

/// The digest of a file's bytes (FNV-1a, 64 bits, 16 hexadecimal digits); empty where it cannot be read.
[[nodiscard]] std::string file_digest(const std::filesystem::path& file);

/// What every JSON file begins with: when (`generated_at`, UTC), with which settings (`config_hash`, the
/// digest of the arguments other than --json) and by which program (`programs`: name to digest). A record
/// is fresh only where the program that stands there now is still the one that wrote it.
[[nodiscard]] nlohmann::json environment_record();

/// Where rows go: a line each on standard output, and to the --json target. With `--json -`
/// standard output carries only JSON and the lines go to standard error. A JSON file is complete or
/// absent: rows are written to a temporary beside it, which `finish` renames.
class reporter {
 public:
  explicit reporter(const shared_options& options);
  ~reporter();
  reporter(const reporter&) = delete;
  reporter& operator=(const reporter&) = delete;

  void add(const row& result);
  /// A JSON object that is no row (an `env` record, for example).
  void record(const nlohmann::json& object);
  /// Free text for people.
  void say(std::string_view text);
  /// A line that replaces the last one where standard error is a terminal, and otherwise appears at
  /// most every five seconds.
  void progress(std::string_view text);
  void finish();
  [[nodiscard]] std::size_t rows() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Adds --list, --filter and --json to a command's options.
void add_shared_options(CLI::App& app, shared_options& options);

/// True where `name` matches the filter (an ECMAScript regular expression, found anywhere in the
/// name). A filter that is no regular expression is refused.
[[nodiscard]] std::function<bool(std::string_view)> matcher(const std::string& filter);

/// The names that match; refuses a filter that matches nothing, naming it.
[[nodiscard]] std::vector<std::string> select(const std::vector<std::string>& names,
                                              const std::string& filter, std::string_view what);

/// The command line that repeats something: `jacquard <words...>`, quoted for a POSIX shell.
[[nodiscard]] std::string repeat_line(const std::vector<std::string>& words);

/// Runs a command: parses argv with `app`, calls `body`, prints a failure as one line
/// `jacquard <name>: <message>` and returns the exit code.
int run(CLI::App& app, int argc, char** argv, const std::function<outcome()>& body);

/// The version of the project, "0.1.0".
[[nodiscard]] std::string_view version() noexcept;

}  // namespace jacquard::command
