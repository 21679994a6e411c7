// What an alarm at a high-water mark costs the messages that pass it: none set, one that is never reached, and one that
// was reached and stays so, which is when a sender has most to look at.
#include <cstdint>
#include <optional>
#include <utility>

#include <jacquard/bench/message.hpp>
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/messaging/channel.hpp>

namespace jacquard::bench::suite {

namespace {

enum class mark { none, not_reached, reached };

template <mark Where>
std::optional<std::uint32_t> high_water() {
  if constexpr (Where == mark::none) return std::nullopt;
  return Where == mark::reached ? 1u : high_water_max;
}
// Alarms of a lap: the first message's, where that is the mark. The low one is below it, and the lap ends there.
template <mark Where>
constexpr std::uint64_t alarms_of(std::uint64_t laps) {
  return Where == mark::reached ? laps : 0;
}

void count_call(void* who) noexcept { ++*static_cast<std::uint64_t*>(who); }

template <mark Where, class Options>
Options options_of(std::uint64_t& alarms) {
  Options options{.capacity = unbounded};
  options.high_water = high_water<Where>();
  if (Where != mark::none) options.on_high_water = {.call = &count_call, .who = &alarms};
  return options;
}

// Two laps, of which the second is timed: what is sent first, all of it, and what is received after.
template <class Send, class Receive>
trial_result sends_and_receives(const trial_plan& plan, Send&& send, Receive&& receive) {
  std::uint64_t refused = 0;
  std::uint64_t wrong = 0;
  const auto send_all = [&] {
    for (std::uint64_t i = 0; i < plan.operations; ++i) refused += send(i) ? 0 : 1;
  };
  const auto receive_all = [&] {
    for (std::uint64_t i = 0; i < plan.operations;) i += receive(i, wrong);
  };
  send_all();
  receive_all();
  const stretch timed(plan);
  send_all();
  trial_result made = timed.done(ticks(), plan.operations);
  const stretch taking(plan);
  receive_all();
  const trial_result taken = taking.done(ticks(), plan.operations);
  made.figures = {{.name = "receive_ns",
                   .value = taken.ns / static_cast<double>(plan.operations),
                   .unit = "ns"},
                  {.name = "receive_cpu_ns",
                   .value = (taken.spent.user_ns + taken.spent.system_ns) /
                            static_cast<double>(plan.operations),
                   .unit = "ns"}};
  made.fault = first_fault(
      {expect("sends that were refused", refused, 0), expect("messages out of order", wrong, 0)});
  return made;
}

template <mark Where>
trial_result through_channel(const trial_plan& plan) {
  (void)pin_to(plan.processors.front());
  std::uint64_t alarms = 0;
  channel<std::uint64_t> lane(options_of<Where, channel_options>(alarms));
  trial_result made = sends_and_receives(
      plan,
      [&](std::uint64_t number) {
        return lane.try_send(std::move(number)) == send_result::accepted;
      },
      [&](std::uint64_t next, std::uint64_t& wrong) {
        auto got = lane.try_receive();
        wrong += got && *got == next ? 0 : 1;
        return std::uint64_t{1};
      });
  if (made.fault.empty()) made.fault = expect("alarms", alarms, alarms_of<Where>(2));
  return made;
}

template <mark Where>
trial_result through_mailbox(const trial_plan& plan) {
  (void)pin_to(plan.processors.front());
  std::uint64_t alarms = 0;
  linked_mailbox<std::uint64_t> lane(options_of<Where, mailbox_options<std::uint64_t>>(alarms));
  trial_result made = sends_and_receives(
      plan,
      [&](std::uint64_t number) { return lane.send(std::move(number)) == send_result::accepted; },
      [&](std::uint64_t next, std::uint64_t& wrong) {
        return std::uint64_t{
            lane.receive(64, [&](std::uint64_t&& got) { wrong += got == next++ ? 0 : 1; })
                .messages};
      });
  if (made.fault.empty()) made.fault = expect("alarms", alarms, alarms_of<Where>(2));
  return made;
}

// An actor that sends itself 64 messages in one turn and handles them, again and again.
constexpr std::uint64_t lap = 64;
struct next_lap {};
struct tick {
  std::uint64_t number;
};
struct crowd {
  using messages = jacquard::messages<tick, next_lap>;
  crowd(std::uint64_t until, bell& end) : until_(until), end_(end) {}
  void on(context<crowd>& here, const next_lap&) {
    for (std::uint64_t i = 0; i < lap; ++i) refused_ += tell(here, tick{sent_++});
    refused_ += sent_ < until_ ? tell(here, next_lap{}) : 0;
  }
  void on(context<crowd>&, const tick& m) {
    refused_ += m.number == handled_ ? 0 : 1;
    if (++handled_ == until_ && refused_ == 0) end_.ring();
  }

 private:
  template <class M>
  std::uint64_t tell(context<crowd>& here, M message) {
    return here.self().tell(std::move(message)) == send_result::accepted ? 0 : 1;
  }
  std::uint64_t until_;
  bell& end_;
  std::uint64_t sent_ = 0;
  std::uint64_t handled_ = 0;
  std::uint64_t refused_ = 0;
};

template <mark Where>
trial_result through_actor(const trial_plan& plan) {
  stage here(plan);
  const std::uint64_t messages = plan.operations / lap * lap;
  bell end;
  const auto run = [&](std::uint64_t count) {
    end.reset();
    const auto one = here.system().spawn<crowd>({.high_water = high_water<Where>()}, count, end);
    const bool sent = one.tell(next_lap{}) == send_result::accepted;
    const std::uint64_t at = sent ? end.wait() : ticks();
    one.stop();
    return at;
  };
  (void)run(10 * lap);
  const stretch timed(plan);
  const std::uint64_t at = run(messages);
  trial_result made = timed.done(at, messages);
  const std::string closed = here.close();
  const std::uint64_t alarms = here.system().counters().high_water_alarms;
  made.fault = first_fault({closed, expect("an alarm where there must be some, or none",
                                           alarms != 0 ? 1 : 0, alarms_of<Where>(1))});
  return made;
}

std::vector<arm> arms(trial_result (*none)(const trial_plan&),
                      trial_result (*not_reached)(const trial_plan&),
                      trial_result (*reached)(const trial_plan&)) {
  return {{.name = "jacquard", .run = none},
          {.name = "mark_not_reached", .run = not_reached},
          {.name = "mark_reached", .run = reached}};
}

}  // namespace

std::vector<benchmark> high_water_benchmarks() {
  return {
      {.name = "channel_unbounded",
       .about = "sends to an unbounded channel while nobody receives; the receives apart",
       .operations = 100'000,
       .tiny = 1'000,
       .blocks = 5,
       .arms = arms(through_channel<mark::none>, through_channel<mark::not_reached>,
                    through_channel<mark::reached>)},
      {.name = "mailbox_unbounded",
       .about = "the same of an unbounded linked mailbox",
       .operations = 100'000,
       .tiny = 1'000,
       .blocks = 5,
       .arms = arms(through_mailbox<mark::none>, through_mailbox<mark::not_reached>,
                    through_mailbox<mark::reached>)},
      {.name = "actor_high_water",
       .about = "messages that an actor sends itself, 64 at a time, and handles",
       .operations = 256'000,
       .tiny = 1'280,
       .blocks = 5,
       .arms = arms(through_actor<mark::none>, through_actor<mark::not_reached>,
                    through_actor<mark::reached>)},
  };
}

}  // namespace jacquard::bench::suite
