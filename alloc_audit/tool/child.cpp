#include "tool/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

#include <fmt/core.h>

namespace jacquard::audit {

namespace {

struct close_file {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using temporary = std::unique_ptr<std::FILE, close_file>;

std::string contents(std::FILE* file) {
  std::string text;
  std::array<char, 4096> buffer{};
  std::rewind(file);
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file)) {
    text.append(buffer.data(), got);
  }
  return text;
}

// Waits for the child; kills it at the deadline.
int wait_for(pid_t pid, std::chrono::seconds time_max, bool& timed_out) {
  const auto deadline = std::chrono::steady_clock::now() + time_max;
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid || (ended == -1 && errno != EINTR)) return status;
    if (std::chrono::steady_clock::now() > deadline) {
      timed_out = true;
      kill(pid, SIGKILL);
      while (waitpid(pid, &status, 0) == -1 && errno == EINTR) {
      }
      return status;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

std::string child_result::ending() const {
  if (!started) return fmt::format("could not be started ({})", std::strerror(exit_code));
  if (timed_out) return "did not end in time and was killed";
  if (signal != 0) return fmt::format("signal {} ({})", signal, strsignal(signal));
  return fmt::format("exit status {}", exit_code);
}

child_result run_child(const std::vector<std::string>& words, std::chrono::seconds time_max) {
  child_result result;
  const temporary output{std::tmpfile()};
  const temporary errors{std::tmpfile()};
  if (!output || !errors) {
    result.exit_code = errno;
    return result;
  }
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::array<const char*, 4> environment{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
                                               "GLIBC_TUNABLES=", nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(output.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(errors.get()), STDERR_FILENO);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(),
                                 const_cast<char* const*>(environment.data()));
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    result.exit_code = error;
    return result;
  }
  result.started = true;
  const int status = wait_for(pid, time_max, result.timed_out);
  if (WIFSIGNALED(status)) {
    result.signal = WTERMSIG(status);
  } else {
    result.exit_code = WEXITSTATUS(status);
  }
  result.output = contents(output.get());
  result.errors = contents(errors.get());
  return result;
}

}  // namespace jacquard::audit
