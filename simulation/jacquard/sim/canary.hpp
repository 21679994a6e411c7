// jacquard/sim/canary.hpp: mailboxes and actors that are broken on purpose, each in one way. The checks must catch
// every one of them; a check that no canary can turn red is not known to work.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <jacquard/sim/port.hpp>

namespace jacquard::sim {

enum class canary : std::uint8_t {
  none,
  reorder,        // hands out a batch newest first, now and then
  lose,           // takes a letter and hands it to nobody
  duplicate,      // hands one letter out twice
  overfill,       // accepts one more than its capacity
  underfill,      // refuses while there is room for one more
  evict_control,  // says accepted and drops the control message, where letters wait
  late_control,   // hands control messages out last
  lost_wakeup,    // calls the schedule hook not every time
  double_wakeup,  // calls it twice, now and then
  never_done,     // says "more" where it has finished
  lost_close,     // throws away what waits when it is closed
  open_door,      // accepts after close
  miscount,       // counts one message too many
  calm,           // never lets a sender be stopped between claim and publish
  leak,           // behaves by what earlier runs of the same process did
  // Of actors:
  parcel_twice,    // a parcel is handled twice, now and then
  parcel_lost,     // a parcel that was accepted is thrown away
  parcel_reorder,  // a parcel is told after the next one
  two_workers,     // a second worker enters an actor that is in a handler
  ghost,           // an actor that has ended runs a handler
  unreported,      // somebody forgets to say that a parcel was not delivered
  two_answers,     // a question that was given up is answered as well
  counterfeit,     // a withdrawal gives what was not there
  roomy,           // a bounded inbox has one place more
  tick_twice,      // a timer fires twice for one due time
  tick_lost,       // or not at all
  received_twice,  // two strands receive one message
  false_report,    // a shutdown says that all have ended, and somebody is there
  deaf,            // a worker is not woken, now and then
  no_stalls,       // workers always get their processor
  pick_leak,       // a choice depends on earlier runs of the same process
};

/// A canary, the check that must catch it, and what it does.
struct canary_entry {
  canary which;
  std::string_view name;
  std::string_view caught_by;
  std::string_view what;
  /// The stories that have what it breaks begin like this; "": all those about one mailbox.
  std::string_view stories = "";
};

/// All of them, without `none`.
[[nodiscard]] std::span<const canary_entry> canaries() noexcept;
/// By name; empty where there is none of that name.
[[nodiscard]] std::optional<canary> canary_named(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(canary which) noexcept;

/// A mailbox of that kind, broken in that way.
[[nodiscard]] std::unique_ptr<port> make_canary(canary which, mailbox_kind kind,
                                                const port_options& options);

}  // namespace jacquard::sim
