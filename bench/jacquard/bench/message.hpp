// jacquard/bench/message.hpp: the 64 bytes that every benchmark sends, and the judge that reads
// them.
//
// Every byte is written by the sender and read by the consumer. Both work in 16-byte lanes, as the
// copy between them does: eight bytes written and sixteen copied at once would wait for the store
// buffer at each message, and that wait would hide the queue.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace jacquard::bench {

inline constexpr unsigned senders_max = 8;

class message {
 public:
  using lane = std::uint64_t __attribute__((vector_size(16)));

  message() = default;
  message(std::uint64_t sender, std::uint64_t sequence, std::uint64_t stamp) noexcept {
    const lane who{sequence, sender};
    const lane when{stamp, sequence};
    lanes_[0] = who;
    lanes_[1] = when;
    lanes_[2] = who ^ key_a();
    lanes_[3] = when ^ key_b();
  }

  [[nodiscard]] std::uint64_t sequence() const noexcept { return lanes_[0][0]; }
  [[nodiscard]] std::uint64_t sender() const noexcept { return lanes_[0][1]; }
  [[nodiscard]] std::uint64_t stamp() const noexcept { return lanes_[1][0]; }
  /// Zero where all 64 bytes are as they were sent.
  [[nodiscard]] lane damage() const noexcept {
    return (lanes_[0] ^ lanes_[2] ^ key_a()) | (lanes_[1] ^ lanes_[3] ^ key_b());
  }

 private:
  static lane key_a() noexcept { return lane{0x9e3779b97f4a7c15u, 0xc2b2ae3d27d4eb4fu}; }
  static lane key_b() noexcept { return lane{0x165667b19e3779f9u, 0x27d4eb2f165667c5u}; }

  std::array<lane, 4> lanes_;
};

static_assert(sizeof(message) == 64);

/// Reads messages and remembers whether anything was wrong: a damaged byte, an unknown sender, a
/// message that came twice, never, or out of its sender's order. One thread.
class judge {
 public:
  void see(const message& seen) noexcept {
    damage_ |= seen.damage();
    const std::uint64_t sender = seen.sender();
    stranger_ |= sender / senders_max;
    disorder_ |= seen.sequence() ^ next_[sender % senders_max]++;
    ++count_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// Empty, or what was wrong. `expected` messages from each of `senders`.
  [[nodiscard]] std::string fault(unsigned senders, std::uint64_t expected_each) const {
    if ((damage_[0] | damage_[1]) != 0) return "a message was damaged";
    if (stranger_ != 0) return "a message came from nobody";
    if (disorder_ != 0) return "a message was lost, doubled or out of its sender's order";
    for (unsigned sender = 0; sender < senders; ++sender) {
      if (next_[sender] != expected_each) {
        return "sender " + std::to_string(sender) + ": " + std::to_string(next_[sender]) + " of " +
               std::to_string(expected_each) + " messages came";
      }
    }
    return {};
  }

 private:
  message::lane damage_{};
  std::uint64_t stranger_ = 0;
  std::uint64_t disorder_ = 0;
  std::uint64_t count_ = 0;
  std::array<std::uint64_t, senders_max> next_{};
};

/// The same for one sender, number 0. Small enough to live in registers while a loop is timed: what the
/// harness stores, the queue's next read-modify-write would have to wait for. Copied member by member for
/// that reason: a copy of the whole is one of memory.
class solo_judge {
 public:
  solo_judge() = default;
  solo_judge(const solo_judge& other) noexcept
      : damage_(other.damage_), disorder_(other.disorder_), next_(other.next_) {}
  solo_judge& operator=(const solo_judge& other) noexcept {
    damage_ = other.damage_;
    disorder_ = other.disorder_;
    next_ = other.next_;
    return *this;
  }

  void see(const message& seen) noexcept {
    damage_ |= seen.damage();
    disorder_ |= (seen.sequence() ^ next_++) | seen.sender();
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return next_; }

  /// Empty, or what was wrong.
  [[nodiscard]] std::string fault(std::uint64_t expected) const {
    if ((damage_[0] | damage_[1]) != 0) return "a message was damaged";
    if (disorder_ != 0) return "a message was lost, doubled or out of order";
    if (next_ != expected) {
      return std::to_string(next_) + " of " + std::to_string(expected) + " messages came";
    }
    return {};
  }

 private:
  message::lane damage_{};
  std::uint64_t disorder_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace jacquard::bench
