// jacquard/sim/history.hpp: what happened, as one number, and as a list where someone asks for it.
//
// Shape       Every event is folded into a rolling 64-bit digest; every 1024 events the digest is kept as
//             a checkpoint. With `keep_events` the events themselves are kept too, up to a limit.
// Invariants  I1  Two histories with equal events have equal digests.
//             I2  A history that dropped events for want of room says so (`truncated`).
// Allocation  one growing vector of checkpoints; the list only where it is asked for.
// Checked by  kernel.test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <jacquard/sim/random.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

/// One thing that happened.
struct happening {
  nanoseconds at = 0;
  const char* what = "";     // static text: the kind
  std::uint64_t who = 0;     // the digest of the entity's path
  std::uint64_t detail = 0;  // a digest of the payload

  /// Compares the text of `what`, not its address.
  friend bool operator==(const happening& a, const happening& b) noexcept;
};

/// A rolling digest of a run, and its checkpoints.
class history {
 public:
  static constexpr std::uint64_t checkpoint_every = 1024;
  static constexpr std::size_t events_max = 4'000'000;

  /// Keeps every event until `events_max`, for `first_difference`.
  void keep_events() noexcept { keeps_ = true; }

  /// `kind` is a digest of `what`, computed by the caller once.
  void add(nanoseconds at, std::uint64_t kind, const char* what, std::uint64_t who,
           std::uint64_t detail) {
    // One multiplication chain an event: time, kind and entity are folded side by side.
    digest_ = mix(digest_ ^ (static_cast<std::uint64_t>(at) * 0x9e3779b97f4a7c15u + kind +
                             mix(who ^ detail) + count_));
    if (++count_ % checkpoint_every == 0) checkpoints_.push_back(digest_);
    if (keeps_) [[unlikely]]
      keep(at, what, who, detail);
  }

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] const std::vector<std::uint64_t>& checkpoints() const noexcept {
    return checkpoints_;
  }
  [[nodiscard]] const std::vector<happening>& events() const noexcept { return events_; }
  [[nodiscard]] bool truncated() const noexcept { return truncated_; }

 private:
  void keep(nanoseconds at, const char* what, std::uint64_t who, std::uint64_t detail);

  std::uint64_t digest_ = 0;
  std::uint64_t count_ = 0;
  std::vector<std::uint64_t> checkpoints_;
  std::vector<happening> events_;
  bool keeps_ = false;
  bool truncated_ = false;
};

/// Where two histories part.
struct difference {
  std::uint64_t index = 0;  // the first event that differs, counted from 0
  bool exact = false;       // false: only the checkpoint window that begins at `index` is known
  std::optional<happening> left;
  std::optional<happening> right;  // empty where that history had already ended
};

/// Empty where the digests agree. Exact where both histories kept their events, otherwise the first
/// checkpoint window that differs.
[[nodiscard]] std::optional<difference> first_difference(const history& left, const history& right);

/// "send /producer/3 at 1.2ms (detail 9f...)" for a report; `name` gives an entity's path.
[[nodiscard]] std::string to_text(const happening& event, const std::string& name);

}  // namespace jacquard::sim
