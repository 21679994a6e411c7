#include <algorithm>
#include <jacquard/property/mailbox_commands.hpp>
#include <sstream>

namespace jacquard::property {
namespace {

using act = mailbox_step::act;

constexpr const char* names[] = {"send",     "send_until",   "try_send", "send_control",
                                 "receive",  "wait_receive", "echo",     "insist",
                                 "try_idle", "close"};

void take(step_outcome& outcome, spec::mailbox_spec<>::handed_out got) {
  outcome.control.insert(outcome.control.end(), got.control.begin(), got.control.end());
  outcome.messages.insert(outcome.messages.end(), got.messages.begin(), got.messages.end());
  outcome.finished = got.finished;
  outcome.timed_out = got.timed_out;
}

}  // namespace

rc::Gen<mailbox_case> any_mailbox_case(overflow policy, capacity_kind kind,
                                       bool frees_place_first) {
  return rc::gen::exec([=] {
    mailbox_case c;
    c.rules.overflow = policy;
    c.rules.capacity =
        kind == capacity_kind::unbounded
            ? unbounded
            : *rc::gen::weightedOneOf<std::uint32_t>({{8, rc::gen::inRange(1u, 9u)},
                                                      {1, rc::gen::inRange(16u, 70u)},
                                                      {1, rc::gen::inRange(500u, 601u)}});
    c.rules.control_capacity = *rc::gen::weightedOneOf<std::uint32_t>(
        {{3, rc::gen::inRange(1u, 5u)}, {1, rc::gen::inRange(16u, 41u)}});
    c.rules.payload_bytes_max =
        *rc::gen::element(payload_bytes_limit, std::size_t{64}, std::size_t{1});
    c.rules.scheduled_by_hook = *rc::gen::arbitrary<bool>();
    c.has_dead_letter_hook = *rc::gen::inRange(0, 4) != 0;
    c.frees_place_first = frees_place_first;
    return c;
  });
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
      take(outcome, model.spec.receive(limit));
      outcome.sent.push_back(model.spec.send(model.next_id++, 8));
      break;
    }
    case act::insist: {
      const std::uint32_t accepted = insist_accepts(model);
      take(outcome, model.spec.receive(1));
      for (std::uint32_t i = 0; i < accepted; ++i) {
        outcome.sent.push_back(model.spec.send(model.next_id++, 8));
      }
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
    step.what = *rc::gen::weightedElement<act>({{8, act::send},
                                                {2, act::send_until},
                                                {4, act::try_send},
                                                {4, act::send_control},
                                                {8, act::receive},
                                                {2, act::wait_receive},
                                                {2, act::echo},
                                                {2, act::insist},
                                                {6, act::try_idle},
                                                {1, act::close}});
    switch (step.what) {
      case act::send:
      case act::send_until:
      case act::try_send:
        step.count = *rc::gen::weightedOneOf<std::uint32_t>(
            {{6, rc::gen::inRange(1u, 4u)}, {1, rc::gen::inRange(1u, burst)}});
        step.bytes = *rc::gen::weightedElement<std::uint32_t>(
            {{6, 1u}, {4, 8u}, {1, 64u}, {1, 65u}, {1, 1u << 20}, {1, (1u << 20) + 1}});
        break;
      case act::send_control:
        step.count = *rc::gen::weightedOneOf<std::uint32_t>(
            {{4, rc::gen::inRange(1u, 4u)}, {1, rc::gen::inRange(1u, 44u)}});
        break;
      case act::receive:
      case act::wait_receive:
      case act::echo:
        step.count = *rc::gen::weightedOneOf<std::uint32_t>(
            {{4, rc::gen::inRange(1u, 5u)}, {1, rc::gen::inRange(1u, batch_max + 1)}});
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
            << (c.has_dead_letter_hook ? "" : ", no dead-letter hook");
}

std::string to_text(const mailbox_counters& c) {
  std::ostringstream os;
  os << "sent " << c.sent << " received " << c.received << " dropped_newest " << c.dropped_newest
     << " dropped_oldest " << c.dropped_oldest << " undelivered " << c.undelivered << " busy "
     << c.refused_busy << " closed " << c.refused_closed << " too_large " << c.refused_too_large
     << " deadline " << c.refused_deadline << " would_deadlock " << c.refused_would_deadlock
     << " control sent " << c.control_sent << " received " << c.control_received << " undelivered "
     << c.control_undelivered << " refused " << c.control_refused;
  return os.str();
}

}  // namespace jacquard::property
