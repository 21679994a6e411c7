// seeded_bugs/broken_lanes.hpp: the ring with one promise broken, below the mailbox that ships.
#pragma once

#include <cstdint>
#include <utility>

#include <checks/control_lane_immune.hpp>
#include <checks/kinds.hpp>

namespace jacquard::bugs {

/// One place more than was asked for.
template <class T, sync::policy Sync>
class roomy_ring : public basic_sequence_ring<T, Sync> {
 public:
  roomy_ring(std::uint32_t capacity, bool starts_scheduled, bool evicts)
      : basic_sequence_ring<T, Sync>(capacity + 1, starts_scheduled, evicts) {}
};
struct off_by_one_capacity {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_mailbox<roomy_ring<T, Sync>, C, Sync>;
};

/// Closes without starting the consumer that sleeps.
template <class T, sync::policy Sync>
class quiet_ring : public basic_sequence_ring<T, Sync> {
 public:
  using basic_sequence_ring<T, Sync>::basic_sequence_ring;
  close_result close() {
    close_result result = basic_sequence_ring<T, Sync>::close();
    result.must_schedule = false;
    return result;
  }
};
struct lost_close {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_mailbox<quiet_ring<T, Sync>, C, Sync>;
};

/// Tells every sender to start the consumer.
template <class T, sync::policy Sync>
class eager_ring : public basic_sequence_ring<T, Sync> {
 public:
  using basic_sequence_ring<T, Sync>::basic_sequence_ring;
  push_result push(T& message) {
    const push_result result = basic_sequence_ring<T, Sync>::push(message);
    return result == push_result::queued ? push_result::queued_schedule : result;
  }
};
struct started_twice {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_mailbox<eager_ring<T, Sync>, C, Sync>;
};

/// Forgets to say that something was raised where the consumer sleeps.
template <class T, sync::policy Sync>
class deaf_ring : public basic_sequence_ring<T, Sync> {
 public:
  using basic_sequence_ring<T, Sync>::basic_sequence_ring;
  [[nodiscard]] bool raise() {
    (void)basic_sequence_ring<T, Sync>::raise();
    return false;
  }
};
struct unraised_control {
  template <class T, class C, sync::policy Sync>
  using mailbox = basic_mailbox<deaf_ring<T, Sync>, C, Sync>;
};

/// Control messages and letters share one lane, so overflow drops whichever is the oldest.
struct evicted_control {
  template <class T, class C, sync::policy Sync>
  class mailbox {
   public:
    explicit mailbox(const mailbox_options<T>& options)
        : box_({.capacity = options.capacity, .overflow = options.overflow}) {}

    send_result try_send(T&& letter) { return box_.try_send(either{.letter = letter}); }
    send_result send_control(C&& order) {
      return box_.try_send(either{.order = order, .is_order = true});
    }
    template <class Visitor>
    receipt wait_receive(std::uint32_t limit, Visitor&& visitor) {
      return box_.wait_receive(limit, [&](either&& one) {
        if (one.is_order) {
          visitor(std::move(one.order));
        } else {
          visitor(std::move(one.letter));
        }
      });
    }

   private:
    struct either {
      T letter = {};
      C order = {};
      bool is_order = false;
    };
    basic_ring_mailbox<either, no_control, Sync> box_;
  };
};

}  // namespace jacquard::bugs
