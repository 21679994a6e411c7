// jacquard/sim/scenario.hpp: a story about one mailbox, or about actors: who sends how fast, who receives how slowly,
// what may go wrong, and what must have been seen.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <jacquard/sim/delay.hpp>
#include <jacquard/sim/fault_plan.hpp>
#include <jacquard/sim/port.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

/// Something that must happen in some run of a campaign, or the campaign tests less than it seems to.
enum class point : std::uint8_t {
  full,                 // as many messages waited as the capacity allows
  busy,                 // a send was answered busy
  dropped_newest,       //
  evicted_oldest,       //
  blocked_then_sent,    // a sender waited for room and got it
  deadline,             // a sender waited for room until its deadline
  too_large,            //
  refused_closed,       // a send came after close
  head_of_line,         // the consumer found a claimed place that was not published yet
  claim_across_close,   // the mailbox closed while a sender stood between claim and publish
  eviction_stood_back,  // drop_oldest found the oldest message unpublished and said busy
  control_overtook,     // a control message was handed out before a letter accepted earlier
  backlog_at_pause,     // the consumer was paused while messages waited
  lost_at_restart,      // the consumer was restarted with messages in hand
  lost_on_link,         //
  duplicated_on_link,   //
  alarm,                // an unbounded mailbox grew past its alarm depth
  drained_at_close,     // close found messages waiting, and they were handed out
  recovered,            // after a burst the consumer caught up and went idle
  // Of actors:
  stolen,               // a worker ran a task from another's deque
  stalled_in_handler,   // a worker got no processor in the middle of a handler
  time_yield,           // an activation ended because its time was used up
  crashed,              // a handler threw
  killed_with_backlog,  // an actor was killed while parcels waited for it
  expired,              // a parcel or a question was late when it was taken out
  answer_ready,         // a question ended with an answer
  answer_timed_out,     // its asker gave up at a deadline
  answer_cancelled,     // its asker gave it up
  answer_target_down,   // who was asked ended first
  answer_failed,        // or failed
  answer_late,          // an answer came after its asker had given up
  tick_late,            // a periodic timer was noticed after its next due time
  timer_cancelled,      // a cancel came before the timer
  held_back,            // a stage of a pipeline kept a parcel because the next had no room
  strand_waited,        // a strand waited for a message, or for room
  told_of_close,        // a strand that waited was told that the channel closed
  ended_in_time,        // a shutdown under load was complete at its deadline
  stuck_at_deadline,    // or it was not, and named who was stuck
  answer_continued,     // an actor heard of its answer in its own turn
  name_reused,          // an actor was born under the name of one that had ended
};
inline constexpr std::size_t point_count = 40;

[[nodiscard]] std::string_view to_string(point seen) noexcept;

/// Up to `most` and at least `least` faults of a kind are put into a generated plan.
struct fault_rule {
  fault_kind kind;
  std::uint32_t least = 0;
  std::uint32_t most = 1;
};

class actor_world;
struct run_options;

struct scenario {
  std::string name;
  std::string summary;

  /// Actors: how many workers run them, and who makes their world. 0: a story about one mailbox.
  std::uint32_t workers = 0;
  std::unique_ptr<actor_world> (*make)(const scenario& story, const plan& what,
                                       const run_options& options) = nullptr;

  mailbox_kind kind = mailbox_kind::ring;
  jacquard::overflow overflow = jacquard::overflow::reject;
  std::uint32_t capacity = 32;
  nanoseconds block_for = 200 * microsecond;

  std::uint32_t producers = 4;
  std::uint32_t messages = 120;             // each producer's
  std::uint32_t too_large_per_million = 0;  // letters beyond payload_bytes_max
  std::uint32_t orders = 0;                 // control messages in the run
  std::uint32_t batch = 8;                  // what one receive takes at most
  std::uint32_t alarm_depth = 0;            // 0: none

  delay gap;      // between two messages of one producer
  delay link;     // from a producer to the mailbox
  delay service;  // of one message
  delay wake;     // from the schedule hook to the consumer's first look

  /// The seed also draws capacity, batch, producers and overflow policy, into the plan.
  bool swarm = false;
  std::vector<fault_rule> faults;
  std::vector<point> sometimes;
  /// Of the messages that producers sent, at least so many in a thousand are handled. Low where a plan may
  /// drown the consumer; below it a run tests next to nothing.
  std::uint32_t handled_per_mille_min = 25;
  /// After the world is healed and the mailbox closed, it drains within this.
  nanoseconds drain_within = 100 * millisecond;

  [[nodiscard]] bool has_actors() const noexcept { return workers > 0; }

  /// About how long the producers send: where faults are placed.
  [[nodiscard]] nanoseconds span() const noexcept {
    return static_cast<nanoseconds>(messages) * (gap.floor + gap.jitter_mean);
  }
};

/// Those with actors.
[[nodiscard]] std::vector<scenario> actor_stories();
/// All scenarios, in a fixed order.
[[nodiscard]] std::span<const scenario> scenarios();
/// By name; null where there is none of that name.
[[nodiscard]] const scenario* scenario_named(std::string_view name);

}  // namespace jacquard::sim
