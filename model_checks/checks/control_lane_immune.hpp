// checks/control_lane_immune.hpp: overflow never touches a control message, and no letter that was sent
// after it overtakes it.
//
// Claims   I3, I6, E4
// Threads  0  the reader: sleeps in wait_receive until it has the control message
//          1  fills the mailbox beyond its room
//          2  sends a control message, then a letter
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

/// A control message of the checks.
struct order {
  std::uint32_t number = 0;
};

template <sync::policy Sync, class Kind, overflow Policy, bool Filler>
class control_lane_immune {
 public:
  static constexpr unsigned thread_count = Filler ? 3 : 2;

  void thread(unsigned index) {
    if (index == 0) read();
    if (index == 1) command();
    if (index == 2) fill();
  }

  void after() {
    Sync::require(orders_ == 1, "I6: a control message was lost or handed out twice");
  }

 private:
  static constexpr std::uint32_t behind = 7;

  struct reader {
    control_lane_immune& self;
    void operator()(order&&) const { ++self.orders_; }
    void operator()(letter&& one) const {
      Sync::require(one.number != behind || self.orders_ == 1,
                    "I6: a letter overtook the control message before it");
    }
  };

  void read() {
    while (orders_ == 0) (void)box_.wait_receive(batch_max, reader{*this});
  }
  void command() {
    Sync::require(box_.send_control(order{1}) == send_result::accepted,
                  "I6: a full mailbox refused a control message");
    (void)box_.try_send(letter{behind});
  }
  void fill() {
    (void)box_.try_send(letter{1});
    (void)box_.try_send(letter{2});
  }

  typename Kind::template mailbox<letter, order, Sync> box_{
      {.capacity = 1, .control_capacity = 1, .overflow = Policy}};
  std::uint32_t orders_ = 0;  // the reader's
};

}  // namespace jacquard::checks
