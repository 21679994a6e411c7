// jacquard/actor/share.hpp: how long an activation may go on: so many messages, and so long a time.
//
// The clock is not read for each message. An activation compares a count with the place where it must stop or look;
// whether and when it looks is learnt from the activations before: an actor whose messages are quick looks at the
// clock twice in sixteen activations, one that has used up its time looks after every message.
#pragma once

#include <algorithm>
#include <cstdint>

namespace jacquard {

/// What an actor's cell remembers from one activation to the next.
struct share_memory {
  std::uint8_t quick_left = 0;  // activations that need not look
  bool slow = false;            // the last one that looked used up its time
};

/// One activation's share.
class share {
 public:
  /// `messages_max` >= 1.
  [[gnu::always_inline]] share(share_memory& memory, std::uint32_t messages_max) noexcept
      : memory_(memory), messages_max_(messages_max) {
    if (memory.slow) {
      stop_ = 0;
    } else if (memory.quick_left > 0) {
      --memory.quick_left;
      stop_ = messages_max;
    } else {
      stop_ = std::min(messages_max, 2u);  // most activations have one message: they never look
    }
  }

  /// How many messages may be handled before `is_over` is asked.
  [[nodiscard]] std::uint32_t stop() const noexcept { return stop_; }

  /// Asked when `stop()` messages were handled. `now()` reads the clock, in nanoseconds. `time_ns` is the share; 0: none.
  enum class verdict : std::uint8_t { go_on, messages_used_up, time_used_up };
  template <class Now>
  verdict is_over(std::int64_t time_ns, Now&& now) noexcept {
    const std::uint32_t handled = stop_;
    stop_ = messages_max_;
    if (time_ns > 0 && (handled < messages_max_ || looked_)) {
      const std::int64_t at = now();
      if (!looked_) {
        looked_ = true;
        began_ns_ = at;
        began_at_ = handled;
        if (!memory_.slow) memory_.quick_left = quick_activations;
        stop_ = handled + 1;
        return verdict::go_on;
      }
      const std::int64_t used = at - began_ns_;
      memory_.slow = used >= time_ns;
      if (memory_.slow) {
        memory_.quick_left = 0;
        return verdict::time_used_up;
      }
      // As many more as fit, if they take as long as those before.
      const std::int64_t each = std::max<std::int64_t>(used / (handled - began_at_), 1);
      const std::int64_t fit = std::max<std::int64_t>((time_ns - used) / each, 1);
      if (fit < messages_max_ - handled) stop_ = handled + static_cast<std::uint32_t>(fit);
      if (each * messages_max_ * 4 > time_ns) memory_.quick_left = 0;
    }
    return handled == messages_max_ ? verdict::messages_used_up : verdict::go_on;
  }

 private:
  static constexpr std::uint8_t quick_activations = 15;

  share_memory& memory_;
  const std::uint32_t messages_max_;
  std::uint32_t stop_;
  std::uint32_t began_at_ = 0;
  bool looked_ = false;
  std::int64_t began_ns_ = 0;
};

}  // namespace jacquard
