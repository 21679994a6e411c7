// jacquard/sim/fault_plan.hpp: what goes wrong in a run, as data.
//
// Shape       A seed generates a plan; the plan is an explicit list; the list is what runs, what is saved
//             and what is shrunk. Randomness that is not listed stays keyed to the seed, so removing a
//             fault changes nothing but that fault.
// Format      TOML: schema, scenario, seed, optionally messages and producers, and [[fault]] tables.
//             Unknown keys and values out of range are refused with key, value and what is allowed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

struct scenario;

enum class fault_kind : std::uint8_t {
  slow,       // the consumer takes `factor` times as long
  pause,      // the consumer stops, and goes on
  restart,    // the consumer loses what it has in hand, and comes back
  stall,      // a producer stops between claim and publish, in each of its next `count` sends
  burst,      // producers send `percent` faster
  delay,      // the link takes `extra` longer
  loss,       // the link loses `percent`
  duplicate,  // the link delivers `percent` twice
  close,      // somebody closes the mailbox, or the channel
  // Of actors; there, pause keeps a worker from the processor:
  crash,  // an actor's next handler throws
  kill,   // an actor is killed
  stop,   // an actor is told to stop
  late,   // the world notices timers `extra` later
};
inline constexpr std::size_t fault_kind_count = 13;

/// It happens, and lasts no time.
[[nodiscard]] constexpr bool is_instant(fault_kind kind) noexcept {
  return kind == fault_kind::close || kind == fault_kind::crash || kind == fault_kind::kill ||
         kind == fault_kind::stop;
}
/// What it hits is an actor, by number.
[[nodiscard]] constexpr bool hits_an_actor(fault_kind kind) noexcept {
  return kind == fault_kind::crash || kind == fault_kind::kill || kind == fault_kind::stop;
}

[[nodiscard]] std::string_view to_string(fault_kind kind) noexcept;

/// What a file calls the one that it hits: producer, worker or actor.
[[nodiscard]] std::string_view whom_key(fault_kind kind) noexcept;

/// No producer in particular: all of them.
inline constexpr std::uint32_t every_producer = 0xffff'ffffu;

struct fault {
  std::string id;
  fault_kind kind = fault_kind::slow;
  nanoseconds at = 0;
  nanoseconds lasts = 0;      // "for" in a file; not where it is_instant
  std::uint32_t factor = 0;   // slow: [2, 1000]
  std::uint32_t percent = 0;  // burst: [1, 1000]; loss, duplicate: [1, 100]
  std::uint32_t count = 0;    // stall: [1, 1000]
  nanoseconds extra = 0;      // delay, late
  /// Which producer (stall, delay, loss, duplicate), worker (pause of actors) or actor (crash, kill, stop; modulo
  /// the story's actors).
  std::uint32_t producer = every_producer;

  friend bool operator==(const fault&, const fault&) = default;
};

/// A run: which scenario, which seed, which faults; and where it differs from the scenario.
struct plan {
  std::string scenario;
  std::uint64_t seed = 0;
  std::optional<std::uint32_t> messages;   // each producer's. [1, 100000]
  std::optional<std::uint32_t> producers;  // [1, 64]
  std::optional<std::uint32_t> capacity;   // [1, 1048576]
  std::optional<std::uint32_t> batch;      // what one receive takes at most. [1, 64]
  std::optional<jacquard::overflow> overflow;
  std::vector<fault> faults;

  friend bool operator==(const plan&, const plan&) = default;
};

inline constexpr std::size_t faults_max = 1000;

/// The scenario as the plan changes it.
[[nodiscard]] sim::scenario adjusted(sim::scenario story, const plan& what);

/// The plan that a seed means.
[[nodiscard]] plan generate(const sim::scenario& story, std::uint64_t seed);

/// Reads a plan; the error is one line that names key, value and what is allowed.
[[nodiscard]] tl::expected<plan, std::string> parse_plan(std::string_view text);
/// Empty where the plan can be run, otherwise what is wrong with it. (parse_plan has asked already.)
[[nodiscard]] std::optional<std::string> problem(const plan& what);
/// The text that parse_plan reads back as the same plan.
[[nodiscard]] std::string to_toml(const plan& what);

}  // namespace jacquard::sim
