// Strands send over a channel of few places and others receive; it is closed in the middle or at the end. What was
// accepted is received once, by one strand, and in the order of each sender.
#include <fmt/core.h>

#include <optional>

#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>
#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr std::uint32_t receivers_count = 3;

struct item {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;  // of this sender, from 1
};

class strands final : public actor_world {
 public:
  strands(const scenario& of, const plan& what, const run_options& options)
      : actor_world(of, what, options), line_({.capacity = story().capacity}) {
    for (std::uint32_t i = 0; i < story().producers; ++i) {
      sent_.emplace_back(story().messages + 1, false);
      received_.emplace_back(story().messages + 1, 0u);
      pace_.emplace_back(what.seed, domain::service, fmt::format("/strand/sender/{}", i));
    }
    for (std::uint32_t i = 0; i < receivers_count; ++i) {
      reading_.emplace_back(what.seed, domain::service, fmt::format("/strand/receiver/{}", i));
      last_.emplace_back(story().producers, 0u);
    }
  }

 private:
  void begins() override {}
  // A sender's first turn starts its strand, which sends on its own.
  void emits(std::uint32_t who, std::uint32_t n) override {
    if (!started_) {
      started_ = true;
      for (std::uint32_t i = 0; i < receivers_count; ++i) {
        ++alive_;
        detach(system().workers(), receives(i));
      }
    }
    if (n > 0) return;
    ++senders_alive_;
    ++alive_;
    detach(system().workers(), sends(who));
  }
  strand<void> sends(std::uint32_t who) {
    for (std::uint32_t n = 1; n <= story().messages; ++n) {
      environment().spends(story().gap.sample(pace_[who]) / 2);
      const nanoseconds began = now();
      item next{who, n};
      const send_result result = co_await line_.send(std::move(next));
      if (now() > began) sees(point::strand_waited);
      if (result == send_result::closed) {
        if (now() > began) sees(point::told_of_close);
        sees(point::refused_closed);
        break;
      }
      sent_[who][n] = true;
      ++accepted_;
      if (line_.size() > story().capacity) {
        broken("capacity_bound",
               fmt::format("{} items wait in a channel of {}", line_.size(), story().capacity));
      }
    }
    --senders_alive_;
    --alive_;
    progresses();
  }
  strand<void> receives(std::uint32_t who) {
    for (;;) {
      const nanoseconds began = now();
      received<item> got = co_await line_.receive();
      if (now() > began) sees(point::strand_waited);
      if (!got) {
        if (now() > began) sees(point::told_of_close);
        break;
      }
      takes(who, *got);
      environment().spends(story().service.sample(reading_[who]));
    }
    --alive_;
    progresses();
  }
  void takes(std::uint32_t who, const item& got) {
    std::uint32_t& times = received_[got.sender][got.number];
    times += breaks(canary::received_twice) ? 2 : 1;
    ++taken_;
    if (times > 1) {
      broken("exactly_once", fmt::format("item {} of sender {} was received {} times", got.number,
                                         got.sender, times));
    }
    if (got.number <= last_[who][got.sender]) {
      broken("fifo_per_sender", fmt::format("receiver {} got item {} of sender {} after item {}",
                                            who, got.number, got.sender, last_[who][got.sender]));
    }
    last_[who][got.sender] = got.number;
  }
  void closes() override {
    if (closed_) return;
    closed_ = true;
    if (line_.size() > 0) sees(point::drained_at_close);
    (void)line_.close();
  }
  bool wants_more() override { return senders_alive_ > 0; }
  void winds_down() override { closes(); }
  bool is_over() override { return alive_ == 0; }
  void at_rest() override {
    for (std::uint32_t who = 0; who < sent_.size(); ++who) {
      for (std::uint32_t n = 1; n < sent_[who].size(); ++n) {
        const std::uint32_t times = received_[who][n];
        if (times == (sent_[who][n] ? 1u : 0u)) continue;
        return broken("exactly_once",
                      fmt::format("item {} of sender {} was {}accepted, and received {} times", n,
                                  who, sent_[who][n] ? "" : "not ", times));
      }
    }
    books().counts(accepted_, taken_);
  }

  channel<item> line_;
  std::vector<std::vector<bool>> sent_;
  std::vector<std::vector<std::uint32_t>> received_;
  std::vector<std::vector<std::uint32_t>> last_;  // by receiver and sender
  std::vector<stream> pace_;
  std::vector<stream> reading_;
  std::uint64_t accepted_ = 0;
  std::uint64_t taken_ = 0;
  std::uint32_t senders_alive_ = 0;
  std::uint32_t alive_ = 0;
  bool started_ = false;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<actor_world> make_strands(const scenario& story, const plan& what,
                                          const run_options& options) {
  return std::make_unique<strands>(story, what, options);
}

}  // namespace jacquard::sim
