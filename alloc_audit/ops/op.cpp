#include "ops/op.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace jacquard::audit {

namespace {

struct hooks {
  void (*before)();
  void (*report)();
};

int run_one(const char* program, std::string_view name, std::string_view count, hooks around) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), n);
  if (error != std::errc{} || end != count.data() + count.size() || n == 0 || n > 100'000'000) {
    std::fprintf(stderr, "%s: --n '%.*s' is not in [1, 100000000]\n", program,
                 static_cast<int>(count.size()), count.data());
    return 2;
  }
  for (const op& each : ops()) {
    if (each.name != name) continue;
    if (around.before != nullptr) around.before();
    const std::uint64_t done = each.run(n);
    if (around.report != nullptr) around.report();
    std::printf("ops_done %llu\n", static_cast<unsigned long long>(done));
    return std::fflush(stdout) == 0 ? 0 : 1;
  }
  std::fprintf(stderr, "%s: --op '%.*s' is unknown; --list names them\n", program,
               static_cast<int>(name.size()), name.data());
  return 2;
}

// The server allocates nothing: whatever it held would stand in the profile of every run.
class request {
 public:
  // False at the end of the input, or where a line is not a request.
  bool read() {
    std::size_t size = 0;
    for (char c = 0; c != '\n';) {
      const ssize_t got = ::read(STDIN_FILENO, &c, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got != 1 || size == line_.size()) return false;
      line_[size++] = c == '\t' || c == '\n' ? '\0' : c;
    }
    const char* at = line_.data();
    for (const char*& field : fields_) {
      if (at >= line_.data() + size) return false;
      field = at;
      at += std::string_view(at).size() + 1;
    }
    return true;
  }
  [[nodiscard]] const char* output() const { return fields_[0]; }
  [[nodiscard]] const char* errors() const { return fields_[1]; }
  [[nodiscard]] const char* operation() const { return fields_[2]; }
  [[nodiscard]] const char* count() const { return fields_[3]; }

 private:
  std::array<char, 16384> line_{};
  std::array<const char*, 4> fields_{};
};

void redirect(int stream, const char* file, int how) {
  const int opened = open(file, how, 0600);
  if (opened < 0 || dup2(opened, stream) < 0) _exit(126);
  close(opened);
}

// Says one line on what was standard output when the program began.
template <class... Numbers>
bool answer(const char* format, Numbers... numbers) {
  std::array<char, 64> line{};
  const int size = std::snprintf(line.data(), line.size(), format, numbers...);
  return write(STDOUT_FILENO, line.data(), static_cast<std::size_t>(size)) == size;
}

int serve(const char* program, hooks around) {
  request next;
  while (next.read()) {
    const pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
      redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
      redirect(STDOUT_FILENO, next.output(), O_WRONLY | O_CREAT | O_TRUNC);
      redirect(STDERR_FILENO, next.errors(), O_WRONLY | O_CREAT | O_TRUNC);
      std::exit(run_one(program, next.operation(), next.count(), around));
    }
    int status = 0;
    if (!answer("began %d\n", static_cast<int>(child))) return 1;
    while (waitpid(child, &status, 0) == -1) {
      if (errno != EINTR) return 1;
    }
    if (!answer("ended %d\n", status)) return 1;
  }
  return 0;
}

}  // namespace

std::vector<op>& ops() {
  static std::vector<op> all;
  return all;
}

void must(bool holds, const char* claim) noexcept {
  if (holds) return;
  std::fprintf(stderr, "audited operation: broken: %s\n", claim);
  std::exit(1);
}

int ops_main(int argc, char** argv, void (*before)(), void (*report)()) {
  const hooks around{.before = before, .report = report};
  std::sort(ops().begin(), ops().end(), [](const op& a, const op& b) { return a.name < b.name; });
  if (argc == 2 && std::string_view(argv[1]) == "--list") {
    for (const op& each : ops()) std::printf("%s\n", each.name.c_str());
    return 0;
  }
  if (argc == 2 && std::string_view(argv[1]) == "--serve") return serve(argv[0], around);
  if (argc != 5 || std::string_view(argv[1]) != "--op" || std::string_view(argv[3]) != "--n") {
    std::fprintf(stderr, "%s: takes --list, --serve, or --op NAME --n N with N in [1, 100000000]\n",
                 argv[0]);
    return 2;
  }
  return run_one(argv[0], argv[2], argv[4], around);
}

}  // namespace jacquard::audit
