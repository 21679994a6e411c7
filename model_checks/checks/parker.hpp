// checks/parker.hpp: a permit ends one park and brings what its giver wrote.
//
// Claims   I1, I2, E1
// Threads  0  the owner: parks (with a deadline first, where Timed)
//          1  writes, then hands out the permit
#pragma once

#include <chrono>

#include <jacquard/queue/parker.hpp>

namespace jacquard::checks {

template <sync::policy Sync, bool Timed>
class parker {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 1) {
      written_.with_mut([](int& value) { value = 7; });
      parker_.unpark();
      return;
    }
    bool permitted = false;
    if (Timed) permitted = parker_.park(Sync::after(std::chrono::milliseconds(1)));
    if (!permitted) permitted = parker_.park();
    Sync::require(permitted, "I2: a park without a deadline ends with a permit");
    if (!Timed) {
      Sync::require(!parker_.park(Sync::after(std::chrono::milliseconds(1))),
                    "I1: a permit ended two parks");
    }
    written_.with([](const int& value) {
      Sync::require(value == 7, "E1: the permit brings what its giver wrote");
    });
  }

 private:
  basic_parker<Sync> parker_;
  sync::cell<Sync, int> written_{0};
};

}  // namespace jacquard::checks
