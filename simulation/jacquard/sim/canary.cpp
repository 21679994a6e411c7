#include <jacquard/sim/canary.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace jacquard::sim {

namespace {

constexpr canary_entry table[] = {
    {canary::reorder, "reorder", "fifo_per_sender", "hands out a batch newest first, now and then"},
    {canary::lose, "lose", "nothing_lost", "takes a letter and hands it to nobody"},
    {canary::duplicate, "duplicate", "at_most_once", "hands one letter out twice"},
    {canary::overfill, "overfill", "capacity_bound", "accepts one more than its capacity"},
    {canary::underfill, "underfill", "refused_with_room",
     "refuses while there is room for one more"},
    {canary::evict_control, "evict_control", "control_first",
     "says accepted and drops the control message"},
    {canary::late_control, "late_control", "control_first", "hands control messages out last"},
    {canary::lost_wakeup, "lost_wakeup", "no_sleeper", "calls the schedule hook not every time"},
    {canary::double_wakeup, "double_wakeup", "scheduled_once",
     "calls the schedule hook twice, now and then"},
    {canary::never_done, "never_done", "liveness", "says more where it has finished"},
    {canary::lost_close, "lost_close", "nothing_lost", "throws away what waits when it is closed"},
    {canary::open_door, "open_door", "closed_means_closed", "accepts after close"},
    {canary::miscount, "miscount", "counters", "counts one message too many"},
    {canary::calm, "calm", "sometimes", "never lets a sender be stopped between claim and publish"},
    {canary::leak, "leak", "determinism", "behaves by what earlier runs of the same process did"},
    {canary::parcel_twice, "parcel_twice", "at_most_once",
     "a parcel is handled twice, now and then", "fan."},
    {canary::parcel_lost, "parcel_lost", "accounted", "a parcel that was accepted is thrown away",
     "fan."},
    {canary::parcel_reorder, "parcel_reorder", "fifo_per_sender",
     "a parcel is told after the next one", "ping_pong."},
    {canary::two_workers, "two_workers", "one_worker",
     "a second worker enters an actor that is in a handler", "fan."},
    {canary::ghost, "ghost", "mortality", "an actor that has ended runs a handler", "chat."},
    {canary::unreported, "unreported", "accounted",
     "somebody forgets to say that a parcel was not delivered", "pipeline.drop"},
    {canary::two_answers, "two_answers", "one_outcome",
     "a question that was given up is answered as well", "bank."},
    {canary::counterfeit, "counterfeit", "money", "a withdrawal gives what was not there", "bank."},
    {canary::roomy, "roomy", "capacity_bound", "a bounded inbox has one place more", "pipeline."},
    {canary::tick_twice, "tick_twice", "timers_once", "a timer fires twice for one due time",
     "timers."},
    {canary::tick_lost, "tick_lost", "timers_kept", "a timer that is due never fires", "timers."},
    {canary::received_twice, "received_twice", "exactly_once", "two strands receive one message",
     "strands."},
    {canary::false_report, "false_report", "shutdown",
     "a shutdown says that all have ended, and somebody is there", "shutdown."},
    {canary::deaf, "deaf", "liveness", "a worker is not woken, now and then", "ping_pong.1"},
    {canary::no_stalls, "no_stalls", "sometimes", "workers always get their processor", "fan.4"},
    {canary::pick_leak, "pick_leak", "determinism",
     "a choice depends on earlier runs of the same process", "fan.4"},
};

// How often a broken thing happens: often enough for every scenario, seldom enough to need looking for.
constexpr std::uint64_t period = 29;

// Stands between a mailbox and its consumer and breaks one promise.
class broken_port final : public port, private taker {
 public:
  broken_port(canary which, mailbox_kind kind, port_options options)
      : which_(which), real_hook_(options.schedule) {
    if (which == canary::overfill && options.capacity < capacity_max) ++options.capacity;
    if (which == canary::underfill && options.capacity > 1) --options.capacity;
    if (which == canary::lost_wakeup || which == canary::double_wakeup) {
      options.schedule = {.call = &broken_port::wake, .who = this};
    }
    inner_ = make_port(kind, options);
  }

  send_result try_send(letter&& message) override {
    // Nothing is wrong with such a mailbox; what is wrong is a campaign that tests no gap and says so
    // nowhere.
    if (which_ == canary::calm && detour::current() != nullptr) detour::current()->stop_at(0);
    const send_result result = inner_->try_send(std::move(message));
    if (which_ == canary::open_door && result == send_result::closed) return send_result::accepted;
    return result;
  }
  send_result send_control(order&& message) override {
    if (which_ == canary::evict_control && inner_->size() > 0) return send_result::accepted;
    return inner_->send_control(std::move(message));
  }

  receipt receive(std::uint32_t limit, taker& to) override {
    static std::uint64_t calls_of_all_runs = 0;  // the leak: outlives the run
    if (which_ == canary::leak && ++calls_of_all_runs % 41 == 0) limit = 1;
    letters_.clear();
    orders_.clear();
    receipt got = inner_->receive(limit, *this);
    ++batches_;
    if (which_ == canary::reorder && batches_ % 3 == 0) {
      std::reverse(letters_.begin(), letters_.end());
    }
    if (which_ != canary::late_control) hand_orders(to);
    for (letter& message : letters_) {
      const std::uint64_t nth = ++taken_;
      if (which_ == canary::lose && nth % period == 0) continue;
      if (which_ == canary::duplicate && nth % period == 0) {
        to.take(letter(message.id, message.sender, message.bytes));
      }
      to.take(std::move(message));
    }
    if (which_ == canary::late_control) hand_orders(to);
    return got;
  }

  idle_result try_idle() override {
    const idle_result result = inner_->try_idle();
    const bool done = result == idle_result::finished;
    return which_ == canary::never_done && done ? idle_result::more : result;
  }
  bool close() override {
    if (which_ == canary::lost_close) {
      // What waits goes nowhere: taken behind the consumer's back.
      class : public taker {
        void take(letter&&) override {}
        void take(order&&) override {}
      } nobody;
      while (inner_->receive(batch_max, nobody).any()) {
      }
    }
    return inner_->close();
  }
  [[nodiscard]] mailbox_counters counters() const override {
    mailbox_counters now = inner_->counters();
    if (which_ == canary::miscount) ++now.sent;
    return now;
  }
  [[nodiscard]] std::uint64_t size() const override { return inner_->size(); }

 private:
  void take(letter&& message) override { letters_.push_back(std::move(message)); }
  void take(order&& message) override { orders_.push_back(message); }

  void hand_orders(taker& to) {
    for (order& message : orders_) to.take(std::move(message));
  }

  static void wake(void* who) noexcept {
    auto& self = *static_cast<broken_port*>(who);
    const std::uint64_t nth = ++self.wakes_;
    if (self.which_ == canary::lost_wakeup && nth % 5 == 0) return;
    self.real_hook_.call(self.real_hook_.who);
    if (self.which_ == canary::double_wakeup && nth % 3 == 0) {
      self.real_hook_.call(self.real_hook_.who);
    }
  }

  const canary which_;
  const schedule_hook real_hook_;
  std::unique_ptr<port> inner_;
  std::vector<letter> letters_;
  std::vector<order> orders_;
  std::uint64_t batches_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t wakes_ = 0;
};

}  // namespace

std::span<const canary_entry> canaries() noexcept { return table; }

std::optional<canary> canary_named(std::string_view name) noexcept {
  for (const canary_entry& entry : table) {
    if (entry.name == name) return entry.which;
  }
  return std::nullopt;
}

std::string_view to_string(canary which) noexcept {
  for (const canary_entry& entry : table) {
    if (entry.which == which) return entry.name;
  }
  return "none";
}

std::unique_ptr<port> make_canary(canary which, mailbox_kind kind, const port_options& options) {
  return std::make_unique<broken_port>(which, kind, options);
}

}  // namespace jacquard::sim
