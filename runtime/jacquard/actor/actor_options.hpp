// jacquard/actor/actor_options.hpp: how an actor is set up, and how one message is sent to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// How one message is sent.
struct send_options {
  /// When nobody wants it handled any more, on the system's clock (`actor_system::now`). It is looked at when the
  /// message is taken out: one that is late goes to the undelivered hook, and a question ends timed_out.
  std::chrono::nanoseconds expires = std::chrono::nanoseconds::max();
  /// A question's: how long its asker waits, from now; max: for ever. Where nobody has settled the future by then it
  /// ends timed_out, however it is waited for, and the message expires as well. Nothing to a tell.
  std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max();
  /// overflow::block: until when a plain thread waits for room. Nothing: as the actor's block_for says.
  std::optional<sync::deadline> wait_until = std::nullopt;
};

/// How an actor is set up.
struct spawn_options {
  /// Found by `actor_system::find`; empty: none. One live actor a name.
  std::string name = {};
  /// Letters that one activation handles before others get their turn. [1, 64]; the system's yield_every_n_msgs
  /// and yield_after may end it earlier.
  std::uint32_t batch = 32;
  /// The only worker that runs it, in [0, workers); nothing: any. A pinned actor is never stolen.
  std::optional<std::uint32_t> pinned = std::nullopt;
  /// Letters that may wait, exactly: in [1, 1048576], or `unbounded`. 0: as the system's options say.
  std::uint32_t capacity = 0;
  /// What a full inbox does with one more. Orders (stop, kill) are never affected.
  jacquard::overflow overflow = jacquard::overflow::reject;
  /// overflow::block: how long a plain thread's send waits for room. >= 0. What a worker sends never waits:
  /// it is told would_deadlock where the inbox is its own actor's, and busy elsewhere.
  std::chrono::nanoseconds block_for = std::chrono::seconds{1};
  /// When so many messages wait, system_options::on_high_water is called, once; nothing else changes: none is refused,
  /// held up or moved. In [1, capacity], or [1, 268435456] where that is unbounded. Nothing: no alarm. With a mark the
  /// actor's messages are counted as a bounded one's are, which costs a compare-and-swap each, and none of its answers
  /// is given before `ask` returns. What `then` brings back is not counted.
  std::optional<std::uint32_t> high_water = std::nullopt;
  /// When no more than so many wait, the next time is another alarm. In [0, high_water); nothing: half of it.
  std::optional<std::uint32_t> low_water = std::nullopt;
  /// Zeros over every message once it is handled, dropped or refused, and over the actor and its states once they
  /// have ended. What handlers copy elsewhere, and answers, are theirs to look after.
  bool amnesia = false;
};

}  // namespace jacquard
