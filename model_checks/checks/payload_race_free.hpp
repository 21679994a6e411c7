// checks/payload_race_free.hpp: what a sender wrote before it sent, the reader may read; and a place is
// used again only when it is empty.
//
// Claims   I1, E1, E2, E3
// Threads  0  the reader: takes letters and reads what they point to
//          1  the sender: writes, sends; twice through one place, trying again while it is full
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind>
class payload_race_free {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) { index == 0 ? read() : send(); }

  void after() {
    Sync::require(sum_ == 11 + 12, "E1: the reader read something else than was written");
  }

 private:
  using page = sync::cell<Sync, std::uint32_t>;

  void read() {
    for (std::uint32_t got = 0; got < 2;) {
      got += box_.wait_receive(1,
                               [this](page*&& sent) {
                                 sum_ += sent->with([](const std::uint32_t& text) { return text; });
                               })
                 .messages;
    }
  }
  void send() {
    for (std::uint32_t i = 0; i < 2; ++i) {
      pages_[i].with_mut([&](std::uint32_t& text) { text = 11 + i; });
      page* sent = &pages_[i];
      while (box_.send(std::move(sent)) == send_result::busy) Sync::spin_hint();
    }
  }

  typename Kind::template mailbox<page*, no_control, Sync> box_{{.capacity = 1}};
  page pages_[2];
  std::uint32_t sum_ = 0;  // the reader's
};

}  // namespace jacquard::checks
