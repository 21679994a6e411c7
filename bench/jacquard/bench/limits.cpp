// bench_limits: what single operations on shared words cost on this machine, on one thread. The parts that
// the queues' figures are made of; each is the fastest of 60 rounds of 20,000.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include <jacquard/bench/clock.hpp>
#include <jacquard/bench/placement.hpp>

namespace {

using namespace jacquard::bench;
constexpr auto relaxed = std::memory_order::relaxed;  // one thread: only the instruction matters

struct alignas(128) word {
  std::atomic<std::uint64_t> value{0};
};
std::array<word, 2> words;

void claim(std::atomic<std::uint64_t>& at) {
  std::uint64_t seen = at.load(relaxed);
  (void)at.compare_exchange_weak(seen, seen + 1, relaxed);
}

template <class F>
void print(const char* name, const clock_facts& clock, F&& operation) {
  constexpr int operations = 20'000;
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 60; ++round) {
    const std::uint64_t start = ticks();
    for (int i = 0; i < operations; ++i) operation();
    best = std::min(best, clock.ns(start, ticks()) / operations);
  }
  fmt::print("{:<44} {:>6.2f} ns\n", name, best);
}

}  // namespace

int main() {
  (void)pin_to(allowed_processors().front());
  const clock_facts clock = probe_clock();
  print("load, compare-and-swap of one word", clock, [] { claim(words[0].value); });
  std::uint64_t guess = words[0].value.load(relaxed);
  print("compare-and-swap, expected in a register", clock, [&guess] {
    if (words[0].value.compare_exchange_weak(guess, guess + 1, relaxed)) ++guess;
  });
  print("load, compare-and-swap of two words in turn", clock, [] {
    claim(words[0].value);
    claim(words[1].value);
  });
  print("fetch_add", clock, [] { (void)words[0].value.fetch_add(1, relaxed); });
  print("release store", clock, [] { words[0].value.store(1, std::memory_order::release); });
  fmt::print("{:<44} {:>6.2f} ns\n{:<44} {:>6.2f} GHz\n", "read of the clock", clock.read_cost_ns,
             "core", clock.core_ghz);
  return 0;
}
