// tool/child.hpp: runs a program with a fixed environment, so that its stack starts at the same place
// each time, and says how it ended.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace jacquard::audit {

struct child_result {
  bool started = false;
  bool timed_out = false;
  int exit_code = 0;  // meaningful where signal == 0
  int signal = 0;
  std::string output;  // standard output
  std::string errors;  // standard error

  [[nodiscard]] bool clean() const noexcept {
    return started && !timed_out && signal == 0 && exit_code == 0;
  }
  /// "exit status 0", "signal 4 (Illegal instruction)", "did not end within 120 s", ...
  [[nodiscard]] std::string ending() const;
};

/// Runs words[0] (a path, or a name looked up on PATH) and waits for its end, at most `time_max`; then
/// it is killed.
[[nodiscard]] child_result run_child(const std::vector<std::string>& words,
                                     std::chrono::seconds time_max);

}  // namespace jacquard::audit
