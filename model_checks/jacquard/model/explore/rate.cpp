// How fast the explorer is: six programs that public tests of stateless model checkers measure, written
// anew as real code over model::explore, each with the exact number of executions it must have.
//
// Figures of GenMC 0.11 for the same programs stand beside ours (one core of a similar machine).
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <jacquard/command/command.hpp>
#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>
#include <jacquard/model/explore/work.hpp>

namespace {

using namespace jacquard;
using model::explore;
using enum std::memory_order;
using word = explore::atomic<int>;

// Three threads: two add the two words to each other, one looks.
struct fib_bench {
  static constexpr unsigned thread_count = 3;
  word x{1}, y{1};
  void thread(unsigned i) {
    if (i == 2) {
      if (x.load(acquire) <= 144) (void)y.load(acquire);
      return;
    }
    for (int round = 0; round < 5; ++round) {
      const int a = x.load(acquire);
      const int b = y.load(acquire);
      (i == 0 ? x : y).store(a + b, release);
    }
  }
};

// Two readers of four words and two writers that write two words by turns.
template <unsigned First, unsigned Second, unsigned Words>
struct big {
  static constexpr unsigned thread_count = 4;
  word w[4];
  void look(unsigned reads, unsigned words) {
    for (unsigned k = 0; k < reads; ++k) (void)w[k % words].load(acquire);
  }
  void thread(unsigned i) {
    if (i == 0) look(First, Words);
    if (i == 1) look(Second, Words);
    if (i < 2) return;
    const unsigned base = Words == 4 ? (i - 2) * 2 : 0;
    for (int value = 1; value <= (Words == 4 ? 3 : 2); ++value) {
      const int stored = value + (Words == 3 && i == 3 ? 2 : 0);
      for (unsigned k = 0; k < (Words == 4 ? 2 : 3); ++k) w[base + k].store(stored, release);
    }
  }
};

template <unsigned N>
struct casw {
  static constexpr unsigned thread_count = N;
  word x{0};
  void thread(unsigned i) {
    int expected = 0;
    (void)x.compare_exchange_strong(expected, 1, relaxed, relaxed);
    x.store(static_cast<int>(i) + 3, release);
  }
};

template <unsigned N>
struct coherence {
  static constexpr unsigned thread_count = N + 1;
  word x{0}, y{0}, z{0};
  void thread(unsigned i) {
    if (i < 2) {
      x.store(static_cast<int>(i) + 1, release);
      (void)(i == 0 ? y : z).load(acquire);
      (void)x.load(acquire);
    } else {
      y.store(static_cast<int>(i) - 2, release);
      z.store(static_cast<int>(i) - 2, release);
    }
  }
};

struct program {
  std::string name;
  std::uint64_t executions;
  double other_seconds;  // GenMC 0.11
  model::certificate (*run)(const model::run_options&, const model::explore_options&);
};

const program programs[] = {
    {"fib_bench", 525'630, 2.05, model::run_explore<fib_bench>},
    {"big0", 82'472, 0.27, model::run_explore<big<7, 3, 4>>},
    {"big1", 2'950'753, 11.16, model::run_explore<big<8, 6, 4>>},
    {"big2", 14'973'624, 47.9, model::run_explore<big<5, 4, 3>>},
    {"casw(5)", 32'880, 0.16, model::run_explore<casw<5>>},
    {"CoA(5)", 57'600, 0.20, model::run_explore<coherence<5>>},
};

std::uint64_t resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::uint64_t value = 0;
    if (key == "VmHWM:" && status >> value) return value;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Executions a second of the explorer, real code on one core", "explore_rate"};
  command::shared_options shared;
  command::add_shared_options(app, shared);
  model::explore_options how;
  app.add_option("--workers", how.workers, "threads that share each search")
      ->check(CLI::Range(1, 64));
  std::uint32_t repeat = 1;
  app.add_option("--repeat", repeat, "run each program so often and take the median")
      ->check(CLI::Range(1, 1000));
  return command::run(app, argc, argv, [&] {
    std::vector<std::string> names;
    for (const program& p : programs) names.push_back(p.name);
    const std::vector<std::string> chosen = command::select(names, shared.filter, "programs");
    if (shared.list) {
      for (const std::string& name : chosen) fmt::print("{}\n", name);
      return command::outcome::held;
    }
    command::reporter out(shared);
    std::vector<double> rates;
    bool exact = true;
    for (const program& p : programs) {
      if (std::find(chosen.begin(), chosen.end(), p.name) == chosen.end()) continue;
      std::vector<model::certificate> runs;
      const std::clock_t cpu_begun = std::clock();
      for (std::uint32_t i = 0; i < repeat; ++i) {
        runs.push_back(p.run(
            {.progress = [&](const std::string& line) { out.progress(p.name + ": " + line); }},
            how));
      }
      const double cpu_seconds =
          static_cast<double>(std::clock() - cpu_begun) / CLOCKS_PER_SEC / repeat;
      std::sort(runs.begin(), runs.end(),
                [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
      const model::certificate& c = runs[runs.size() / 2];
      const bool right = std::all_of(runs.begin(), runs.end(), [&](const auto& each) {
        return each.verdict == model::verdict::holds && each.executions == p.executions;
      });
      exact = exact && right;
      const double rate = static_cast<double>(c.executions) / c.seconds;
      rates.push_back(rate);
      out.add({.name = p.name,
               .verdict = right ? "exact" : "WRONG",
               .figure = rate,
               .unit = "executions/s",
               .detail = fmt::format("{} executions, {} blocked, {:.3f} s ({:.3f} s of processor "
                                     "time); expected {}; GenMC 0.11 {:.0f}/s",
                                     c.executions, c.blocked, c.seconds, cpu_seconds, p.executions,
                                     static_cast<double>(p.executions) / p.other_seconds),
               .more = {{"executions", c.executions},
                        {"blocked", c.blocked},
                        {"seconds", c.seconds},
                        {"cpu_seconds", cpu_seconds},
                        {"peak_kib", resident_kib()}}});
    }
    std::sort(rates.begin(), rates.end());
    const std::size_t n = rates.size();
    const double median = n % 2 == 1 ? rates[n / 2] : (rates[n / 2 - 1] + rates[n / 2]) / 2;
    out.add({.name = "median",
             .verdict = exact ? "exact" : "WRONG",
             .figure = median,
             .unit = "executions/s",
             .detail = fmt::format("of {} programs; peak memory {} KiB", n, resident_kib())});
    out.finish();
    return exact ? command::outcome::held : command::outcome::found;
  });
}
