// jacquard/messaging/fan.hpp: many strands on one channel, and many channels into one.
//
//   spawned<fan_report> pool = spawn(workers, fan_out(jobs, work, {.strands = 100}));
//   ...                                    // send jobs
//   jobs.close();                          // or send a sentinel: see fan_out_until
//   const fan_report done = co_await pool; // every job that was accepted has been handled
//
// All of them end when their sources are closed and drained, or, the `_until` forms, when a sentinel has gone
// round. They hand each message to exactly one handler, and say how many each strand had.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>
#include <jacquard/messaging/when_all.hpp>

namespace jacquard {

struct fan_options {
  /// Strands that share the channel. >= 1
  std::uint32_t strands = 1;
  /// After how many messages a strand lets the others go first; 0: never. A small number shares evenly, a
  /// large one keeps a strand's data warm.
  std::uint32_t yield_every = 64;
};

/// Who handled how many.
struct fan_report {
  std::vector<std::uint64_t> handled;  // by each strand

  [[nodiscard]] std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t each : handled) sum += each;
    return sum;
  }
  [[nodiscard]] std::uint64_t least() const noexcept {
    return handled.empty() ? 0 : *std::min_element(handled.begin(), handled.end());
  }
  [[nodiscard]] std::uint64_t most() const noexcept {
    return handled.empty() ? 0 : *std::max_element(handled.begin(), handled.end());
  }
};

/// Hands each message to `handle(T&&)` until the channel is closed and drained. How many it handled. `handle`
/// belongs to this strand. What it throws ends the strand, not the channel.
template <class Channel, std::invocable<typename Channel::value_type&&> F>
strand<std::uint64_t> drain(Channel& from, F handle, std::uint32_t yield_every = 0) {
  std::uint64_t count = 0;
  while (auto message = co_await from.receive()) {
    handle(std::move(*message));
    ++count;
    if (yield_every != 0 && count % yield_every == 0) co_await yield();
  }
  co_return count;
}

/// As drain, but ends at a message for which `is_sentinel(message)` holds, and sends it on for the next strand:
/// one sentinel ends all strands that share the channel. The channel has room (capacity >= 1), and the
/// sentinel is the last message sent: then everything before it is handled before anybody ends, for the channel
/// keeps its order, and the sentinel alone is left in the channel.
template <class Channel, std::invocable<typename Channel::value_type&&> F,
          std::predicate<const typename Channel::value_type&> S>
strand<std::uint64_t> drain_until(Channel& from, F handle, S is_sentinel,
                                  std::uint32_t yield_every = 0) {
  sync::native::require(from.capacity() >= 1, "a sentinel needs a channel with room to go round");
  std::uint64_t count = 0;
  while (auto message = co_await from.receive()) {
    if (is_sentinel(std::as_const(*message))) {
      (void)co_await from.send(
          std::move(*message));  // closed meanwhile: the others learn it by that
      break;
    }
    handle(std::move(*message));
    ++count;
    if (yield_every != 0 && count % yield_every == 0) co_await yield();
  }
  co_return count;
}

namespace detail {

// The vector gets a name of its own before it moves on: g++ 12 destroys a temporary that owns something twice
// when it is part of an aggregate that is built around a co_await.
inline strand<fan_report> report_of(std::vector<spawned<std::uint64_t>> all) {
  std::vector<std::uint64_t> handled = co_await when_all(std::span<spawned<std::uint64_t>>(all));
  fan_report report;
  report.handled = std::move(handled);
  co_return report;
}

}  // namespace detail

/// Fan-out: `strands` strands share the channel, each with its own copy of `handle`, on the executor of whoever
/// awaits or spawned this. Ends when all have; the first exception that a handler threw is thrown then.
template <class Channel, std::invocable<typename Channel::value_type&&> F>
strand<fan_report> fan_out(Channel& from, F handle, fan_options options = {}) {
  sync::native::require(options.strands >= 1, "fan_options.strands must be at least 1");
  executor& here = co_await this_executor();
  std::vector<spawned<std::uint64_t>> all;
  all.reserve(options.strands);
  for (std::uint32_t i = 0; i < options.strands; ++i) {
    all.push_back(spawn(here, drain(from, handle, options.yield_every)));
  }
  co_return co_await detail::report_of(std::move(all));
}

/// Fan-out that one sentinel ends; see drain_until. The channel may be used again once the sentinel, which
/// is left in it, was received.
template <class Channel, std::invocable<typename Channel::value_type&&> F,
          std::predicate<const typename Channel::value_type&> S>
strand<fan_report> fan_out_until(Channel& from, F handle, S is_sentinel, fan_options options = {}) {
  sync::native::require(options.strands >= 1, "fan_options.strands must be at least 1");
  executor& here = co_await this_executor();
  std::vector<spawned<std::uint64_t>> all;
  all.reserve(options.strands);
  for (std::uint32_t i = 0; i < options.strands; ++i) {
    all.push_back(spawn(here, drain_until(from, handle, is_sentinel, options.yield_every)));
  }
  co_return co_await detail::report_of(std::move(all));
}

/// Sends on what `from` holds until it is closed and drained, or `to` is closed. How many `to` accepted. Where `to`
/// is closed, the message in hand is destroyed, and `from` is left as it is.
template <class Source, class Sink>
strand<std::uint64_t> forward(Source& from, Sink& to) {
  std::uint64_t count = 0;
  while (auto message = co_await from.receive()) {
    if (co_await to.send(std::move(*message)) != send_result::accepted) break;
    ++count;
  }
  co_return count;
}

/// Fan-in: merges the sources into one channel, each source in its order, and closes it when all of them are
/// closed and drained. How many messages each source gave.
template <class Source, class Sink>
strand<fan_report> fan_in(std::vector<Source*> sources, Sink& to) {
  executor& here = co_await this_executor();
  std::vector<spawned<std::uint64_t>> all;
  all.reserve(sources.size());
  for (Source* const each : sources) all.push_back(spawn(here, forward(*each, to)));
  fan_report report = co_await detail::report_of(std::move(all));
  to.close();
  co_return report;
}

/// Sends a copy of each message to every channel that is open, in their order, and closes them when `from` is
/// closed and drained. A full one holds up all. How many messages went round.
template <class Source, class Sink>
strand<std::uint64_t> copy_to_all(Source& from, std::vector<Sink*> to) {
  std::uint64_t count = 0;
  while (auto message = co_await from.receive()) {
    for (Sink* const each : to) {
      typename Sink::value_type copy = *message;
      (void)co_await each->send(std::move(copy));
    }
    ++count;
  }
  for (Sink* const each : to) each->close();
  co_return count;
}

}  // namespace jacquard
