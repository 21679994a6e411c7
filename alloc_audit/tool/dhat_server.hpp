// tool/dhat_server.hpp: a program of operations that Valgrind's DHAT starts once and measures many times.
//
// Valgrind takes half a second to start: it reads the symbols of everything that is loaded. The program
// therefore stays, and forks for each run (`--serve`, ops/op.cpp). Each run begins where main began, in a process
// of its own, with a profile of its own; what the server itself holds is the same in each and cancels in the slope.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "tool/child.hpp"

namespace jacquard::audit {

/// Starts with the first run, and again after it has died. One thread at a time.
class dhat_server {
 public:
  /// `valgrind`: a path, or a name looked up on PATH. `scratch`: an existing folder; what is left there are the
  /// profiles that `run` was asked for. `time_max`: for one run.
  dhat_server(std::string valgrind, std::filesystem::path program, std::filesystem::path scratch,
              std::chrono::seconds time_max);
  ~dhat_server();
  dhat_server(const dhat_server&) = delete;
  dhat_server& operator=(const dhat_server&) = delete;

  /// Performs `operation` n times in a process of its own; its profile, where it left one, is then `profile`.
  /// Not started where Valgrind is missing; where the server died, what is told is how the server ended.
  [[nodiscard]] child_result run(const std::string& operation, std::uint64_t n,
                                 const std::filesystem::path& profile);

 private:
  using clock = std::chrono::steady_clock;

  int start();
  int stop(bool now);
  bool hears(const std::string& line);
  bool answers(const char* format, int& number, clock::time_point deadline);
  [[nodiscard]] std::filesystem::path own(const char* what) const;

  std::string valgrind_;
  std::filesystem::path program_;
  std::filesystem::path scratch_;
  std::chrono::seconds time_max_;
  pid_t server_ = -1;
  int line_ = -1;
};

}  // namespace jacquard::audit
