// What is claimed of the class: what is put is what is taken.
#pragma once

#include "handover.hpp"

namespace office {

template <jacquard::sync::policy Sync>
class handover_check {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      handover_.put(7);
    } else if (int value = 0; handover_.take(value)) {
      Sync::require(value == 7, "what is taken is what was put");
    }
  }

 private:
  basic_handover<int, Sync> handover_;
};

}  // namespace office
