// jacquard/spec/sharded_mailbox_spec.hpp: what a sharded mailbox promises, as a program for one thread that plays every
// sender.
//
// A shard is a mailbox of its own, so it is mailbox_spec. What stands here is what the shards have in common: control
// messages, the consumer's start, the end, and the order in which the consumer looks at them.
//
// Promises    P1-P7 of mailbox_spec, P1 and P2 for each shard, and
//             P8  A receive looks at one shard after the other from where the last one stopped, and stops at `limit`.
// Checked by  property_tests/sharded_mailbox.test.cpp.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <jacquard/spec/mailbox_spec.hpp>

namespace jacquard::spec {

/// `rules.capacity` is a shard's. Messages and control messages are ids. Not thread-safe.
class sharded_mailbox_spec {
 public:
  using shard_spec = mailbox_spec<std::uint64_t>;
  using handed_out = shard_spec::handed_out;
  using dead_letter = shard_spec::dead_letter;

  sharded_mailbox_spec(const mailbox_rules& rules, std::uint32_t shards)
      : rules_(rules), running_(!rules.scheduled_by_hook), shards_(shards, shard_spec(rules)) {}

  send_result send(std::uint32_t shard, std::uint64_t message, std::size_t bytes) {
    return told(shard, shards_[shard].send(message, bytes));
  }
  send_result try_send(std::uint32_t shard, std::uint64_t message, std::size_t bytes) {
    return told(shard, shards_[shard].try_send(message, bytes));
  }
  send_result refuse_would_deadlock(std::uint32_t shard) {
    return shards_[shard].refuse_would_deadlock();
  }

  send_result send_control(std::uint64_t message) {
    if (closed_ || control_.size() >= rules_.control_capacity) {
      ++control_counters_.control_refused;
      return closed_ ? send_result::closed : send_result::busy;
    }
    control_.push_back(message);
    ++control_counters_.control_sent;
    announced_ = true;
    start_consumer();
    return send_result::accepted;
  }

  bool close() {
    for (shard_spec& each : shards_) (void)each.close();
    const bool first = !std::exchange(closed_, true);
    start_consumer();
    return first;
  }

  [[nodiscard]] bool running() const noexcept { return running_; }

  handed_out receive(std::uint32_t limit) {
    handed_out got;
    while (!control_.empty() && got.control.size() < shard_spec::control_batch) {
      got.control.push_back(control_.front());
      control_.pop_front();
      ++control_counters_.control_received;
    }
    for (std::size_t looked = 0; looked < shards_.size() && got.messages.size() < limit; ++looked) {
      const handed_out here =
          shards_[next_].receive(limit - static_cast<std::uint32_t>(got.messages.size()));
      got.messages.insert(got.messages.end(), here.messages.begin(), here.messages.end());
      next_ = (next_ + 1) % shards_.size();
    }
    return got;
  }

  idle_result try_idle() {
    if (!control_.empty()) return idle_result::more;
    if (std::exchange(announced_, false) || size() > 0) return idle_result::more;
    if (closed_) return idle_result::finished;
    running_ = false;
    return idle_result::idle;
  }

  /// With a deadline that has passed.
  handed_out wait_receive(std::uint32_t limit) {
    handed_out got = receive(limit);
    if (got.control.empty() && got.messages.empty()) {
      announced_ = false;
      (closed_ ? got.finished : got.timed_out) = true;
    }
    return got;
  }

  /// The shards end one after the other, the last first.
  void destroy() {
    for (std::size_t shard = shards_.size(); shard-- > 0;) {
      shards_[shard].destroy();
      keep_letters(shards_[shard]);
    }
  }

  [[nodiscard]] bool is_closed() const noexcept { return closed_; }
  [[nodiscard]] std::uint64_t size() const noexcept {
    std::uint64_t all = 0;
    for (const shard_spec& each : shards_) all += each.size();
    return all;
  }
  [[nodiscard]] std::uint64_t size_of(std::uint32_t shard) const { return shards_[shard].size(); }
  /// The shard that a receive looks at first.
  [[nodiscard]] std::uint32_t next() const noexcept { return static_cast<std::uint32_t>(next_); }
  [[nodiscard]] const mailbox_rules& rules() const noexcept { return rules_; }
  [[nodiscard]] std::uint64_t schedules() const noexcept { return schedules_; }
  /// Every dead letter so far, in order.
  [[nodiscard]] const std::vector<dead_letter>& letters() const noexcept { return letters_; }

  [[nodiscard]] mailbox_counters counters() const noexcept {
    mailbox_counters all = control_counters_;
    all.control_undelivered = control_.size();
    for (const shard_spec& each : shards_) {
      const mailbox_counters one = each.counters();
      all.sent += one.sent;
      all.received += one.received;
      all.dropped_newest += one.dropped_newest;
      all.dropped_oldest += one.dropped_oldest;
      all.undelivered += one.undelivered;
      all.refused_busy += one.refused_busy;
      all.refused_closed += one.refused_closed;
      all.refused_too_large += one.refused_too_large;
      all.refused_deadline += one.refused_deadline;
      all.refused_would_deadlock += one.refused_would_deadlock;
    }
    return all;
  }

 private:
  send_result told(std::uint32_t shard, send_result result) {
    keep_letters(shards_[shard]);
    if (result == send_result::accepted) start_consumer();
    return result;
  }
  // A shard's letters end up here, in the order of all.
  void keep_letters(const shard_spec& shard) {
    auto& kept = letters_kept_[static_cast<std::size_t>(&shard - shards_.data())];
    const auto& there = shard.letters();
    letters_.insert(letters_.end(), there.begin() + static_cast<std::ptrdiff_t>(kept), there.end());
    kept = there.size();
  }
  void start_consumer() {
    if (!std::exchange(running_, true)) ++schedules_;
  }

  mailbox_rules rules_;
  mailbox_counters control_counters_;  // nothing but control
  bool running_;
  bool closed_ = false;
  bool announced_ = false;
  std::vector<shard_spec> shards_;
  std::vector<std::size_t> letters_kept_ = std::vector<std::size_t>(shards_.size());
  std::size_t next_ = 0;
  std::deque<std::uint64_t> control_;
  std::vector<dead_letter> letters_;
  std::uint64_t schedules_ = 0;
};

}  // namespace jacquard::spec
