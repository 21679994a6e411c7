// So many threads to one mailbox: a ring, in which every send is a compare-and-swap of one word, beside eight shards, at
// the same number of places in all. Half of the senders are on the consumer's processor and half on the other, so at any
// moment two threads run at the most: what more processors do to a word that all of them write is not seen here. What is
// seen: a sender that is taken off its processor between claim and publish holds up a ring, or one shard; and a shard
// is full sooner than a ring of all its places.
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <jacquard/bench/message.hpp>
#include <jacquard/bench/placement.hpp>
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/mailbox/sharded_mailbox.hpp>

namespace jacquard::bench::suite {

namespace {

constexpr std::uint32_t shards = 8;
constexpr std::uint32_t senders_most = 64;
using ring = ring_mailbox<message>;
using sharded = sharded_mailbox<message, shards>;

// A try that failed pauses, and yields the processor now and then; at once where there are others on it.
struct pause {
  bool crowded;
  unsigned tries = 0;
  void once() {
    if (crowded || ++tries % 64 == 0) {
      std::this_thread::yield();
    } else {
      sync::native::spin_hint();
    }
  }
};

template <class Box, std::uint32_t Capacity>
trial_result contended(const trial_plan& plan, std::uint32_t senders) {
  Box box(mailbox_options<message>{.capacity = Capacity});
  std::array<std::uint64_t, senders_most> next{};
  message::lane damage{};
  bool disordered = false;
  const bool crowded = senders >= plan.processors.size();
  (void)pin_to(plan.processors.front());
  const auto lap = [&](std::uint64_t each) {
    std::atomic<std::uint32_t> ready{0};
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (std::uint32_t number = 0; number < senders; ++number) {
      threads.emplace_back([&, number, first = next[number]] {
        (void)pin_to(plan.processors[(number + 1) % plan.processors.size()]);
        ready.fetch_add(1);
        go.wait(false);
        pause wait{crowded};
        for (std::uint64_t i = 0; i < each; ++i) {
          while (box.send(message(number, first + i, 0)) != send_result::accepted) wait.once();
        }
      });
    }
    while (ready.load() != senders) std::this_thread::yield();
    const stretch timed(plan);
    go.store(true);
    go.notify_all();
    pause wait{crowded};
    for (std::uint64_t left = each * senders; left > 0;) {
      const std::uint32_t got = box.receive(batch_max,
                                            [&](message&& m) {
                                              damage |= m.damage();
                                              disordered |=
                                                  m.sequence() != next[m.sender() % senders_most]++;
                                            })
                                    .messages;
      left -= got;
      if (got == 0) wait.once();
    }
    trial_result made = timed.done(ticks(), each * senders);
    for (std::thread& thread : threads) thread.join();
    return made;
  };
  const std::uint64_t each = plan.operations / senders;
  (void)lap(std::min<std::uint64_t>(each, 64));
  trial_result made = lap(each);
  made.fault = first_fault({(damage[0] | damage[1]) != 0 ? "a message was damaged" : "",
                            disordered ? "a message was lost, doubled or out of order" : "",
                            box.size() != 0 ? "a message came that nobody sent" : "",
                            box.counters().balanced() ? "" : "the counters do not balance"});
  return made;
}

}  // namespace

std::vector<benchmark> contention_benchmarks() {
  std::vector<benchmark> list;
  for (const std::uint32_t senders : {1u, 4u, 16u, 64u}) {
    const auto arm_of = [senders](const char* name, auto run) {
      return arm{.name = name,
                 .run = [run, senders](const trial_plan& plan) { return run(plan, senders); },
                 .two_processors = true};
    };
    list.push_back(
        {.name = "mailbox_contention/" + std::to_string(senders),
         .about = std::to_string(senders) +
                  " thread(s) send to one mailbox of 512 or 4,096 places in all, on two processors",
         .operations = 204'800,
         .tiny = 64ull * 64,
         .blocks = 7,
         .arms = {arm_of("ring_mailbox", contended<ring, 512>),
                  arm_of("sharded_mailbox", contended<sharded, 512 / shards>),
                  arm_of("ring_mailbox_4096", contended<ring, 4096>),
                  arm_of("sharded_mailbox_4096", contended<sharded, 4096 / shards>)}});
  }
  return list;
}

}  // namespace jacquard::bench::suite
