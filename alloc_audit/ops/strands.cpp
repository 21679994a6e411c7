// Operations of strands and channels.
#include <array>
#include <cstdint>
#include <thread>
#include <utility>

#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/fan.hpp>
#include <jacquard/messaging/strand.hpp>
#include <jacquard/messaging/when_all.hpp>

#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

using number = std::uint64_t;

// From one hand to the other.
std::uint64_t channel_try(std::uint64_t n) {
  channel<number> box({.capacity = 16});
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    must(box.try_send(number{done}) == send_result::accepted, "there is room");
    auto got = box.try_receive();
    must(got && *got == done, "what was sent is received");
  }
  return done;
}

strand<void> send_all(channel<number>& to, std::uint64_t n) {
  for (number i = 0; i < n; ++i) {
    number message = i;
    must(co_await to.send(std::move(message)) == send_result::accepted, "it is open");
  }
  to.close();
}
strand<std::uint64_t> receive_all(channel<number>& from) {
  std::uint64_t count = 0;
  while (auto message = co_await from.receive()) {
    must(*message == count, "in order");
    ++count;
  }
  co_return count;
}

// n messages from strand to strand, which wait for each other.
template <std::uint32_t Capacity>
std::uint64_t channel_strands(std::uint64_t n) {
  manual_executor hand;
  channel<number> box({.capacity = Capacity});
  spawned<void> sender = spawn(hand, send_all(box, n));
  spawned<std::uint64_t> receiver = spawn(hand, receive_all(box));
  hand.run_until_idle();
  sender.take();
  return receiver.take();
}

// n messages from thread to thread, which sleep.
std::uint64_t channel_threads(std::uint64_t n) {
  channel<number> box({.capacity = 16});
  std::thread sender([&] {
    for (number i = 0; i < n; ++i) {
      must(box.wait_send(number{i}) == send_result::accepted, "it is open");
    }
    box.close();
  });
  std::uint64_t count = 0;
  while (auto message = box.wait_receive()) ++count;
  sender.join();
  return count;
}

strand<number> leaf(number n) { co_return n; }

std::uint64_t strand_spawn(std::uint64_t n) {
  manual_executor hand;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    spawned<number> fresh = spawn(hand, leaf(done));
    hand.run_until_idle();
    must(fresh.take() == done, "it returns what it was given");
  }
  return done;
}

strand<std::uint64_t> call_often(std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) done += co_await leaf(1);
  co_return done;
}
std::uint64_t strand_call(std::uint64_t n) {
  manual_executor hand;
  spawned<std::uint64_t> caller = spawn(hand, call_often(n));
  hand.run_until_idle();
  return caller.take();
}

// Spawned, joined by a strand, on a worker.
strand<std::uint64_t> join_often(executor& where, std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) {
    spawned<number> child = spawn(where, leaf(1));
    done += co_await child;
  }
  co_return done;
}
std::uint64_t strand_join(std::uint64_t n) {
  native_environment world;
  scheduler workers(world, {});
  return block_on(workers, join_often(workers, n));
}

std::uint64_t strand_block_on(std::uint64_t n) {
  native_environment world;
  scheduler workers(world, {});
  std::uint64_t done = 0;
  while (done < n) done += block_on(workers, leaf(1));
  return done;
}

strand<void> nothing() { co_return; }
std::uint64_t strand_detach(std::uint64_t n) {
  manual_executor hand;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    detach(hand, nothing());
    hand.run_until_idle();
  }
  return done;
}

strand<std::uint64_t> yield_often(std::uint64_t n) {
  std::uint64_t done = 0;
  for (; done < n; ++done) co_await yield();
  co_return done;
}
std::uint64_t strand_yield(std::uint64_t n) {
  manual_executor hand;
  spawned<std::uint64_t> one = spawn(hand, yield_often(n));
  hand.run_until_idle();
  return one.take();
}

// Three strands of two types, all of them awaited.
strand<std::uint64_t> all_often(executor& where, std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) {
    spawned<number> one = spawn(where, leaf(1));
    spawned<std::uint64_t> two = spawn(where, yield_often(1));
    const auto results = co_await when_all(one, two);
    must(std::get<1>(results) == 1, "both have ended");
    done += std::get<0>(results);
  }
  co_return done;
}
std::uint64_t all_of_two(std::uint64_t n) {
  manual_executor hand;
  spawned<std::uint64_t> joiner = spawn(hand, all_often(hand, n));
  hand.run_until_idle();
  return joiner.take();
}

// n messages to four strands that share the channel.
std::uint64_t fan(std::uint64_t n) {
  manual_executor hand;
  channel<number> jobs({.capacity = 64});
  spawned<void> sender = spawn(hand, send_all(jobs, n));
  spawned<fan_report> pool =
      spawn(hand, fan_out(jobs, [](number&&) {}, {.strands = 4, .yield_every = 8}));
  hand.run_until_idle();
  sender.take();
  return pool.take().total();
}

const registered all[] = {{"channel.try", channel_try},
                          {"channel.strands", channel_strands<64>},
                          {"channel.strands_meet", channel_strands<0>},
                          {"channel.threads", channel_threads},
                          {"fan_out.message", fan},
                          {"strand.block_on", strand_block_on},
                          {"strand.call", strand_call},
                          {"strand.detach", strand_detach},
                          {"strand.join", strand_join},
                          {"strand.spawn", strand_spawn},
                          {"strand.yield", strand_yield},
                          {"when_all.strands", all_of_two}};

}  // namespace
}  // namespace jacquard::audit
