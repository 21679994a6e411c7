// A pipeline with back-pressure: a fast source cannot flood a slow sink.
//
// Three strands and two bounded channels: read -> square -> add. A full channel makes its sender wait, that one makes
// the one before it wait, and so on up to the source: memory stays where it is, and nothing is dropped. The
// source counts how far ahead of the sink it ever was; the two capacities and what each stage holds in its hand bound
// that.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>

namespace {

using jacquard::channel;
using jacquard::strand;

constexpr std::int64_t items = 20'000;
constexpr std::uint32_t capacity = 8;

std::atomic<std::int64_t> added{0};  // what the sink has dealt with

// Returns how far it was ahead of the sink at most.
strand<std::int64_t> read(channel<std::int64_t>& to) {
  std::int64_t most_ahead = 0;
  for (std::int64_t item = 1; item <= items; ++item) {
    std::int64_t message = item;
    if (co_await to.send(std::move(message)) != jacquard::send_result::accepted) break;
    most_ahead = std::max(most_ahead, item - added.load(std::memory_order::relaxed));
  }
  to.close();  // what was accepted is still received
  co_return most_ahead;
}

strand<void> square(channel<std::int64_t>& from, channel<std::int64_t>& to) {
  while (auto item = co_await from.receive()) {
    if (co_await to.send(*item * *item) != jacquard::send_result::accepted) break;
  }
  to.close();
}

strand<std::int64_t> add(channel<std::int64_t>& from) {
  std::int64_t sum = 0;
  while (auto item = co_await from.receive()) {
    sum += *item;
    added.fetch_add(1, std::memory_order::relaxed);
    if (*item % 64 == 0) co_await jacquard::yield();  // a sink that takes its time
  }
  co_return sum;
}

}  // namespace

int main() {
  jacquard::native_environment world;
  jacquard::scheduler workers(world, {.workers = 2});
  channel<std::int64_t> numbers({.capacity = capacity});
  channel<std::int64_t> squares({.capacity = capacity});

  auto source = jacquard::spawn(workers, read(numbers));
  auto middle = jacquard::spawn(workers, square(numbers, squares));
  const std::int64_t sum = jacquard::block_on(workers, add(squares));
  middle.wait();
  const std::int64_t most_ahead = source.wait();

  // Two channels, one item in the hand of each stage, and one that the sink has but has not counted.
  const std::int64_t bound = 2 * std::int64_t{capacity} + 4;
  std::printf("%lld items, sum of squares %lld\n", static_cast<long long>(items),
              static_cast<long long>(sum));
  std::printf("the source was never more than %lld items ahead (at most %lld)\n",
              static_cast<long long>(most_ahead), static_cast<long long>(bound));
  return sum == items * (items + 1) * (2 * items + 1) / 6 && most_ahead <= bound ? 0 : 1;
}
