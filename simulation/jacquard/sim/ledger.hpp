// jacquard/sim/ledger.hpp: the simulation's own books about one mailbox, and what must be true of them.
//
// The mailbox is never asked what it did: the ledger writes down what each call returned and what each
// receive handed out, and in the end the mailbox's counters must say the same.
//
// Checks      at_most_once         a letter is handed out once, and only where it was accepted
//             fifo_per_sender      letters of one sender come out in the order of sending
//             capacity_bound       never more than `capacity` letters wait
//             refused_with_room    busy, dropped and evicted only where `capacity` places are taken
//             control_first        an order is handed out before every letter of the same receive, in order
//             closed_means_closed  nothing that is sent after close is accepted
//             nothing_lost         what was accepted was handed out or evicted
//             counters             the mailbox counted as the ledger did
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sim/books.hpp>
#include <jacquard/sim/port.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

/// What became of a letter.
enum class fate : std::uint8_t {
  offered,   // the call has not returned
  in_gap,    // the call stands between claim and publish
  waiting,   // accepted
  in_hand,   // the consumer has it
  handled,   //
  perished,  // in the consumer's hands when it was restarted
  dropped,   // drop_newest
  evicted,   // drop_oldest
  refused,   // busy, closed, too_large or deadline
};

class ledger : public books {
 public:
  ledger(std::uint32_t senders, std::uint32_t capacity, bool gap_takes_place)
      : capacity_(capacity), gap_takes_place_(gap_takes_place), last_removed_(senders, 0) {
    letters_.push_back({});  // 0 is nobody
  }

  // Sending. `offer` names a letter, `tries` precedes each call, `answered` follows it.
  [[nodiscard]] std::uint32_t offer(std::uint32_t sender);
  void tries() noexcept;
  void stands_in_gap(std::uint32_t id) noexcept;
  /// The call returned. True where the letter's fate is decided; busy with `will_retry` is not.
  bool answered(std::uint32_t id, send_result result, bool will_retry, nanoseconds now);
  void expired(std::uint32_t id) noexcept;
  void order_answered(send_result result) noexcept;

  // The dead-letter hook.
  void dead(std::uint32_t id, drop_reason why, nanoseconds now);

  // Receiving. A receive is bracketed by begins_receive.
  void begins_receive() noexcept { letters_in_receive_ = orders_in_receive_ = 0; }
  void took(std::uint32_t id, nanoseconds now);
  void took_order(std::uint32_t number, nanoseconds now);
  void finished_letter(std::uint32_t id, nanoseconds now);
  void perished(std::uint32_t id) noexcept;

  void closes() noexcept;
  /// The mailbox's own idea of how many wait, right after a send.
  void measured(std::uint64_t size, nanoseconds now);

  /// What must hold when everything has come to rest.
  void at_rest(const mailbox_counters& counters, nanoseconds now);

  [[nodiscard]] std::uint64_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] std::uint64_t in_gap() const noexcept { return in_gap_; }
  [[nodiscard]] std::uint64_t orders_waiting() const noexcept {
    return sums_.orders_accepted - sums_.orders_taken;
  }
  [[nodiscard]] bool control_overtook() const noexcept { return control_overtook_; }
  [[nodiscard]] bool eviction_stood_back() const noexcept { return eviction_stood_back_; }

 private:
  struct record {
    std::uint32_t sender = 0;
    sim::fate fate = fate::offered;
    bool after_close = false;
    nanoseconds accepted_at = 0;
  };

  [[nodiscard]] std::string name(std::uint32_t id) const;
  void leaves_queue(std::uint32_t id, nanoseconds now, const char* how);

  const std::uint32_t capacity_;
  const bool gap_takes_place_;
  std::vector<record> letters_;
  std::vector<std::uint32_t> last_removed_;  // by sender: the youngest letter taken or evicted
  std::uint64_t waiting_ = 0;
  std::uint64_t in_gap_ = 0;
  std::uint64_t occupied_at_try_ = 0;
  std::uint64_t gap_at_try_ = 0;
  std::uint32_t last_order_ = 0;
  std::uint32_t letters_in_receive_ = 0;
  std::uint32_t orders_in_receive_ = 0;
  bool closed_ = false;
  bool control_overtook_ = false;
  bool eviction_stood_back_ = false;
};

}  // namespace jacquard::sim
