#include "tool/dhat_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/core.h>

namespace jacquard::audit {

namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

void forget(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

void say_how(child_result& run, int status) {
  if (WIFSIGNALED(status)) {
    run.signal = WTERMSIG(status);
  } else {
    run.exit_code = WEXITSTATUS(status);
  }
}

// DHAT reads %p in its file's name as the process, and %% as a %.
std::string literally(const std::string& path) {
  std::string text;
  for (const char c : path) text.append(c == '%' ? 2 : 1, c);
  return text;
}

}  // namespace

dhat_server::dhat_server(std::string valgrind, fs::path program, fs::path scratch,
                         std::chrono::seconds time_max)
    : valgrind_(std::move(valgrind)),
      program_(std::move(program)),
      scratch_(std::move(scratch)),
      time_max_(time_max) {}

dhat_server::~dhat_server() {
  if (server_ == -1) return;
  (void)stop(false);
  forget(own("log"));
}

fs::path dhat_server::own(const char* what) const {
  return scratch_ / fmt::format("server.{}.{}", static_cast<const void*>(this), what);
}

// 0, or why not.
int dhat_server::start() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return errno;
  const std::string profiles =
      "--dhat-out-file=" + literally((scratch_ / "profile.").string()) + "%p";
  const std::string log = own("log").string();
  const std::string program = program_.string();
  const std::array<const char*, 9> words{valgrind_.c_str(),  "--tool=dhat",       "--quiet",
                                         "--num-callers=40", "--fullpath-after=", profiles.c_str(),
                                         program.c_str(),    "--serve",           nullptr};
  // A fixed environment, as in child.cpp.
  const std::array<const char*, 4> environment{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
                                               "GLIBC_TUNABLES=", nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int error =
      posix_spawnp(&server_, words[0], &actions, nullptr, const_cast<char* const*>(words.data()),
                   const_cast<char* const*>(environment.data()));
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  line_ = ends[0];
  if (error == 0) return 0;
  close(line_);
  server_ = line_ = -1;
  return error;
}

// The server's status. It leaves when its line ends; `now`, or after a while, it is made to.
int dhat_server::stop(bool now) {
  close(line_);
  line_ = -1;
  const pid_t server = std::exchange(server_, -1);
  int status = 0;
  for (int waited = 0; waitpid(server, &status, WNOHANG) == 0; ++waited) {
    if (now || waited == 2'500) kill(server, SIGKILL);
    usleep(2'000);
  }
  forget(scratch_ / fmt::format("profile.{}", server));
  return status;
}

bool dhat_server::hears(const std::string& line) {
  return send(line_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

// False where the server has gone or does not answer so until `deadline`.
bool dhat_server::answers(const char* format, int& number, clock::time_point deadline) {
  std::string line;
  while (line.empty() || line.back() != '\n') {
    // Rounded up: who is told that nothing came in time finds the deadline passed.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{.fd = line_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, static_cast<int>(left)) == 0) continue;
    char c = 0;
    const ssize_t got = read(line_, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1) return false;
    line += c;
  }
  return std::sscanf(line.c_str(), format, &number) == 1;
}

child_result dhat_server::run(const std::string& operation, std::uint64_t n,
                              const fs::path& profile) {
  child_result result;
  forget(profile);
  if (server_ == -1) {
    result.exit_code = start();
    if (result.exit_code != 0) return result;
  }
  result.started = true;
  const fs::path output = own("out"), errors = own("errors");
  const auto deadline = clock::now() + time_max_;
  int child = -1, status = 0;
  const bool began =
      hears(fmt::format("{}\t{}\t{}\t{:09}\n", output.string(), errors.string(), operation, n)) &&
      answers("began %d", child, deadline);
  bool ended = began && answers("ended %d", status, deadline);
  if (began && !ended && clock::now() >= deadline) {
    result.timed_out = true;
    kill(child, SIGKILL);
    ended = answers("ended %d", status, clock::now() + std::chrono::seconds(10));
  }
  if (ended) {
    say_how(result, status);
    result.output = contents(output);
    result.errors = contents(errors);
    std::error_code ignored;
    fs::rename(scratch_ / fmt::format("profile.{}", child), profile, ignored);
  } else {
    result.timed_out = result.timed_out || clock::now() >= deadline;
    if (began) kill(child, SIGKILL);
    say_how(result, stop(true));
    result.errors = contents(own("log"));
    if (result.clean()) result.exit_code = EPROTO;  // it left in the middle of a run
  }
  for (const fs::path& file : {output, errors}) forget(file);
  if (server_ == -1) forget(own("log"));
  return result;
}

}  // namespace jacquard::audit
