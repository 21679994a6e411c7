// bench_small_program: a small program as users write them, with one of each: two workers, a thousand actors, questions,
// a strand and a timer. Exits 0 where every answer is right. Its file and its memory are what peak_rss and
// binary_size weigh.
#include <atomic>
#include <chrono>
#include <cstdint>
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
  return system.shutdown(std::chrono::seconds{10}).complete ? 0 : 1;
}
