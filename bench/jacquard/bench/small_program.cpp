// bench_small_program: a small program as users write them, with one of each: two workers, a thousand actors, questions,
// a strand and a timer. Exits 0 where every answer is right, and prints its peak of resident memory in KiB. Its file and
// its memory are what binary_size and peak_rss weigh.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/strand.hpp>

namespace {

using namespace jacquard;

struct put {
  std::uint64_t amount;
};
struct total {
  using reply = std::uint64_t;
};

struct counter {
  using messages = jacquard::messages<put, total>;
  void on(context<counter>&, const put& m) { sum += m.amount; }
  std::uint64_t on(context<counter>&, const total&) { return sum; }
  std::uint64_t sum = 0;
};

strand<std::uint64_t> half(std::uint64_t number) { co_return number / 2; }

// The most that was ever resident, as the kernel counts it for this program alone; 0 where it does not say.
long peak_kilobytes() {
  long peak = 0;
  FILE* const status = std::fopen("/proc/self/status", "r");
  if (status == nullptr) return 0;
  char line[256];
  while (std::fgets(line, sizeof line, status) != nullptr) {
    if (std::sscanf(line, "VmHWM: %ld", &peak) == 1) break;
  }
  (void)std::fclose(status);
  return peak;
}

}  // namespace

int main() {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  std::vector<actor_ref<counter>> all;
  for (int i = 0; i < 1'000; ++i) all.push_back(system.spawn<counter>());
  for (std::uint64_t round = 1; round <= 10; ++round) {
    for (const auto& one : all) {
      if (one.tell(put{round}) != send_result::accepted) return 1;
    }
  }
  (void)system.send_after(all.front(), std::chrono::milliseconds{1}, put{1});
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    auto answer = all[i].ask(total{});
    if (answer.wait() != reply_status::ready) return 1;
    sum += answer.take();
  }
  if (block_on(system.workers(), half(sum)) != 999 * 55 / 2) return 1;
  if (!system.shutdown(std::chrono::seconds{10}).complete) return 1;
  std::printf("%ld\n", peak_kilobytes());
}
