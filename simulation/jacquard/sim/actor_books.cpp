#include <jacquard/sim/actor_books.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace jacquard::sim {

std::uint32_t actor_books::born(std::string name, std::uint32_t capacity) {
  life fresh;
  fresh.name = std::move(name);
  fresh.capacity = capacity;
  lives_.push_back(std::move(fresh));
  return static_cast<std::uint32_t>(lives_.size() - 1);
}

void actor_books::died(std::uint32_t who, exit_reason why, nanoseconds now) {
  life& gone = lives_[who];
  if (gone.dead) broken("mortality", fmt::format("{} ended twice", gone.name), now);
  if (gone.inside) broken("one_worker", fmt::format("{} ended inside a handler", gone.name), now);
  gone.dead = true;
  gone.why = why;
}

ticket actor_books::offer(std::uint32_t sender, std::uint32_t receiver, bool question) {
  parcel fresh;
  fresh.sender = sender;
  fresh.receiver = receiver;
  fresh.order = ++lives_[receiver].offered;
  fresh.question = question;
  parcels_.push_back(fresh);
  ++sums_.offered;
  return {*this, static_cast<std::uint32_t>(parcels_.size() - 1)};
}

void actor_books::answered(std::uint32_t id, send_result result, nanoseconds now) {
  parcel& sent = parcels_[id];
  switch (result) {
    case send_result::accepted: {
      ++sums_.accepted;
      sent.offered_at = now;
      if (sent.fate != fate::offered) {
        // Taken within the call: an eviction by a later one, or a handler in place.
        if (sent.fate == fate::destroyed) ++lost_;
        break;
      }
      sent.fate = fate::waiting;
      life& to = lives_[sent.receiver];
      ++to.waiting;
      sums_.waiting_peak = std::max(sums_.waiting_peak, to.waiting);
      if (to.capacity != 0 && to.waiting > to.capacity) {
        broken("capacity_bound",
               fmt::format("{} parcels wait for {}, whose inbox holds {}", to.waiting, to.name,
                           to.capacity),
               now);
      }
      if (to.dead) broken("mortality", text(id) + " was accepted by an actor that ended", now);
      break;
    }
    case send_result::dropped:
      ++sums_.dropped;
      if (sent.fate != fate::destroyed) {
        broken("accounted", text(id) + " is said to be dropped, and is not", now);
      }
      ++lost_;
      break;
    case send_result::busy:
      ++sums_.busy;
      sent.fate = fate::refused;
      break;
    case send_result::closed:
      ++sums_.closed;
      sent.fate = fate::refused;
      break;
    case send_result::deadline:
      ++sums_.deadline;
      sent.fate = fate::refused;
      break;
    case send_result::too_large:
    case send_result::would_deadlock:
      sent.fate = fate::refused;
      break;
  }
}

void actor_books::asked(std::uint32_t id, nanoseconds now) {
  parcel& sent = parcels_[id];
  ++open_questions_;
  sent.offered_at = now;
  switch (sent.fate) {
    case fate::offered:
      answered(id, send_result::accepted, now);
      break;
    case fate::destroyed:  // its future says why
      ++sums_.closed;
      sent.fate = fate::refused;
      break;
    case fate::waiting:
    case fate::in_hand:
    case fate::handled:  // in place
    case fate::refused:
      ++sums_.accepted;
      break;
  }
}

void actor_books::outcome(std::uint32_t id, reply_status how, nanoseconds now) {
  parcel& sent = parcels_[id];
  if (sent.outcome.has_value()) {
    broken(
        "one_outcome",
        fmt::format("{} ended {}, and then {}", text(id), to_string(*sent.outcome), to_string(how)),
        now);
    return;
  }
  sent.outcome = how;
  --open_questions_;
  const bool must = how == reply_status::ready || how == reply_status::failed;
  const bool must_not = how == reply_status::target_down || how == reply_status::refused;
  if ((must && !sent.handled) || (must_not && sent.handled)) {
    broken("one_outcome",
           fmt::format("{} ended {}, and its handler {}", text(id), to_string(how),
                       sent.handled ? "ran" : "did not run"),
           now);
  }
  if (how == reply_status::failed && !sent.crashed) {
    broken("one_outcome", text(id) + " ended failed, and its handler did not fail", now);
  }
}

void actor_books::forgotten(std::uint32_t id) noexcept {
  if (parcels_[id].outcome.has_value()) return;
  parcels_[id].outcome = reply_status::cancelled;
  --open_questions_;
}

void actor_books::enters(std::uint32_t who, nanoseconds now) {
  life& mine = lives_[who];
  if (mine.dead) broken("mortality", mine.name + " runs a handler after its end", now);
  if (mine.killed) broken("mortality", mine.name + " runs a handler after it was killed", now);
  if (mine.inside) broken("one_worker", mine.name + " is in two handlers at once", now);
  mine.inside = true;
}

void actor_books::enters(std::uint32_t who, std::uint32_t id, nanoseconds now) {
  enters(who, now);
  parcel& taken = parcels_[id];
  life& mine = lives_[who];
  if (taken.fate == fate::waiting) --mine.waiting;
  if (taken.receiver != who) {
    broken("at_most_once", text(id) + " was handled by " + mine.name, now);
  }
  if (taken.fate == fate::handled || taken.fate == fate::in_hand) {
    broken("at_most_once", text(id) + " was handled twice", now);
  } else if (taken.fate == fate::refused || taken.fate == fate::destroyed) {
    broken("at_most_once", text(id) + " was handled, and had not been accepted", now);
  }
  if (taken.fate == fate::offered && !taken.question) {
    broken("one_worker", text(id) + " was handled inside the call that sends it", now);
  }
  const auto sender = std::find_if(mine.last.begin(), mine.last.end(),
                                   [&](const auto& known) { return known.first == taken.sender; });
  if (sender == mine.last.end()) {
    mine.last.emplace_back(taken.sender, taken.order);
  } else {
    if (taken.order < sender->second) {
      broken("fifo_per_sender",
             fmt::format("{} was handled after a later one of the same sender", text(id)), now);
    }
    sender->second = taken.order;
  }
  taken.fate = fate::in_hand;
  taken.handled = true;
}

void actor_books::leaves(std::uint32_t who, std::uint32_t id, nanoseconds now) {
  leaves(who);
  parcel& done = parcels_[id];
  if (done.fate != fate::in_hand) return;
  done.fate = fate::handled;
  ++sums_.handled;
  latencies_.push_back(now - done.offered_at);
}

void actor_books::destroyed(std::uint32_t id) noexcept {
  parcel& gone = parcels_[id];
  switch (gone.fate) {
    case fate::waiting:
      --lives_[gone.receiver].waiting;
      if (lives_[gone.receiver].dead) ++lives_[gone.receiver].lost_at_end;
      ++lost_;
      gone.fate = fate::destroyed;
      break;
    case fate::offered:
      gone.fate = fate::destroyed;
      break;
    case fate::in_hand:
    case fate::handled:
    case fate::refused:
    case fate::destroyed:
      break;
  }
}

void actor_books::at_rest(const system_counters& counters, nanoseconds now) {
  const auto must = [&](const char* check, bool holds, const auto& say) {
    if (!holds) broken(check, say(), now);
  };
  std::uint64_t reported = 0;
  for (std::size_t i = 0; i < undelivered_reasons; ++i) {
    reported += reported_[i];
    must("accounted", counters.undelivered[i] == reasons_[i], [&] {
      return fmt::format("the system counts {} undelivered as {}, its hook was told of {}",
                         counters.undelivered[i], to_string(static_cast<undelivered_reason>(i)),
                         reasons_[i]);
    });
  }
  must("accounted", reported == lost_, [&] {
    return fmt::format("{} parcels were destroyed unhandled, {} were reported", lost_, reported);
  });
  for (std::uint32_t id = 1; id < parcels_.size(); ++id) {
    const parcel& each = parcels_[id];
    must("accounted", each.fate != fate::waiting && each.fate != fate::in_hand,
         [&] { return text(id) + " was accepted, and neither handled nor reported"; });
    if (first_violation()) return;
  }
  must("one_outcome", open_questions_ == 0,
       [&] { return fmt::format("{} questions never ended", open_questions_); });
  for (const life& each : lives_) {
    must("mortality", each.dead, [&] { return each.name + " never ended"; });
    must("stop_drains", each.why != exit_reason::normal || each.lost_at_end == 0, [&] {
      return fmt::format("{} ended in order and left {} of what it accepted", each.name,
                         each.lost_at_end);
    });
  }
  must("accounted", sums_.accepted + sums_.dropped == sums_.handled + lost_, [&] {
    return fmt::format("{} accepted and {} dropped, {} handled and {} undelivered", sums_.accepted,
                       sums_.dropped, sums_.handled, lost_);
  });
}

std::string actor_books::text(std::uint32_t id) const {
  const parcel& which = parcels_[id];
  return fmt::format("parcel {} from {} to {}", id, which.sender, lives_[which.receiver].name);
}

}  // namespace jacquard::sim
