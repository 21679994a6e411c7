// seeded_bugs/broken_shards.hpp: a sharded mailbox with one promise broken between its shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <checks/close_across_shards.hpp>
#include <checks/schedule_once.hpp>
#include <checks/wake_across_shards.hpp>

namespace jacquard::bugs {

/// Starts the consumer where it sleeps, and tells one that runs nothing: it may be about to give up.
template <sync::policy Sync>
class silent_gate : public basic_shard_gate<Sync> {
 public:
  using base = basic_shard_gate<Sync>;
  using base::base;
  [[nodiscard]] bool raise(typename base::news) noexcept { return base::raise(base::nothing); }
};

/// Hears what was raised when it has looked already, and does not look again.
template <sync::policy Sync>
class late_gate : public basic_shard_gate<Sync> {
 public:
  using base = basic_shard_gate<Sync>;
  using base::base;
  [[nodiscard]] typename base::news hear() noexcept { return base::nothing; }
  [[nodiscard]] bool give_up() noexcept {
    (void)base::hear();
    return base::give_up();
  }
  [[nodiscard]] bool is_raised() const noexcept { return false; }
};

/// Has everybody who comes start the consumer.
template <sync::policy Sync>
class eager_gate : public basic_shard_gate<Sync> {
 public:
  using base = basic_shard_gate<Sync>;
  using base::base;
  [[nodiscard]] bool raise(typename base::news what) noexcept { return base::raise(what) || true; }
};

template <sync::policy Sync, template <sync::policy> class Gate>
using gated = basic_sharded_mailbox<checks::letter, 2, no_control, Sync, Gate<Sync>>;

/// Its consumer is started by everybody who finds a shard idle.
struct started_by_each_shard {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_sharded_mailbox<T, 2, C, Sync, eager_gate<Sync>>;
};

/// A sender that is refused by its shard says so, though other shards are still open.
template <sync::policy Sync>
class tells_too_early : public checks::two_shards<Sync> {
  using base = checks::two_shards<Sync>;

 public:
  using base::base;
  struct sender {
    tells_too_early& box;
    std::uint32_t number;
    send_result send(checks::letter&& one) { return box.shards_[number].send(std::move(one)); }
  };
  [[nodiscard]] sender sender_of(std::uint32_t number) { return {*this, number}; }
};

}  // namespace jacquard::bugs
