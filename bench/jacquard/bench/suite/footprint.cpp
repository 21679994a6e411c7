// What a small program weighs: its file, stripped, and the most memory it ever held. The program is
// bench_small_program, which stands beside this one; it is run anew in every trial.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

namespace fs = std::filesystem;

fs::path small_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path() / "bench_small_program";
}

std::string missing() {
  return fs::exists(small_program()) ? "" : "bench_small_program is not beside this program";
}

// Runs it to its end; its peak in bytes, or a fault.
std::string run_once(double& peak_bytes) {
  const std::string path = small_program().string();
  const pid_t child = fork();
  if (child < 0) return "cannot fork";
  if (child == 0) {
    execl(path.c_str(), path.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  struct rusage used {};
  if (wait4(child, &status, 0, &used) != child) return "the small program was not waited for";
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return "the small program gave a wrong answer";
  peak_bytes = static_cast<double>(used.ru_maxrss) * 1024.0;
  return {};
}

// operations: runs of the program.
trial_result runs(const trial_plan& plan, bool weigh_file) {
  double peak = 0.0;
  std::string fault;
  const stretch timed(plan);
  for (std::uint64_t i = 0; i < plan.operations && fault.empty(); ++i) {
    double one = 0.0;
    fault = run_once(one);
    peak = std::max(peak, one);
  }
  trial_result made = timed.done(ticks(), plan.operations);
  made.fault = fault;
  constexpr double megabyte = 1e6;
  if (weigh_file) {
    const double bytes = static_cast<double>(fs::file_size(small_program()));
    made.figures = {{.name = "stripped", .value = bytes / megabyte, .unit = "MB", .limit = 20.0}};
  } else {
    made.figures = {{.name = "small", .value = peak / megabyte, .unit = "MB", .limit = 50.0}};
  }
  return made;
}

}  // namespace

std::vector<benchmark> footprint_benchmarks() {
  return {
      {.name = "binary_size",
       .about = "the file of a small program with actors, questions, strands and timers, stripped",
       .operations = 1,
       .tiny = 1,
       .blocks = 1,
       .arms = {{.name = "jacquard",
                 .run = [](const trial_plan& plan) { return runs(plan, true); },
                 .missing = missing()}},
       .control = false},
      {.name = "peak_rss",
       .about = "the most resident memory of that program, of five runs",
       .operations = 5,
       .tiny = 1,
       .blocks = 1,
       .arms = {{.name = "jacquard",
                 .run = [](const trial_plan& plan) { return runs(plan, false); },
                 .missing = missing()}},
       .control = false}};
}

}  // namespace jacquard::bench::suite
