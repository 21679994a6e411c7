// jacquard/sim/canary.hpp: mailboxes that are broken on purpose, each in one way. The checks must catch
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
};

/// A canary, the check that must catch it, and what it does.
struct canary_entry {
  canary which;
  std::string_view name;
  std::string_view caught_by;
  std::string_view what;
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
