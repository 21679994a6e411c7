#include <jacquard/property/native_session.hpp>
#include <utility>

namespace jacquard::property {

session_record judge_session(const session_plan& plan, std::vector<spec::event> history,
                             const mailbox_counters& counters) {
  using kind = spec::event_kind;
  session_record r;
  r.history = std::move(history);
  mailbox_counters counted;
  for (const spec::event& e : r.history) {
    switch (e.kind) {
      case kind::send:
        ++r.sent[static_cast<int>(e.result)];
        break;
      case kind::send_control:
        ++(e.result == send_result::accepted ? counted.control_sent : counted.control_refused);
        break;
      case kind::hand_out:
        ++r.received;
        break;
      case kind::hand_out_control:
        ++r.control_received;
        break;
      case kind::receive:
        ++r.receives;
        break;
      case kind::schedule:
        ++r.starts;
        break;
      case kind::letter:
        if (e.why == drop_reason::newest) ++counted.dropped_newest;
        if (e.why == drop_reason::oldest) ++counted.dropped_oldest;
        if (e.why == drop_reason::shutdown) ++counted.undelivered;
        break;
      case kind::idle:
      case kind::finished:
      case kind::close:
        break;
    }
  }
  const auto sent = [&](send_result s) { return r.sent[static_cast<int>(s)]; };
  counted.sent = sent(send_result::accepted) + sent(send_result::dropped);
  counted.received = r.received;
  counted.refused_busy = sent(send_result::busy);
  counted.refused_closed = sent(send_result::closed);
  counted.refused_too_large = sent(send_result::too_large);
  counted.refused_deadline = sent(send_result::deadline);
  counted.refused_would_deadlock = sent(send_result::would_deadlock);
  counted.control_received = r.control_received;
  counted.control_undelivered = counted.control_sent - counted.control_received;
  if (!(counters == counted)) {
    r.miscounted =
        "\n  the mailbox counts " + to_text(counters) + "\n  its history has  " + to_text(counted);
  }
  if (!counters.balanced()) r.miscounted += "\n  unbalanced: " + to_text(counters);
  r.violations = spec::fifo_monitor::judge(r.history, {.rules = plan.rules});
  return r;
}

}  // namespace jacquard::property
