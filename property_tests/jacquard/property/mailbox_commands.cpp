#include <algorithm>
#include <jacquard/property/mailbox_commands.hpp>
#include <sstream>

namespace jacquard::property {
namespace {

using act = mailbox_step::act;

constexpr const char* names[] = {"send",     "send_until",   "try_send", "send_control",
                                 "receive",  "wait_receive", "echo",     "insist",
                                 "try_idle", "close"};

// In [low, high], at every size: rapidcheck's own range grows with the case.
rc::Gen<std::uint32_t> between(std::uint32_t low, std::uint32_t high) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high + 1));
}

void take(step_outcome& outcome, spec::mailbox_spec<>::handed_out got) {
  outcome.control.insert(outcome.control.end(), got.control.begin(), got.control.end());
  outcome.messages.insert(outcome.messages.end(), got.messages.begin(), got.messages.end());
  outcome.finished = got.finished;
  outcome.timed_out = got.timed_out;
}

}  // namespace

rc::Gen<mailbox_case> any_mailbox_case(overflow policy, capacity_kind kind, bool frees_place_first,
                                       bool has_marks) {
  return rc::gen::exec([=] {
    mailbox_case c;
    c.rules.overflow = policy;
    c.rules.capacity = kind == capacity_kind::unbounded
                           ? unbounded
                           : *rc::gen::weightedOneOf<std::uint32_t>(
                                 {{8, between(1, 8)}, {1, between(16, 70)}, {1, between(64, 600)}});
    c.rules.control_capacity =
        *rc::gen::weightedOneOf<std::uint32_t>({{3, between(1, 4)}, {1, between(16, 40)}});
    c.rules.payload_bytes_max = *rc::gen::weightedElement<std::size_t>(
        {{8, payload_bytes_limit}, {4, std::size_t{64}}, {1, std::size_t{1}}});
    c.rules.scheduled_by_hook = *rc::gen::arbitrary<bool>();
    c.has_dead_letter_hook = *between(0, 3) != 0;
    c.frees_place_first = frees_place_first;
    if (has_marks && *between(0, 2) != 0) {
      c.rules.marks.high = *between(1, std::min(c.rules.capacity, 12u));
      c.rules.marks.low = *between(0, c.rules.marks.high - 1);
    }
    return c;
  });
}

void mailbox_coverage::count(const mailbox_step& step, const step_outcome& outcome) {
  ++steps;
  for (const send_result r : outcome.sent) {
    if (step.what != act::send_control) ++sent[static_cast<int>(r)];
    if (step.what == act::send_control && r != send_result::accepted) ++control_refused;
  }
  if (outcome.control.size() == spec::mailbox_spec<>::control_batch) ++full_control_batches;
  if (outcome.messages.size() == batch_max) ++full_batches;
  if (step.what == act::try_idle) ++idles[static_cast<int>(outcome.idle)];
  if (outcome.timed_out) ++timed_out;
  if (outcome.finished) ++finished;
}

std::string mailbox_coverage::text() const {
  std::ostringstream os;
  os << cases << " cases, " << steps << " steps;";
  for (int i = 0; i < 7; ++i) {
    if (sent[i] != 0) os << " " << to_string(static_cast<send_result>(i)) << " " << sent[i];
  }
  os << "; control refused " << control_refused << ", full batches " << full_batches
     << ", full control batches " << full_control_batches << ", idle " << idles[0] << ", finished "
     << idles[2] + finished << "; letters newest " << letters[0] << " oldest " << letters[1]
     << " shutdown " << letters[2];
  if (marked != 0)
    os << "; alarms " << alarms << " in " << marked << " cases with a mark, again in "
       << alarmed_again;
  return os.str();
}

std::string mailbox_coverage::unseen(overflow policy, capacity_kind kind) const {
  const auto result_seen = [&](send_result r) { return sent[static_cast<int>(r)] != 0; };
  for (const send_result r : {send_result::accepted, send_result::closed, send_result::too_large}) {
    if (!result_seen(r)) return std::string("no send was ") + to_string(r);
  }
  if (kind == capacity_kind::bounded) {
    if (policy == overflow::reject && !result_seen(send_result::busy)) return "never full";
    if (policy == overflow::drop_newest && letters[0] == 0) return "no newest was dropped";
    if (policy == overflow::drop_oldest && letters[1] == 0) return "no oldest was dropped";
    if (policy == overflow::block) {
      for (const send_result r :
           {send_result::busy, send_result::deadline, send_result::would_deadlock}) {
        if (!result_seen(r)) return std::string("no send was ") + to_string(r);
      }
    }
  }
  if (letters[2] == 0) return "nothing was left at a mailbox's end";
  if (control_refused == 0) return "the control lane was never full";
  if (full_control_batches == 0) return "never 16 control messages in one receive";
  if (full_batches == 0) return "never 64 messages in one receive";
  for (const std::uint64_t n : idles) {
    if (n == 0) return "an answer of try_idle was never given";
  }
  if (timed_out == 0 || finished == 0) return "an end of wait_receive was never seen";
  if (marked != 0 && alarmed_again == 0) return "no mailbox had a second alarm";
  return {};
}

bool is_allowed(const mailbox_model& now, const mailbox_step& step) {
  const spec::mailbox_rules& rules = now.spec.rules();
  switch (step.what) {
    case act::send:
    case act::send_until:
    case act::try_send:
    case act::send_control:
    case act::close:
      return true;
    case act::receive:
      return now.spec.running();
    case act::wait_receive:
      return !rules.scheduled_by_hook;
    case act::echo:
      return now.spec.running() && now.spec.size() > 0 && !now.spec.is_closed() &&
             now.spec.size() < rules.capacity && rules.payload_bytes_max >= 8;
    case act::insist:
      return now.spec.running() && now.spec.size() > 0 && !now.spec.is_closed() &&
             rules.overflow == overflow::block && rules.capacity != unbounded &&
             rules.payload_bytes_max >= 8;
    case act::try_idle:
      return now.spec.running() && rules.scheduled_by_hook;
  }
  return false;
}

std::uint32_t insist_accepts(const mailbox_model& now) {
  const auto room = now.spec.rules().capacity - static_cast<std::uint32_t>(now.spec.size());
  return room + (now.frees_place_first ? 1 : 0);
}

step_outcome play(mailbox_model& model, const mailbox_step& step) {
  step_outcome outcome;
  switch (step.what) {
    case act::send:
    case act::send_until:
      for (std::uint32_t i = 0; i < step.count; ++i) {
        outcome.sent.push_back(model.spec.send(model.next_id++, step.bytes));
      }
      break;
    case act::try_send:
      for (std::uint32_t i = 0; i < step.count; ++i) {
        outcome.sent.push_back(model.spec.try_send(model.next_id++, step.bytes));
      }
      break;
    case act::send_control:
      for (std::uint32_t i = 0; i < step.count; ++i) {
        outcome.sent.push_back(model.spec.send_control(model.next_id++));
      }
      break;
    case act::receive:
      take(outcome, model.spec.receive(step.count));
      break;
    case act::wait_receive:
      take(outcome, model.spec.wait_receive(step.count));
      break;
    case act::echo: {
      const auto limit =
          std::min<std::uint32_t>(step.count, static_cast<std::uint32_t>(model.spec.size()));
      take(outcome, model.spec.receive(limit, model.frees_place_first, [&] {
        outcome.sent.push_back(model.spec.send(model.next_id++, 8));
      }));
      break;
    }
    case act::insist: {
      const std::uint32_t accepted = insist_accepts(model);
      take(outcome, model.spec.receive(1, model.frees_place_first, [&] {
        for (std::uint32_t i = 0; i < accepted; ++i) {
          outcome.sent.push_back(model.spec.send(model.next_id++, 8));
        }
      }));
      outcome.sent.push_back(model.spec.refuse_would_deadlock());
      ++model.next_id;
      break;
    }
    case act::try_idle:
      outcome.idle = model.spec.try_idle();
      break;
    case act::close:
      outcome.first_close = model.spec.close();
      break;
  }
  return outcome;
}

rc::Gen<mailbox_step> any_mailbox_step(const mailbox_model& now) {
  const spec::mailbox_rules rules = now.spec.rules();
  const std::uint32_t burst = std::min(rules.capacity, 650u) + 3;
  return rc::gen::exec([=] {
    mailbox_step step;
    step.what = *rc::gen::weightedElement<act>({{20, act::send},
                                                {6, act::send_until},
                                                {10, act::try_send},
                                                {10, act::send_control},
                                                {36, act::receive},
                                                {10, act::wait_receive},
                                                {6, act::echo},
                                                {6, act::insist},
                                                {24, act::try_idle},
                                                {1, act::close}});
    switch (step.what) {
      case act::send:
      case act::send_until:
      case act::try_send:
        step.count = *rc::gen::weightedOneOf<std::uint32_t>(
            {{8, between(1, 3)}, {2, between(1, burst)}, {1, rc::gen::just(burst)}});
        step.bytes = *rc::gen::weightedElement<std::uint32_t>(
            {{12, 1u}, {6, 8u}, {2, 64u}, {1, 65u}, {1, 1u << 20}, {1, (1u << 20) + 1}});
        break;
      case act::send_control:
        step.count =
            *rc::gen::weightedOneOf<std::uint32_t>({{4, between(1, 3)}, {1, between(1, 43)}});
        break;
      case act::receive:
      case act::wait_receive:
      case act::echo:
        step.count = *rc::gen::weightedOneOf<std::uint32_t>(
            {{4, between(1, 4)}, {2, between(1, batch_max)}, {1, rc::gen::just(batch_max)}});
        break;
      case act::insist:
      case act::try_idle:
      case act::close:
        break;
    }
    return step;
  });
}

const char* difference(const step_outcome& got, const step_outcome& wanted) {
  if (got == wanted) return nullptr;
  if (got.sent != wanted.sent) return "P2/P4: what a send answers";
  if (got.control != wanted.control) return "P3: which control messages are handed out";
  if (got.messages != wanted.messages) return "P1: which messages are handed out";
  if (got.idle != wanted.idle) return "P6: what try_idle answers";
  if (got.first_close != wanted.first_close) return "P5: what close answers";
  return "P5: how wait_receive ends";
}

std::ostream& operator<<(std::ostream& os, const mailbox_step& step) {
  os << names[static_cast<int>(step.what)];
  if (step.what <= act::echo) os << " " << step.count;
  if (step.what <= act::try_send) os << " of " << step.bytes << " bytes";
  return os;
}

std::ostream& operator<<(std::ostream& os, const step_outcome& outcome) {
  constexpr const char* idles[] = {"idle", "more", "finished"};
  if (!outcome.sent.empty()) {
    os << "sent";
    for (const send_result r : outcome.sent) os << " " << to_string(r);
    os << "; ";
  }
  os << "control {";
  for (const std::uint64_t id : outcome.control) os << " " << id;
  os << " } messages {";
  for (const std::uint64_t id : outcome.messages) os << " " << id;
  return os << " }" << (outcome.finished ? " finished" : "")
            << (outcome.timed_out ? " timed out" : "") << (outcome.first_close ? " closed" : "")
            << " " << idles[static_cast<int>(outcome.idle)];
}

std::ostream& operator<<(std::ostream& os, const mailbox_case& c) {
  os << "capacity ";
  c.rules.capacity == unbounded ? os << "unbounded" : os << c.rules.capacity;
  return os << ", control_capacity " << c.rules.control_capacity << ", overflow "
            << to_string(c.rules.overflow) << ", payload_bytes_max " << c.rules.payload_bytes_max
            << (c.rules.scheduled_by_hook ? ", scheduled by a hook" : ", a thread")
            << (c.has_dead_letter_hook ? "" : ", no dead-letter hook")
            << (c.rules.marks.any() ? ", high_water " + std::to_string(c.rules.marks.high) +
                                          ", low_water " + std::to_string(c.rules.marks.low)
                                    : "");
}

std::string to_text(const mailbox_counters& c) {
  std::ostringstream os;
  os << "sent " << c.sent << " received " << c.received << " dropped_newest " << c.dropped_newest
     << " dropped_oldest " << c.dropped_oldest << " undelivered " << c.undelivered << " busy "
     << c.refused_busy << " closed " << c.refused_closed << " too_large " << c.refused_too_large
     << " deadline " << c.refused_deadline << " would_deadlock " << c.refused_would_deadlock
     << " control sent " << c.control_sent << " received " << c.control_received << " undelivered "
     << c.control_undelivered << " refused " << c.control_refused << " high-water alarms "
     << c.high_water_alarms;
  return os.str();
}

}  // namespace jacquard::property
