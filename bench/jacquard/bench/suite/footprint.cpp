// What a small program weighs: its file, stripped, and the most memory it ever held. The program is
// bench_small_program, which stands beside this one; it is run anew in every trial.
#include <cstdio>
#include <filesystem>
#include <string>

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

// Runs it to its end; its peak in bytes, or a fault. The program says its peak itself: what the kernel tells the parent
// (ru_maxrss) counts the parent's own memory, from before the program was loaded.
std::string run_once(double& peak_bytes) {
  FILE* const said = popen(("'" + small_program().string() + "'").c_str(), "r");
  if (said == nullptr) return "the small program could not be started";
  double kilobytes = 0.0;
  const int read = std::fscanf(said, "%lf", &kilobytes);
  if (pclose(said) != 0) return "the small program gave a wrong answer";
  if (read != 1 || kilobytes <= 0.0) return "the small program did not say its peak";
  peak_bytes = kilobytes * 1024.0;
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
