#include <jacquard/bench/placement.hpp>

#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include <jacquard/bench/clock.hpp>

namespace jacquard::bench {

namespace {

std::vector<int> ask_for_processors() {
  std::vector<int> processors;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) processors.push_back(cpu);
    }
  }
  if (processors.empty()) processors.push_back(0);
  return processors;
}

// Asked before main, because a thread that has been pinned sees one processor only.
const std::vector<int> processors_at_start = ask_for_processors();

}  // namespace

const std::vector<int>& allowed_processors() { return processors_at_start; }

bool pin_to(int processor) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof(set), &set) == 0;
}

std::optional<seats> seats_for(placement where, const std::vector<int>& processors) {
  if (processors.empty()) return std::nullopt;
  if (where == placement::same_core) {
    return seats{.consumer = processors[0], .senders = {processors[0]}};
  }
  if (processors.size() < 2) return std::nullopt;
  return seats{.consumer = processors[0], .senders = {processors.begin() + 1, processors.end()}};
}

double probe_round_trip_ns(int a, int b, double ticks_per_ns) {
  if (a == b) return std::numeric_limits<double>::quiet_NaN();
  constexpr std::size_t batches = 40;
  constexpr std::uint32_t trips = 50;
  struct alignas(128) shared_line {
    std::atomic<std::uint32_t> turn{0};
  } line;
  // The value carries nothing but itself, so relaxed is enough. A side that waits long yields, so
  // that the probe ends on a busy machine too.
  const auto wait_for = [&line](std::uint32_t value) {
    for (unsigned tries = 0; line.turn.load(std::memory_order::relaxed) != value; ++tries) {
      if (tries > 20'000) std::this_thread::yield();
    }
  };
  std::thread partner([&] {
    (void)pin_to(b);
    for (std::uint32_t i = 0; i < batches * trips; ++i) {
      wait_for(2 * i + 1);
      line.turn.store(2 * i + 2, std::memory_order::relaxed);
    }
  });
  std::array<double, batches> took{};
  (void)pin_to(a);
  std::uint32_t trip = 0;
  for (double& ns : took) {
    const std::uint64_t start = ticks();
    for (std::uint32_t i = 0; i < trips; ++i, ++trip) {
      line.turn.store(2 * trip + 1, std::memory_order::relaxed);
      wait_for(2 * trip + 2);
    }
    ns = static_cast<double>(ticks() - start) / ticks_per_ns / trips;
  }
  partner.join();
  std::sort(took.begin(), took.end());
  return took[batches / 4];
}

std::string_view regime_of(double round_trip_ns) noexcept {
  if (std::isnan(round_trip_ns)) return "one-core";
  return round_trip_ns < 200.0 ? "near" : "far";
}

}  // namespace jacquard::bench
