#include <jacquard/sim/ledger.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace jacquard::sim {

namespace {

// What one receive hands out of the control lane at most; see basic_mailbox::control_batch.
constexpr std::uint32_t orders_per_receive = 16;

}  // namespace

std::string ledger::name(std::uint32_t id) const {
  if (id == 0 || id >= letters_.size()) return fmt::format("letter {} (unknown)", id);
  return fmt::format("letter {} of /producer/{}", id, letters_[id].sender);
}

std::uint32_t ledger::offer(std::uint32_t sender) {
  ++sums_.offered;
  letters_.push_back({.sender = sender, .fate = fate::offered, .after_close = closed_});
  return static_cast<std::uint32_t>(letters_.size() - 1);
}

void ledger::tries() noexcept {
  gap_at_try_ = in_gap_;
  occupied_at_try_ = waiting_ + (gap_takes_place_ ? in_gap_ : 0);
}

void ledger::stands_in_gap(std::uint32_t id) noexcept {
  letters_[id].fate = fate::in_gap;
  ++in_gap_;
}

bool ledger::answered(std::uint32_t id, send_result result, bool will_retry, nanoseconds now) {
  record& letter = letters_[id];
  if (letter.fate == fate::in_gap) --in_gap_;
  const bool had_room = occupied_at_try_ < capacity_;
  switch (result) {
    case send_result::accepted:
      ++sums_.accepted;
      ++waiting_;
      sums_.waiting_peak = std::max(sums_.waiting_peak, waiting_);
      letter.fate = fate::waiting;
      letter.accepted_at = now;
      if (letter.after_close) {
        broken("closed_means_closed", fmt::format("{} was accepted after close", name(id)), now);
      }
      return true;
    case send_result::dropped:
      if (letter.fate != fate::dropped) {
        broken("nothing_lost",
               fmt::format("{} was dropped, and not given to the dead-letter hook", name(id)), now);
      }
      return true;
    case send_result::busy:
      ++sums_.busy;
      if (had_room) {
        broken("refused_with_room",
               fmt::format("{} was answered busy with {} of {} places taken", name(id),
                           occupied_at_try_, capacity_),
               now);
      }
      if (gap_at_try_ > 0) eviction_stood_back_ = true;
      letter.fate = will_retry ? fate::offered : fate::refused;
      return !will_retry;
    case send_result::closed:
      ++sums_.closed;
      break;
    case send_result::too_large:
      ++sums_.too_large;
      break;
    case send_result::deadline:
    case send_result::would_deadlock:
      broken("counters", fmt::format("try_send answered {}, and never waits", to_string(result)),
             now);
      break;
  }
  if (result == send_result::closed && !closed_) {
    broken("closed_means_closed", fmt::format("{} was answered closed before close", name(id)),
           now);
  }
  letter.fate = fate::refused;
  return true;
}

void ledger::expired(std::uint32_t id) noexcept {
  ++sums_.deadline;
  letters_[id].fate = fate::refused;
}

void ledger::order_answered(send_result result) noexcept {
  ++(result == send_result::accepted ? sums_.orders_accepted : sums_.orders_refused);
}

void ledger::dead(std::uint32_t id, drop_reason why, nanoseconds now) {
  if (id == 0 || id >= letters_.size()) {
    broken("at_most_once", fmt::format("{} was dropped", name(id)), now);
    return;
  }
  const bool had_room = occupied_at_try_ < capacity_;
  if (had_room && why != drop_reason::shutdown) {
    broken("refused_with_room",
           fmt::format("{} was dropped ({}) with {} of {} places taken", name(id), to_string(why),
                       occupied_at_try_, capacity_),
           now);
  }
  switch (why) {
    case drop_reason::newest:
      ++sums_.dropped;
      letters_[id].fate = fate::dropped;
      break;
    case drop_reason::oldest:
      leaves_queue(id, now, "evicted");
      ++sums_.evicted;
      letters_[id].fate = fate::evicted;
      break;
    case drop_reason::shutdown:
      broken("nothing_lost", fmt::format("{} was left when the mailbox went", name(id)), now);
      break;
  }
}

void ledger::leaves_queue(std::uint32_t id, nanoseconds now, const char* how) {
  record& letter = letters_[id];
  if (letter.fate != fate::waiting) {
    const bool again = letter.fate == fate::in_hand || letter.fate == fate::handled ||
                       letter.fate == fate::perished || letter.fate == fate::evicted;
    broken("at_most_once",
           fmt::format("{} was {} {}", name(id), how,
                       again ? "a second time" : "and had not been accepted"),
           now);
    return;
  }
  --waiting_;
  std::uint32_t& last = last_removed_[letter.sender];
  if (id < last) {
    broken("fifo_per_sender", fmt::format("{} was {} after letter {}", name(id), how, last), now);
  }
  last = std::max(last, id);
}

void ledger::took(std::uint32_t id, nanoseconds now) {
  if (id == 0 || id >= letters_.size()) {
    broken("at_most_once", fmt::format("{} was handed out", name(id)), now);
    return;
  }
  ++letters_in_receive_;
  if (orders_waiting() > 0) {
    if (orders_in_receive_ < orders_per_receive) {
      broken("control_first",
             fmt::format("{} was handed out while {} control messages waited", name(id),
                         orders_waiting()),
             now);
    }
  }
  leaves_queue(id, now, "handed out");
  ++sums_.taken;
  letters_[id].fate = fate::in_hand;
}

void ledger::took_order(std::uint32_t number, nanoseconds now) {
  if (letters_in_receive_ > 0) {
    broken("control_first",
           fmt::format("control message {} was handed out after {} letters of the same receive",
                       number, letters_in_receive_),
           now);
  }
  if (number <= last_order_) {
    broken("control_first",
           fmt::format("control message {} was handed out after control message {}", number,
                       last_order_),
           now);
  }
  last_order_ = number;
  ++orders_in_receive_;
  ++sums_.orders_taken;
  if (waiting_ > 0) control_overtook_ = true;
}

void ledger::finished_letter(std::uint32_t id, nanoseconds now) {
  ++sums_.handled;
  letters_[id].fate = fate::handled;
  latencies_.push_back(now - letters_[id].accepted_at);
}

void ledger::perished(std::uint32_t id) noexcept {
  ++sums_.perished;
  letters_[id].fate = fate::perished;
}

void ledger::closes() noexcept { closed_ = true; }

void ledger::measured(std::uint64_t size, nanoseconds now) {
  if (size > capacity_) {
    broken("capacity_bound", fmt::format("{} messages wait; the capacity is {}", size, capacity_),
           now);
  }
}

void ledger::at_rest(const mailbox_counters& counters, nanoseconds now) {
  if (waiting_ > 0) {
    std::uint32_t first = 0;
    for (std::uint32_t id = 1; id < letters_.size() && first == 0; ++id) {
      if (letters_[id].fate == fate::waiting) first = id;
    }
    broken("nothing_lost",
           fmt::format("{} accepted letters were never handed out; the first is {}, accepted at {}",
                       waiting_, name(first), to_text(letters_[first].accepted_at)),
           now);
  }
  if (orders_waiting() > 0) {
    broken("nothing_lost",
           fmt::format("{} of {} accepted control messages were never handed out", orders_waiting(),
                       sums_.orders_accepted),
           now);
  }
  if (sums_.waiting_peak > capacity_) {
    broken("capacity_bound",
           fmt::format("{} messages waited; the capacity is {}", sums_.waiting_peak, capacity_),
           now);
  }

  struct pair {
    const char* what;
    std::uint64_t theirs;
    std::uint64_t ours;
  };
  const pair pairs[] = {
      {"sent", counters.sent, sums_.accepted + sums_.dropped},
      {"received", counters.received, sums_.taken},
      {"dropped_newest", counters.dropped_newest, sums_.dropped},
      {"dropped_oldest", counters.dropped_oldest, sums_.evicted},
      {"undelivered", counters.undelivered, 0},
      {"refused_busy", counters.refused_busy, sums_.busy},
      {"refused_closed", counters.refused_closed, sums_.closed},
      {"refused_too_large", counters.refused_too_large, sums_.too_large},
      {"refused_deadline", counters.refused_deadline, 0},
      {"refused_would_deadlock", counters.refused_would_deadlock, 0},
      {"control_sent", counters.control_sent, sums_.orders_accepted},
      {"control_received", counters.control_received, sums_.orders_taken},
      {"control_undelivered", counters.control_undelivered, 0},
      {"control_refused", counters.control_refused, sums_.orders_refused},
  };
  for (const pair& p : pairs) {
    if (p.theirs != p.ours) {
      broken("counters",
             fmt::format("the mailbox counts {} = {}, the ledger {}", p.what, p.theirs, p.ours),
             now);
    }
  }
  if (!counters.balanced()) broken("counters", "mailbox_counters do not balance", now);
}

}  // namespace jacquard::sim
