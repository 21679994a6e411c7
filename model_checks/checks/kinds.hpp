// checks/kinds.hpp: the mailboxes that a check runs over, and what checks share.
#pragma once

#include <cstdint>
#include <utility>

#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/mailbox/sharded_mailbox.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard::checks {

struct ring {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_ring_mailbox<T, C, Sync>;
};
struct linked {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_linked_mailbox<T, C, Sync>;
};
struct locked {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_locked_mailbox<T, C, Sync>;
};
/// Two shards: threads 0 and 2 send to one, 1 and 3 to the other.
struct sharded {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_sharded_mailbox<T, 2, C, Sync>;
};
/// Two shards, and everybody sends to the same: what a ring promises of its places, of this one.
struct crowded {
  template <class T, class C, sync::policy Sync>
  class mailbox : public basic_sharded_mailbox<T, 2, C, Sync> {
    using base = basic_sharded_mailbox<T, 2, C, Sync>;

   public:
    using base::base;
    send_result send(T&& message) { return base::sender_of(0).send(std::move(message)); }
    send_result send(T&& message, sync::deadline until) {
      return base::sender_of(0).send(std::move(message), until);
    }
    send_result try_send(T&& message) { return base::sender_of(0).try_send(std::move(message)); }
  };
};

/// A message of the checks. A number from 1 to 31, so that sets of them fit a word; 0 is no message.
struct letter {
  std::uint32_t number = 0;
};

/// A set of letters, for the thread that keeps it.
class letters {
 public:
  /// False where the letter was there already.
  bool add(letter one) noexcept {
    const std::uint32_t bit = 1u << one.number;
    const bool fresh = (bits_ & bit) == 0;
    bits_ |= bit;
    ++count_;
    return fresh;
  }
  [[nodiscard]] bool has(std::uint32_t number) const noexcept {
    return (bits_ >> number & 1u) != 0;
  }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint32_t bits() const noexcept { return bits_; }

 private:
  std::uint32_t bits_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace jacquard::checks
