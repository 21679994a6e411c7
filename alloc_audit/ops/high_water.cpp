// Messages to what has a high-water mark: one in four reaches it, and a hook is told.
#include <cstdint>
#include <utility>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/messaging/channel.hpp>

#include "ops/mailbox_ops.hpp"
#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

constexpr std::uint64_t lap = 4;

void count_call(void* who) noexcept { ++*static_cast<std::uint64_t*>(who); }

// Laps of four messages, all of them taken between.
template <class Send, class Take>
std::uint64_t laps(std::uint64_t n, const std::uint64_t& alarms, Send&& send, Take&& take) {
  std::uint64_t done = 0;
  std::uint64_t wanted = 0;
  while (done < n) {
    for (std::uint64_t i = 0; i < lap; ++i) {
      must(send() == send_result::accepted, "an alarm refuses nothing");
    }
    for (std::uint64_t got = 0; got < lap;) got += take();
    done += lap;
    must(alarms == ++wanted, "one alarm a lap");
  }
  return done;
}

template <class Box, std::uint32_t Capacity>
std::uint64_t mailbox_laps(std::uint64_t n) {
  std::uint64_t alarms = 0;
  Box box({.capacity = Capacity,
           .high_water = 3,
           .low_water = 1,
           .on_high_water = {.call = &count_call, .who = &alarms}});
  return laps(
      n, alarms, [&] { return box.send(letter{}); },
      [&] { return box.receive(64, [](letter&&) {}).messages; });
}

std::uint64_t channel_laps(std::uint64_t n) {
  std::uint64_t alarms = 0;
  channel<std::uint64_t> box({.capacity = unbounded,
                              .high_water = 3,
                              .low_water = 1,
                              .on_high_water = {.call = &count_call, .who = &alarms}});
  return laps(
      n, alarms, [&] { return box.try_send(1); },
      [&] { return box.try_receive() ? std::uint64_t{1} : std::uint64_t{0}; });
}

// An actor that sends itself the messages of a lap in one turn, so that the mark is reached in each.
struct tick {};
struct begin_lap {};
struct handled {
  using reply = std::uint64_t;
};
struct crowd {
  using messages = jacquard::messages<tick, begin_lap, handled>;
  void on(context<crowd>&, const tick&) { ++count; }
  void on(context<crowd>& here, const begin_lap&) {
    for (std::uint64_t i = 0; i < lap; ++i)
      must(here.self().tell(tick{}) == send_result::accepted, "an alarm refuses nothing");
  }
  std::uint64_t on(context<crowd>&, const handled&) const { return count; }
  std::uint64_t count = 0;
};

std::uint64_t actor_laps(std::uint64_t n) {
  std::uint64_t alarms = 0;
  native_environment world;
  actor_system system(
      world, {.on_high_water = {
                  .call = [](void* who, const high_water_alarm&) noexcept { count_call(who); },
                  .who = &alarms}});
  const auto one = system.spawn<crowd>({.high_water = 3, .low_water = 1});
  std::uint64_t done = 0;
  while (done < n) {
    must(one.tell(begin_lap{}) == send_result::accepted, "it lives");
    done += lap;
    // A question that comes before the lap's own messages is answered too early: then it is asked again.
    for (;;) {
      auto answer = one.ask(handled{});
      must(answer.wait() == reply_status::ready, "a live actor answers");
      if (answer.take() == done) break;
    }
  }
  one.stop();
  must(system.wait_until_empty(sync::deadline::never()), "it ends");
  must(alarms == done / lap, "one alarm a lap");
  return done;
}

const registered all[] = {
    {"actor.tell_high_water", actor_laps},
    {"channel.high_water", channel_laps},
    {"linked.high_water", mailbox_laps<linked_mailbox<letter>, 128>},
    {"linked_unbounded.high_water", mailbox_laps<linked_mailbox<letter>, unbounded>},
    {"locked.high_water", mailbox_laps<locked_mailbox<letter>, 128>}};

}  // namespace
}  // namespace jacquard::audit
