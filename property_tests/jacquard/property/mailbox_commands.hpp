// jacquard/property/mailbox_commands.hpp: what one thread can do with a mailbox, as data: generators of
// rules and of steps, what a step does to the spec, and how what happened is written down. A caller plays
// the same steps on a mailbox and compares.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <jacquard/spec/mailbox_spec.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace jacquard::property {

/// What decides a case, beside the mailbox's kind and its overflow policy.
struct mailbox_case {
  spec::mailbox_rules rules;
  bool has_dead_letter_hook = true;
  /// What the kind does: a message's place is free before the visitor sees it, not after the receive.
  bool frees_place_first = false;
};

/// Where a kind may have which capacity.
enum class capacity_kind : std::uint8_t { bounded, unbounded };

/// Capacities 1 to 8 mostly, now and then 16 to 600; control 1 to 4, or 16 and more; payloads up to 64
/// bytes, or up to the limit; with and without hooks, and where a kind has marks, with and without them.
rc::Gen<mailbox_case> any_mailbox_case(overflow policy, capacity_kind kind, bool frees_place_first,
                                       bool has_marks = false);

/// One step. `count` and `bytes` mean something to some kinds only.
struct mailbox_step {
  enum class act : std::uint8_t {
    send,          // `count` messages of `bytes` each
    send_until,    // the same, with a deadline that has passed
    try_send,      // the same
    send_control,  // `count` control messages
    receive,       // up to `count`, 1 to 64
    wait_receive,  // up to `count`, deadline passed; only where the consumer is a thread
    echo,  // receive as many as wait, `count` at most; the visitor sends one for the first of them
    insist,    // overflow::block: receive one; its visitor sends until it is refused
    try_idle,  // only where a hook starts the consumer
    close,
  };
  act what = act::send;
  std::uint32_t count = 1;
  std::uint32_t bytes = 8;
};

/// Everything a step let the outside see, in order.
struct step_outcome {
  std::vector<send_result> sent;
  std::vector<std::uint64_t> control;
  std::vector<std::uint64_t> messages;
  bool finished = false;
  bool timed_out = false;
  bool first_close = false;
  idle_result idle = idle_result::more;
  friend bool operator==(const step_outcome&, const step_outcome&) = default;
};

/// The spec with what a step needs beside it: the next message's id.
struct mailbox_model {
  explicit mailbox_model(const mailbox_case& c)
      : spec(c.rules), frees_place_first(c.frees_place_first) {}

  spec::mailbox_spec<> spec;
  std::uint64_t next_id = 1;
  bool frees_place_first;
};

/// What the cases of one property came across. A property that never filled a mailbox has not tried it.
struct mailbox_coverage {
  std::uint64_t cases = 0;
  std::uint64_t steps = 0;
  std::uint64_t sent[7] = {};              // by send_result
  std::uint64_t control_refused = 0;       //
  std::uint64_t full_control_batches = 0;  // 16 in one receive
  std::uint64_t full_batches = 0;          // 64 in one receive
  std::uint64_t idles[3] = {};             // by idle_result
  std::uint64_t timed_out = 0;             //
  std::uint64_t finished = 0;              // wait_receive said so
  std::uint64_t letters[3] = {};           // by drop_reason
  std::uint64_t marked = 0;                // cases with a high-water mark
  std::uint64_t alarms = 0;                //
  std::uint64_t alarmed_again = 0;         // cases with two alarms and more

  void count(const mailbox_step& step, const step_outcome& outcome);
  [[nodiscard]] std::string text() const;
  /// The first thing that a mailbox of this policy must come across and did not; empty where all is seen.
  [[nodiscard]] std::string unseen(overflow policy, capacity_kind kind) const;
};

/// Whether the contract allows this step now.
[[nodiscard]] bool is_allowed(const mailbox_model& now, const mailbox_step& step);

/// What the spec does. Ids are given out in order from `next_id`.
step_outcome play(mailbox_model& model, const mailbox_step& step);

/// How many messages the visitor of `insist` gets in before it is refused.
[[nodiscard]] std::uint32_t insist_accepts(const mailbox_model& now);

/// Steps in the proportions that keep a mailbox near its bounds.
rc::Gen<mailbox_step> any_mailbox_step(const mailbox_model& now);

/// The claim that two outcomes differ in ("P1", ...), or null where they are equal.
[[nodiscard]] const char* difference(const step_outcome& got, const step_outcome& wanted);

std::ostream& operator<<(std::ostream& os, const mailbox_step& step);
std::ostream& operator<<(std::ostream& os, const step_outcome& outcome);
std::ostream& operator<<(std::ostream& os, const mailbox_case& c);
[[nodiscard]] std::string to_text(const mailbox_counters& c);

}  // namespace jacquard::property
