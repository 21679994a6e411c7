// jacquard/property/mailbox_under_test.hpp: a mailbox of parcels with everything written down, and the
// rapidcheck command that plays one step on it and on the spec.
#pragma once

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <cstdint>
#include <jacquard/property/cases.hpp>
#include <jacquard/property/mailbox_commands.hpp>
#include <jacquard/property/parcel.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace jacquard::property {

/// `Box` takes parcels and signals. One thread.
template <class Box>
class mailbox_under_test {
 public:
  using letter = spec::mailbox_spec<>::dead_letter;

  mailbox_under_test(const mailbox_case& c, signature_guard guard, mailbox_coverage& coverage)
      : case_(c), guard_(std::move(guard)), coverage_(coverage) {
    typename Box::options_type options{.capacity = c.rules.capacity,
                                       .control_capacity = c.rules.control_capacity,
                                       .overflow = c.rules.overflow,
                                       .block_for = std::chrono::nanoseconds{0},
                                       .payload_bytes_max = c.rules.payload_bytes_max};
    if (c.rules.scheduled_by_hook) options.schedule = {.call = on_schedule, .who = this};
    if (c.has_dead_letter_hook) options.dead_letter = {.call = on_dead_letter, .who = this};
    if (c.rules.marks.any()) {
      options.high_water = c.rules.marks.high;
      options.low_water = c.rules.marks.low;
      options.on_high_water = {.call = on_high_water, .who = this};
    }
    box_ = std::make_unique<Box>(options);
  }

  /// Plays a step; what it let the outside see.
  step_outcome play(const mailbox_model& now, const mailbox_step& step) {
    using act = mailbox_step::act;
    step_outcome outcome;
    std::uint64_t id = now.next_id;
    const auto send_one = [&](std::size_t bytes, auto&& call) {
      parcel message(ledger_, id, bytes);
      const send_result result = call(std::move(message));
      const bool gone = result == send_result::accepted || result == send_result::dropped;
      guard_.require((message.id() == 0) == gone, "P1: a refused message is still the sender's",
                     "after " + std::string(to_string(result)));
      outcome.sent.push_back(result);
      ++id;
      return result;
    };
    const auto plain = [&](parcel&& message) { return box_->send(std::move(message)); };
    std::uint64_t handed_out = 0;
    const auto visit = overloaded{[&](parcel&& message) {
                                    const parcel taken = std::move(message);
                                    outcome.messages.push_back(taken.id());
                                    ++handed_out;
                                  },
                                  [&](signal&& message) {
                                    guard_.require(outcome.messages.empty(),
                                                   "P3: control messages come first", "");
                                    outcome.control.push_back(message.id);
                                  }};
    receipt got;
    switch (step.what) {
      case act::send:
        for (std::uint32_t i = 0; i < step.count; ++i) (void)send_one(step.bytes, plain);
        break;
      case act::send_until:
        for (std::uint32_t i = 0; i < step.count; ++i) {
          (void)send_one(step.bytes, [&](parcel&& message) {
            return box_->send(std::move(message), sync::deadline{.ns = 0});
          });
        }
        break;
      case act::try_send:
        for (std::uint32_t i = 0; i < step.count; ++i) {
          (void)send_one(step.bytes,
                         [&](parcel&& message) { return box_->try_send(std::move(message)); });
        }
        break;
      case act::send_control:
        for (std::uint32_t i = 0; i < step.count; ++i) {
          outcome.sent.push_back(box_->send_control(signal{id++}));
        }
        break;
      case act::receive:
        got = box_->receive(step.count, visit);
        break;
      case act::wait_receive:
        got = box_->wait_receive(step.count, visit, sync::deadline{.ns = 0});
        outcome.finished = got.finished;
        outcome.timed_out = got.timed_out;
        break;
      case act::echo: {
        const auto limit =
            std::min<std::uint32_t>(step.count, static_cast<std::uint32_t>(now.spec.size()));
        got = box_->receive(limit, overloaded{[&](parcel&& message) {
                                                visit(std::move(message));
                                                if (handed_out == 1) (void)send_one(8, plain);
                                              },
                                              visit_control(visit)});
        break;
      }
      case act::insist:
        got = box_->receive(1, overloaded{[&](parcel&& message) {
                                            visit(std::move(message));
                                            const std::uint32_t most = insist_accepts(now) + 2;
                                            for (std::uint32_t i = 0; i < most; ++i) {
                                              if (send_one(8, plain) != send_result::accepted) {
                                                break;
                                              }
                                            }
                                          },
                                          visit_control(visit)});
        break;
      case act::try_idle:
        outcome.idle = box_->try_idle();
        break;
      case act::close:
        outcome.first_close = box_->close();
        break;
    }
    guard_.require(got.messages == outcome.messages.size() && got.control == outcome.control.size(),
                   "P1: a receipt says what was handed out", "");
    coverage_.count(step, outcome);
    return outcome;
  }

  /// Compares everything that can be asked at rest.
  void compare(const mailbox_model& wanted) {
    const spec::mailbox_spec<>& spec = wanted.spec;
    guard_.require(alarms_ == spec.counters().high_water_alarms,
                   "P8: how often the high-water mark is told", [&] {
                     return "got " + std::to_string(alarms_) + ", wanted " +
                            std::to_string(spec.counters().high_water_alarms);
                   });
    const mailbox_counters counters = box_->counters();
    guard_.require(counters == spec.counters(), "P7: the counters are exact", [&] {
      return "\n  got    " + to_text(counters) + "\n  wanted " + to_text(spec.counters());
    });
    guard_.require(counters.balanced(), "P7: the counters balance",
                   [&] { return to_text(counters); });
    guard_.require(box_->size() == spec.size(), "P7: size", "");
    guard_.require(box_->capacity() == case_.rules.capacity, "P7: capacity", "");
    guard_.require(box_->is_closed() == spec.is_closed(), "P5: is_closed", "");
    if (case_.rules.scheduled_by_hook) {
      guard_.require(schedules_ == spec.schedules(), "P6: how often the consumer is started", [&] {
        return "got " + std::to_string(schedules_) + ", wanted " + std::to_string(spec.schedules());
      });
    }
    compare_letters(spec);
    guard_.require(ledger_.contents.load() == static_cast<std::int64_t>(spec.size()),
                   "P1: only what waits is alive",
                   [&] { return std::to_string(ledger_.contents.load()) + " alive"; });
  }

  /// Destroys the mailbox and compares what reached the hook, and that no message is left.
  void finish(mailbox_model& wanted) {
    wanted.spec.destroy();
    ++coverage_.cases;
    if (case_.rules.marks.any()) ++coverage_.marked;
    coverage_.alarms += alarms_;
    if (alarms_ > 1) ++coverage_.alarmed_again;
    for (const letter& l : wanted.spec.letters()) ++coverage_.letters[static_cast<int>(l.why)];
    box_.reset();
    compare_letters(wanted.spec);
    guard_.require(ledger_.objects.load() == 0, "P1: no message is leaked or doubled",
                   [&] { return std::to_string(ledger_.objects.load()) + " left"; });
  }

  [[nodiscard]] const signature_guard& guard() const noexcept { return guard_; }

 private:
  template <class... F>
  struct overloaded : F... {
    using F::operator()...;
  };
  template <class... F>
  overloaded(F...) -> overloaded<F...>;

  template <class Visit>
  static auto visit_control(Visit& visit) {
    return [&visit](signal&& message) { visit(std::move(message)); };
  }

  static void on_schedule(void* who) noexcept {
    ++static_cast<mailbox_under_test*>(who)->schedules_;
  }
  static void on_high_water(void* who) noexcept {
    ++static_cast<mailbox_under_test*>(who)->alarms_;
  }
  static void on_dead_letter(void* who, parcel&& message, drop_reason why) noexcept {
    const parcel taken = std::move(message);
    static_cast<mailbox_under_test*>(who)->letters_.push_back({taken.id(), why});
  }

  void compare_letters(const spec::mailbox_spec<>& spec) {
    if (!case_.has_dead_letter_hook) return;
    guard_.require(letters_ == spec.letters(), "P1: the dead letters", [&] {
      std::ostringstream os;
      for (const auto& [id, why] : letters_) os << " " << id << " " << to_string(why);
      os << "\n  wanted";
      for (const auto& [id, why] : spec.letters()) os << " " << id << " " << to_string(why);
      return "got" + os.str();
    });
  }

  mailbox_case case_;
  signature_guard guard_;
  mailbox_coverage& coverage_;
  parcel_ledger ledger_;
  std::vector<letter> letters_;
  std::uint64_t schedules_ = 0;
  std::uint64_t alarms_ = 0;
  std::unique_ptr<Box> box_;  // last: its end still reaches the members above
};

/// One step as rapidcheck's stateful testing takes it.
template <class Box>
class mailbox_command : public rc::state::Command<mailbox_model, mailbox_under_test<Box>> {
 public:
  explicit mailbox_command(const mailbox_step& step) : step_(step) {}

  void checkPreconditions(const mailbox_model& now) const override {
    RC_PRE(is_allowed(now, step_));
  }
  void apply(mailbox_model& model) const override { (void)play(model, step_); }
  void run(const mailbox_model& now, mailbox_under_test<Box>& box) const override {
    mailbox_model after = now;
    const step_outcome wanted = play(after, step_);
    const step_outcome got = box.play(now, step_);
    const char* const differs = difference(got, wanted);
    box.guard().require(differs == nullptr, differs == nullptr ? "" : differs, [&] {
      std::ostringstream os;
      os << step_ << "\n  got    " << got << "\n  wanted " << wanted;
      return os.str();
    });
    box.compare(after);
  }
  void show(std::ostream& os) const override { os << step_; }

 private:
  mailbox_step step_;
};

/// The whole property: a random case, random steps, the end. What it came across is added to `coverage`.
template <class Box>
void agrees_with_spec(overflow policy, capacity_kind kind, bool frees_place_first,
                      const signature_guard& guard, mailbox_coverage& coverage) {
  const mailbox_case c = *any_mailbox_case(policy, kind, frees_place_first, Box::has_marks);
  const auto commands = *rc::state::gen::commands(mailbox_model(c), [](const mailbox_model& now) {
    return rc::gen::map(any_mailbox_step(now), [](const mailbox_step& step) {
      return std::shared_ptr<const rc::state::Command<mailbox_model, mailbox_under_test<Box>>>(
          std::make_shared<mailbox_command<Box>>(step));
    });
  });
  mailbox_under_test<Box> box(c, guard, coverage);
  mailbox_model model(c);
  rc::state::runAll(commands, model, box);
  rc::state::applyAll(commands, model);
  box.finish(model);
}

}  // namespace jacquard::property
