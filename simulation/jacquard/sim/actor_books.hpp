// jacquard/sim/actor_books.hpp: the simulation's own books about actors, and what must be true of them.
//
// The runtime is never asked what it did: every parcel carries a ticket, the books write down what each call returned,
// who handled the ticket and where it was destroyed unhandled, and in the end the runtime's counters must say the same.
//
// Checks      at_most_once     a parcel is handled once, by the actor it was meant for
//             fifo_per_sender  parcels from one sender to one actor are handled in the order of sending
//             one_worker       no actor is in two handlers at once
//             mortality        nothing is handled by an actor that has ended, or after a kill was accepted
//             capacity_bound   no more than `capacity` parcels wait for a bounded actor
//             accounted        accepted = handled + undelivered by reason, parcel by parcel and in the counters
//             stop_drains      an actor that ends in order has handled what it accepted
//             one_outcome      a question has one outcome, and it agrees with what the handler did
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/sim/books.hpp>
#include <jacquard/sim/random.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

class actor_books;

/// Names one parcel in the books. Move-only; where it is destroyed unhandled, the books are told.
class ticket {
 public:
  ticket() = default;
  ticket(actor_books& books, std::uint32_t id) noexcept : books_(&books), id_(id) {}
  ticket(ticket&& other) noexcept : books_(other.books_), id_(std::exchange(other.id_, 0)) {}
  ticket& operator=(ticket&& other) noexcept {
    std::swap(books_, other.books_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~ticket();

  [[nodiscard]] std::uint32_t id() const noexcept { return id_; }

 private:
  actor_books* books_ = nullptr;
  std::uint32_t id_ = 0;  // from 1; 0: moved from
};

class actor_books : public books {
 public:
  actor_books() { parcels_.push_back({}); }  // 0 is nobody
  actor_books(const actor_books&) = delete;
  actor_books& operator=(const actor_books&) = delete;

  /// One life of an actor; a number for it. `capacity` 0: its inbox has no bound.
  std::uint32_t born(std::string name, std::uint32_t capacity = 0);
  /// Its `stopped` was called: nothing comes after.
  void died(std::uint32_t who, exit_reason why, nanoseconds now);
  /// A kill was accepted: it ends after the message at hand.
  void killed(std::uint32_t who) noexcept { lives_[who].killed = true; }

  // Sending. A sender is any number that the story gives it.
  [[nodiscard]] ticket offer(std::uint32_t sender, std::uint32_t receiver, bool question = false);
  /// The call returned.
  void answered(std::uint32_t id, send_result result, nanoseconds now);
  /// A question was sent; it has an outcome to come.
  void asked(std::uint32_t id, nanoseconds now);
  /// The future said how it ended.
  void outcome(std::uint32_t id, reply_status how, nanoseconds now);

  /// Its asker has ended, and nobody will hear the outcome.
  void forgotten(std::uint32_t id) noexcept;

  // Handling, bracketed.
  void enters(std::uint32_t who, std::uint32_t id, nanoseconds now);
  void leaves(std::uint32_t who, std::uint32_t id, nanoseconds now);
  /// Something that has no ticket: a tick, a continuation, a start.
  void enters(std::uint32_t who, nanoseconds now);
  void leaves(std::uint32_t who) noexcept { lives_[who].inside = false; }
  /// The handler that has the ticket threw.
  void crashed(std::uint32_t id) noexcept { parcels_[id].crashed = true; }
  /// A ticket was destroyed.
  void destroyed(std::uint32_t id) noexcept;

  // The runtime's hooks.
  void undelivered(undelivered_reason why, bool has_ticket) noexcept {
    ++reasons_[static_cast<std::size_t>(why)];
    if (has_ticket) ++reported_[static_cast<std::size_t>(why)];
  }

  /// What went another way, and was judged there.
  void counts(std::uint64_t accepted, std::uint64_t handled) noexcept {
    sums_.offered += accepted;
    sums_.accepted += accepted;
    sums_.handled += handled;
  }

  /// What must hold when every actor has ended.
  void at_rest(const system_counters& counters, nanoseconds now);

  /// Parcels that the runtime reported with that reason.
  [[nodiscard]] std::uint64_t reported(undelivered_reason why) const noexcept {
    return reported_[static_cast<std::size_t>(why)];
  }
  /// Accepted, and neither handled nor destroyed.
  [[nodiscard]] std::uint64_t waiting(std::uint32_t who) const noexcept {
    return lives_[who].waiting;
  }
  [[nodiscard]] bool is_inside(std::uint32_t who) const noexcept { return lives_[who].inside; }
  [[nodiscard]] bool is_dead(std::uint32_t who) const noexcept { return lives_[who].dead; }
  [[nodiscard]] const std::string& name(std::uint32_t who) const { return lives_[who].name; }
  [[nodiscard]] std::uint32_t lives() const noexcept {
    return static_cast<std::uint32_t>(lives_.size());
  }

 private:
  enum class fate : std::uint8_t { offered, waiting, in_hand, handled, refused, destroyed };
  struct parcel {
    std::uint32_t sender = 0;
    std::uint32_t receiver = 0;
    std::uint32_t order = 0;  // among those of this sender to this receiver
    actor_books::fate fate = fate::offered;
    bool question = false;
    bool handled = false;
    bool crashed = false;
    std::optional<reply_status> outcome;
    nanoseconds offered_at = 0;
  };
  struct life {
    std::string name;
    std::uint32_t capacity = 0;
    std::uint64_t waiting = 0;
    std::uint64_t lost_at_end = 0;
    bool inside = false;
    bool dead = false;
    bool killed = false;
    exit_reason why = exit_reason::normal;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> last;  // by sender: the youngest handled
    std::uint32_t offered = 0;
  };

  [[nodiscard]] std::string text(std::uint32_t id) const;

  std::vector<parcel> parcels_;
  std::vector<life> lives_;
  std::uint64_t reasons_[undelivered_reasons] = {};
  std::uint64_t reported_[undelivered_reasons] = {};  // those with a ticket
  std::uint64_t lost_ = 0;  // accepted or dropped, and destroyed unhandled
  std::uint64_t open_questions_ = 0;
};

inline ticket::~ticket() {
  if (id_ != 0) books_->destroyed(id_);
}

}  // namespace jacquard::sim
