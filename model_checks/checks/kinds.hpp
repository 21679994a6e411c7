// checks/kinds.hpp: the mailboxes that a check runs over, and what checks share.
#pragma once

#include <cstdint>

#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
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
