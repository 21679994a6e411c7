// checks/control_lane_immune.hpp: overflow never touches a control message, and a receive that begins after
// it was sent hands it out before any letter.
//
// Claims   I3, I6, E4
// Threads  0  the reader: sleeps in wait_receive until it has the control message
//          1  sends a control message, then maybe a letter
//          2  fills the mailbox, so that the letter needs room (beside::filler)
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

/// A control message of the checks.
struct order {
  std::uint32_t number = 0;
};

/// Who sends beside the control message: nobody, a letter after it, or a filler too.
enum class beside { nobody, letter, filler };

template <sync::policy Sync, class Kind, overflow Policy, beside By>
class control_lane_immune {
 public:
  static constexpr unsigned thread_count = By == beside::filler ? 3 : 2;

  void thread(unsigned index) {
    if (index == 0) read();
    if (index == 1) command();
    if (index == 2) fill();
  }

  void after() {
    Sync::require(orders_ == 1, "I6: a control message was lost or handed out twice");
  }

 private:
  struct reader {
    control_lane_immune& self;
    bool due;  // the control message was sent before this wait began
    void operator()(order&&) const { ++self.orders_; }
    void operator()(letter&&) const {
      Sync::require(!due || self.orders_ == 1,
                    "I6: a letter overtook a control message sent before");
    }
  };

  void read() {
    while (orders_ == 0) {
      const bool due = sent_.load(std::memory_order::acquire) == 1;  // the check's own
      (void)box_.wait_receive(batch_max, reader{*this, due});
    }
  }
  void command() {
    Sync::require(box_.send_control(order{1}) == send_result::accepted,
                  "I6: a full mailbox refused a control message");
    sent_.store(1, std::memory_order::release);  // the check's own
    if (By != beside::nobody) (void)box_.try_send(letter{7});
  }
  void fill() { (void)box_.try_send(letter{1}); }

  typename Kind::template mailbox<letter, order, Sync> box_{
      {.capacity = 1, .control_capacity = 1, .overflow = Policy}};
  sync::atomic<Sync, std::uint32_t> sent_{0};
  std::uint32_t orders_ = 0;  // the reader's
};

}  // namespace jacquard::checks
