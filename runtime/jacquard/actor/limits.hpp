// jacquard/actor/limits.hpp: what went through an inbox that is counted. tidy allows cards: inbox_bound.hpp has the card.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <jacquard/actor/inbox_bound.hpp>
#include <jacquard/actor/undelivered.hpp>
#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// What went through an inbox that has a bound or a mark. Exact at rest: sent == received + waiting + every `lost`.
struct inbox_counters {
  std::uint64_t sent = 0;                        // accepted or dropped
  std::uint64_t received = 0;                    // taken out to be handled
  std::uint64_t waiting = 0;                     // accepted, and neither
  std::uint64_t lost[undelivered_reasons] = {};  // by undelivered_reason
  std::uint64_t refused_busy = 0;
  std::uint64_t refused_deadline = 0;
  std::uint64_t refused_would_deadlock = 0;
  std::uint64_t high_water_alarms = 0;  // how often it reached its mark

  [[nodiscard]] std::uint64_t lost_for(undelivered_reason why) const noexcept {
    return lost[static_cast<std::size_t>(why)];
  }
};

/// The places of an inbox that has a bound or a mark, and its statistics. Made for a cell's first such actor, and kept.
struct limits : basic_inbox_bound<> {
  using count = sync::atomic<sync::native, std::uint64_t>;

  // Before there is an actor.
  void begin() noexcept {
    for (count& each : lost) each.store(0, std::memory_order::relaxed);     // a statistic
    for (count& each : refused) each.store(0, std::memory_order::relaxed);  // a statistic
    alarms.store(0, std::memory_order::relaxed);                            // a statistic
    before_.store(claimed(), std::memory_order::relaxed);                   // a statistic
  }
  static void bump(count& statistic) noexcept {
    statistic.fetch_add(1, std::memory_order::relaxed);  // a statistic
  }
  void lose(undelivered_reason why) noexcept { bump(lost[static_cast<std::size_t>(why)]); }
  send_result refuse(send_result why) noexcept {
    bump(refused[static_cast<std::size_t>(why)]);
    return why;
  }
  [[nodiscard]] inbox_counters counters() const noexcept;

  // The actor's worker, while a handler runs: who would wait for itself.
  sync::atomic<sync::native, std::uintptr_t> runner{0};
  count lost[undelivered_reasons] = {};
  count refused[static_cast<std::size_t>(send_result::would_deadlock) + 1] = {};
  count alarms{0};

 private:
  count before_{0};  // places claimed before this actor
};

inline inbox_counters limits::counters() const noexcept {
  inbox_counters now;
  std::uint64_t gone = 0;
  for (std::size_t i = 0; i < undelivered_reasons; ++i) {
    now.lost[i] = lost[i].load(std::memory_order::relaxed);  // a statistic
    if (i != static_cast<std::size_t>(undelivered_reason::dropped_newest)) gone += now.lost[i];
  }
  const auto refusals = [&](send_result why) {
    return refused[static_cast<std::size_t>(why)].load(std::memory_order::relaxed);  // a statistic
  };
  now.refused_busy = refusals(send_result::busy);
  now.refused_deadline = refusals(send_result::deadline);
  now.refused_would_deadlock = refusals(send_result::would_deadlock);
  now.high_water_alarms = alarms.load(std::memory_order::relaxed);  // a statistic
  // The figures are of different moments: a difference of theirs is never below zero.
  const auto less = [](std::uint64_t from, std::uint64_t by) { return from > by ? from - by : 0; };
  now.waiting = waiting();
  const std::uint64_t placed =
      less(claimed(), before_.load(std::memory_order::relaxed));  // likewise
  now.received = less(placed, now.waiting + gone);
  now.sent = placed + now.lost_for(undelivered_reason::dropped_newest);
  return now;
}

}  // namespace jacquard
