// jacquard/model/options.hpp: what can be said to `jacquard check` and to every engine's program, once.
//
// The command and the engines' programs take the same line: the command hands on what it was told, and each
// refuses the same values in the same words.
#pragma once

#include <jacquard/command/command.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jacquard::model {

inline constexpr const char* what_check_does =
    "Runs model checks: small concurrent programs through every execution an engine can see.";

/// What the command line said. What is empty was not said: each check has defaults of its own.
struct check_options {
  command::shared_options shared;
  std::string engine = "all";
  std::string search;
  std::optional<std::uint32_t> bound;       // 1 to 9
  std::optional<std::uint32_t> depth;       // 1 to 9
  std::optional<std::uint32_t> spurious;    // 0 to 9
  std::optional<std::uint64_t> seed;        // 0 to 2^62
  std::optional<std::uint64_t> iterations;  // 1 to 2^50
  std::optional<double> seconds;            // 0.001 to 1e6
  std::string schedule;                     // or @FILE
  bool trap = false;                        // with a schedule
  std::optional<std::uint32_t> workers;     // 1 to 64
  std::string shard;                        // I/N, I from 0 to N-1, N from 1 to 65536
  std::string checkpoint;                   // a file, of one check
  std::string resume;                       // such a file
  std::string page;                         // a file, of one check
  std::string keep_schedule;                // a file, of one check
  bool history = false;
  bool mutate = false;
  bool sabotage = false;
  bool seeded_bugs = false;
  std::string mutate_path;
};

/// "I/N" as the numbers of a shard and of all. None where it is no such text, or out of range.
[[nodiscard]] std::optional<std::pair<std::uint32_t, std::uint32_t>> shard_from(
    const std::string& text);

/// Adds every option, the shared ones among them, with its range.
void add_check_options(CLI::App& app, check_options& options);

/// What was said that no run would heed, in one line: the option, its value, and where it is allowed. None where every
/// option has something to do. An engine of the user's own is not judged. After parsing.
[[nodiscard]] std::optional<std::string> heeded_by_nothing(const check_options& options);

/// The words that say the same to an engine's program: what `app` was told, without the shared options and
/// --engine, which are the caller's. After parsing.
[[nodiscard]] std::vector<std::string> words_to_hand_on(const CLI::App& app);

}  // namespace jacquard::model
