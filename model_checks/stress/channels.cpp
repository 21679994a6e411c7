// stress/channels.cpp: strands and plain threads send into one channel and receive from it, and it is closed: at the
// end, or in the middle. What was accepted is received, once, and what one sender sent comes in order to each receiver.
#include <stress/books.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include <jacquard/actor/scheduler.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>
#include <stress/run.hpp>

namespace jacquard::stress {
namespace {

constexpr std::uint32_t senders = 4, letters = 8;

struct letter {
  parcel content;
  std::uint32_t sender;
  std::uint32_t turn;
};
using mail = channel<letter>;

struct ledger {
  books accounts;
  std::atomic<std::uint32_t> accepted{0}, received{0};

  letter write(std::uint32_t sender, std::uint32_t turn) {
    return {.content = parcel(accounts), .sender = sender, .turn = turn};
  }
  void book(send_result result) {
    if (result == send_result::accepted) accepted.fetch_add(1, std::memory_order::relaxed);
  }
  void read(const letter& got, std::array<std::uint32_t, senders>& last) {
    got.content.handle();
    require(last[got.sender] < got.turn, "what one sender sent comes in order to each receiver");
    last[got.sender] = got.turn;
    received.fetch_add(1, std::memory_order::relaxed);
  }
};

strand<> send_all(ledger& in, mail& box, std::uint32_t sender) {
  for (std::uint32_t turn = 1; turn <= letters; ++turn) {
    letter fresh = in.write(sender, turn);
    const send_result result = co_await box.send(std::move(fresh));
    in.book(result);
  }
}
strand<> receive_all(ledger& in, mail& box) {
  std::array<std::uint32_t, senders> last{};
  for (;;) {
    auto got = co_await box.receive();
    if (!got) co_return;
    in.read(*got, last);
  }
}

void channels(std::uint64_t seed) {
  ledger in;
  shaken_environment world(seed);
  {
    constexpr std::array<std::uint32_t, 4> capacities{0, 1, 3, unbounded};
    mail box({.capacity = capacities[pick(4)]});
    scheduler workers(world, {.workers = 1 + pick(3)});
    std::vector<spawned<void>> sending, receiving;
    for (std::uint32_t i = 0; i < 2; ++i) {
      sending.push_back(spawn(workers, send_all(in, box, i)));
      receiving.push_back(spawn(workers, receive_all(in, box)));
    }
    {
      crowd receivers(seed);
      receivers.add([&] {
        std::array<std::uint32_t, senders> last{};
        while (auto got = box.wait_receive()) in.read(*got, last);
      });
      {
        crowd outside(seed);
        for (std::uint32_t i = 2; i < senders; ++i) {
          outside.add([&, i] {
            for (std::uint32_t turn = 1; turn <= letters; ++turn) {
              letter fresh = in.write(i, turn);
              in.book(one_in(2)
                          ? box.wait_send(std::move(fresh),
                                          sync::native::after(std::chrono::microseconds(pick(300))))
                          : box.try_send(std::move(fresh)));
            }
            if (i == 2 && seed % 2 == 1) (void)box.close();
          });
        }
      }
      for (auto& each : sending) each.wait();
      (void)box.close();
      for (auto& each : receiving) each.wait();
    }
  }
  in.accounts.close();
  require(in.accepted.load() == in.received.load(), "what was accepted is received, once");
}

[[maybe_unused]] const bool added = add("channels", "channel I1 I2 I3", &channels);

}  // namespace
}  // namespace jacquard::stress
