// checks/strand_join.hpp: a strand and its joiner agree who takes the result and who ends the frame.
//
// Claims   I1, I2, E1, E2 of join_word
// Threads  0  the joiner: touches the frame, then waits for the strand, abandons it, or looks whether it is done
//             before it waits
//          1  the strand: makes its result, then finishes
#pragma once

#include <cstdint>

#include <jacquard/messaging/join_word.hpp>

namespace jacquard::checks {

enum class joining { waits, abandons, looks_first };

/// The frame is a node: who must end it destroys it, and a model sees when nobody or both do. The waiter gets
/// the result in a cell of its own.
template <sync::policy Sync, joining How>
class strand_join {
  struct waiter {
    sync::cell<Sync, int> who{0};  // the joiner's, read by the strand
    sync::cell<Sync, int> result{0};
    sync::atomic<Sync, std::uint32_t> told{0};
  };
  using word = basic_join_word<waiter, Sync>;
  struct frame {
    word join;
    sync::cell<Sync, int> local{0};   // the joiner's last touch before it lets go
    sync::cell<Sync, int> result{0};  // where nobody waited in time
  };

 public:
  static constexpr unsigned thread_count = 2;

  strand_join() : frame_(Sync::template create<frame>()) {}

  void thread(unsigned index) { index == 0 ? join() : run(); }

  void after() { Sync::require(ended_[0] + ended_[1] == 1, "I1: the frame was not ended once"); }

 private:
  void join() {
    frame_->local.with_mut([](int& value) { value = 3; });
    if (How == joining::abandons) {
      if (!frame_->join.abandon()) end(0);
      return;
    }
    mine_.who.with_mut([](int& value) { value = 9; });
    if ((How == joining::looks_first && frame_->join.is_done()) || !frame_->join.wait(mine_)) {
      read(frame_->result);
    } else {
      Sync::await([this] { return mine_.told.load(std::memory_order::acquire) != 0; });
      read(mine_.result);
    }
    end(0);
  }

  void run() {
    frame_->result.with_mut([](int& value) { value = 5; });
    switch (frame_->join.finish()) {
      case word::meeting::kept:
        return;
      case word::meeting::abandoned:
        end(1);
        return;
      case word::meeting::waited:
        waiter* const whom = frame_->join.waiting();
        Sync::require(whom == &mine_, "I2: somebody else is told");
        whom->who.with([](const int& value) {
          Sync::require(value == 9, "E2: the waiter is not as its owner left it");
        });
        const int result = frame_->result.with([](const int& value) { return value; });
        whom->result.with_mut([&](int& value) { value = result; });
        whom->told.store(1, std::memory_order::release);
        return;
    }
  }

  void end(unsigned who) {
    frame_->local.with([](const int& value) {
      Sync::require(value == 3, "E2: the frame ended without the joiner's last touch");
    });
    read(frame_->result);
    Sync::destroy(frame_);
    ended_[who] = 1;
  }
  static void read(sync::cell<Sync, int>& result) {
    result.with([](const int& value) { Sync::require(value == 5, "E1: the result is not there"); });
  }

  frame* const frame_;
  waiter mine_;
  unsigned ended_[2] = {};  // each thread's own
};

}  // namespace jacquard::checks
