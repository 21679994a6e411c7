// A sharded mailbox of three shards, under every policy, answers as its spec does, whichever sender sends: each result,
// each batch, each counter, each dead letter and each start of the consumer, at every step of random histories by one
// thread that plays all senders.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdio>
#include <jacquard/mailbox/sharded_mailbox.hpp>
#include <jacquard/property/cases.hpp>
#include <jacquard/property/mailbox_commands.hpp>
#include <jacquard/property/parcel.hpp>
#include <jacquard/spec/sharded_mailbox_spec.hpp>
#include <memory>
#include <string>
#include <vector>

namespace jacquard {
// How GoogleTest names a parameter.
inline void PrintTo(overflow policy, std::ostream* os) { *os << to_string(policy); }
}  // namespace jacquard

namespace jacquard::property {
namespace {

constexpr std::uint32_t shards = 3;
using sharded = sharded_mailbox<parcel, shards, signal>;

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

// What the cases of one property came across.
struct coverage {
  std::uint64_t steps = 0;
  std::uint64_t sent[7] = {};        // by send_result
  std::uint64_t busy_with_room = 0;  // refused or dropped, and another shard was empty
  std::uint64_t stopped = 0;         // a receive stopped at its limit with shards unseen
  std::uint64_t idles[3] = {};       // by idle_result
  std::uint64_t letters[3] = {};     // by drop_reason
};

template <class Box>
class play {
 public:
  play(const mailbox_case& c, const signature_guard& guard, coverage& seen)
      : case_(c), guard_(guard), seen_(seen), spec_(c.rules, shards) {
    typename Box::options_type options{.capacity = c.rules.capacity,
                                       .control_capacity = c.rules.control_capacity,
                                       .overflow = c.rules.overflow,
                                       .block_for = std::chrono::nanoseconds{0},
                                       .payload_bytes_max = c.rules.payload_bytes_max};
    if (c.rules.scheduled_by_hook) options.schedule = {.call = on_schedule, .who = this};
    options.dead_letter = {.call = on_dead_letter, .who = this};
    box_ = std::make_unique<Box>(options);
  }

  void step() {
    ++seen_.steps;
    enum act : std::uint32_t { sends, tries, controls, receives, waits, insists, idles, closes };
    switch (*rc::gen::weightedElement<act>({{24, sends},
                                            {8, tries},
                                            {6, controls},
                                            {30, receives},
                                            {8, waits},
                                            {5, insists},
                                            {18, idles},
                                            {1, closes}})) {
      case sends:
        for (std::uint32_t n = *between(1, 4); n > 0; --n) send(*between(0, shards - 1), false);
        break;
      case tries:
        send(*between(0, shards - 1), true);
        break;
      case controls:
        for (std::uint32_t n = *between(1, 3); n > 0; --n) {
          const std::uint64_t id = next_id_++;
          same(box_->send_control(signal{id}), spec_.send_control(id),
               "P3: what send_control answers");
        }
        break;
      case receives:
        if (spec_.running()) receive(*limit(), false);
        break;
      case waits:
        if (!case_.rules.scheduled_by_hook) receive(*limit(), true);
        break;
      case insists:
        if (spec_.running() && case_.rules.overflow == overflow::block) insist();
        break;
      case idles:
        if (spec_.running() && case_.rules.scheduled_by_hook) {
          const idle_result got = box_->try_idle();
          ++seen_.idles[static_cast<int>(got)];
          guard_.require(got == spec_.try_idle(), "P6: what try_idle answers", "");
        }
        break;
      case closes:
        guard_.require(box_->close() == spec_.close(), "P5: what close answers", "");
        break;
    }
    compare();
  }

  void finish() {
    spec_.destroy();
    box_.reset();
    compare_letters();
    for (const auto& [id, why] : letters_) ++seen_.letters[static_cast<int>(why)];
    guard_.require(ledger_.objects.load() == 0, "P1: no message is leaked or doubled", "");
  }

 private:
  static rc::Gen<std::uint32_t> between(std::uint32_t low, std::uint32_t high) {
    return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high + 1));
  }
  static rc::Gen<std::uint32_t> limit() {
    return rc::gen::weightedOneOf<std::uint32_t>({{4, between(1, 4)}, {2, between(1, batch_max)}});
  }

  void same(send_result got, send_result wanted, const char* claim) {
    guard_.require(got == wanted, claim, [&] {
      return std::string("got ") + to_string(got) + ", wanted " + to_string(wanted);
    });
  }

  send_result send_real(std::uint32_t shard, std::uint64_t id, std::size_t bytes, bool tries) {
    parcel message(ledger_, id, bytes);
    const auto to = box_->sender_of(shard + shards * static_cast<std::uint32_t>(id % 2));
    const send_result got = tries         ? to.try_send(std::move(message))
                            : id % 3 == 0 ? to.send(std::move(message), sync::deadline{.ns = 0})
                                          : to.send(std::move(message));
    const bool gone = got == send_result::accepted || got == send_result::dropped;
    guard_.require((message.id() == 0) == gone, "P1: a refused message is still the sender's", "");
    ++seen_.sent[static_cast<int>(got)];
    return got;
  }

  void send(std::uint32_t shard, bool tries) {
    const std::uint64_t id = next_id_++;
    const std::size_t bytes = *rc::gen::weightedElement<std::size_t>({{12, 8}, {1, 65}});
    const bool crowded = spec_.size_of(shard) == case_.rules.capacity;
    const send_result got = send_real(shard, id, bytes, tries);
    same(got, tries ? spec_.try_send(shard, id, bytes) : spec_.send(shard, id, bytes),
         "P2/P4: what a send answers");
    if (crowded && got != send_result::accepted && got != send_result::too_large &&
        spec_.size_of((shard + 1) % shards) == 0) {
      ++seen_.busy_with_room;
    }
  }

  void receive(std::uint32_t most, bool waits) {
    std::vector<std::uint64_t> control;
    std::vector<std::uint64_t> messages;
    const auto visit = overloaded{[&](parcel&& message) {
                                    const parcel taken = std::move(message);
                                    messages.push_back(taken.id());
                                  },
                                  [&](signal&& message) { control.push_back(message.id); }};
    const receipt got = waits ? box_->wait_receive(most, visit, sync::deadline{.ns = 0})
                              : box_->receive(most, visit);
    const auto wanted = waits ? spec_.wait_receive(most) : spec_.receive(most);
    guard_.require(control == wanted.control, "P3: which control messages are handed out", "");
    guard_.require(messages == wanted.messages, "P1/P8: which messages are handed out",
                   [&] { return listed(messages) + ", wanted" + listed(wanted.messages); });
    guard_.require(got.messages == messages.size() && got.control == control.size(),
                   "P1: a receipt says what was handed out", "");
    guard_.require(got.finished == wanted.finished && got.timed_out == wanted.timed_out,
                   "P5: how wait_receive ends", "");
    if (messages.size() == most && spec_.size() > 0) ++seen_.stopped;
  }

  // overflow::block: from inside receive the consumer sends into every shard until it is refused, by the shard whose
  // message it has in hand too: that place is free already.
  void insist() {
    if (spec_.size() == 0 || spec_.is_closed() || case_.rules.payload_bytes_max < 8) return;
    std::vector<std::pair<std::uint32_t, send_result>> told;
    std::vector<std::uint64_t> ids;
    std::uint64_t taken_id = 0;
    (void)box_->receive(1, overloaded{[&](parcel&& message) {
                                        const parcel taken = std::move(message);
                                        taken_id = taken.id();
                                        for (std::uint32_t shard = 0; shard < shards; ++shard) {
                                          for (send_result got = send_result::accepted;
                                               got == send_result::accepted;) {
                                            ids.push_back(next_id_);
                                            got = send_real(shard, next_id_++, 8, false);
                                            told.emplace_back(shard, got);
                                          }
                                        }
                                      },
                                      [](signal&&) {}});
    const auto wanted = spec_.receive(1);
    guard_.require(wanted.messages == std::vector{taken_id}, "P1/P8: which messages are handed out",
                   "");
    for (std::size_t i = 0; i < told.size(); ++i) {
      const auto& [shard, got] = told[i];
      const bool full = spec_.size_of(shard) == case_.rules.capacity;
      same(got, full ? spec_.refuse_would_deadlock(shard) : spec_.send(shard, ids[i], 8),
           "P2/P4: what a send answers");
    }
  }

  void compare() {
    const mailbox_counters got = box_->counters();
    guard_.require(got == spec_.counters(), "P7: the counters are exact", [&] {
      return "\n  got    " + to_text(got) + "\n  wanted " + to_text(spec_.counters());
    });
    guard_.require(got.balanced(), "P7: the counters balance", "");
    guard_.require(box_->size() == spec_.size(), "P7: size", "");
    guard_.require(box_->capacity() == shards * case_.rules.capacity, "P7: capacity", "");
    guard_.require(box_->is_closed() == spec_.is_closed(), "P5: is_closed", "");
    if (case_.rules.scheduled_by_hook) {
      guard_.require(schedules_ == spec_.schedules(), "P6: how often the consumer is started", "");
    }
    compare_letters();
    guard_.require(ledger_.contents.load() == static_cast<std::int64_t>(spec_.size()),
                   "P1: only what waits is alive", "");
  }
  void compare_letters() {
    guard_.require(letters_ == spec_.letters(), "P1: the dead letters", "");
  }

  static std::string listed(const std::vector<std::uint64_t>& ids) {
    std::string text;
    for (const std::uint64_t id : ids) text += " " + std::to_string(id);
    return text;
  }
  static void on_schedule(void* who) noexcept { ++static_cast<play*>(who)->schedules_; }
  static void on_dead_letter(void* who, parcel&& message, drop_reason why) noexcept {
    const parcel taken = std::move(message);
    static_cast<play*>(who)->letters_.push_back({taken.id(), why});
  }

  mailbox_case case_;
  const signature_guard& guard_;
  coverage& seen_;
  spec::sharded_mailbox_spec spec_;
  parcel_ledger ledger_;
  std::vector<spec::sharded_mailbox_spec::dead_letter> letters_;
  std::uint64_t schedules_ = 0;
  std::uint64_t next_id_ = 1;
  std::unique_ptr<Box> box_;  // last: its end still reaches the members above
};

template <class Box>
void agrees(overflow policy, const signature_guard& guard, coverage& seen) {
  mailbox_case c = *any_mailbox_case(policy, capacity_kind::bounded, true);
  if (c.rules.capacity > 8) c.rules.capacity = c.rules.capacity % 8 + 1;
  play<Box> game(c, guard, seen);
  for (std::uint32_t n = *rc::gen::resize(100, rc::gen::inRange(0u, 60u)); n > 0; --n) game.step();
  game.finish();
}

struct sharded_properties : testing::TestWithParam<overflow> {};
INSTANTIATE_TEST_SUITE_P(overflow, sharded_properties,
                         testing::Values(overflow::reject, overflow::drop_newest,
                                         overflow::drop_oldest, overflow::block),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

TEST_P(sharded_properties, a_sharded_mailbox_does_what_its_spec_does_for_many_senders) {
  coverage seen;
  EXPECT_TRUE(
      holds(std::string("sharded x ") + to_string(GetParam()),
            [&](const signature_guard& guard) { agrees<sharded>(GetParam(), guard, seen); }));
  std::printf(
      "           %llu steps; stopped at a limit %llu, refused while another shard was empty "
      "%llu\n",
      static_cast<unsigned long long>(seen.steps), static_cast<unsigned long long>(seen.stopped),
      static_cast<unsigned long long>(seen.busy_with_room));
  if (cases() < 500) return;
  const auto came = [&](send_result result) { return seen.sent[static_cast<int>(result)]; };
  EXPECT_GT(came(send_result::accepted), 0u);
  EXPECT_GT(came(send_result::closed), 0u);
  EXPECT_GT(came(send_result::too_large), 0u);
  EXPECT_GT(seen.stopped, 0u);
  for (const std::uint64_t n : seen.idles) EXPECT_GT(n, 0u);
  EXPECT_GT(seen.letters[static_cast<int>(drop_reason::shutdown)], 0u);
  switch (GetParam()) {
    case overflow::reject:
      EXPECT_GT(came(send_result::busy), 0u);
      break;
    case overflow::drop_newest:
      EXPECT_GT(came(send_result::dropped), 0u);
      break;
    case overflow::drop_oldest:
      EXPECT_GT(seen.letters[static_cast<int>(drop_reason::oldest)], 0u);
      break;
    case overflow::block:
      EXPECT_GT(came(send_result::deadline), 0u);
      EXPECT_GT(came(send_result::would_deadlock), 0u);
      break;
  }
  if (GetParam() != overflow::drop_oldest) {
    EXPECT_GT(seen.busy_with_room, 0u);
  }
}

// With one thing wrong between the shards.

struct starts_at_the_first_shard : sharded {
  using sharded::sharded;
  template <class Visitor>
  receipt receive(std::uint32_t limit, Visitor&& visitor) {
    receipt got = sharded::receive(limit, visitor);
    (void)sharded::next_.with_mut([](std::uint32_t& next) { return next = 0; });
    return got;
  }
};
TEST(broken_shards, a_sweep_that_starts_over_is_caught) {
  EXPECT_TRUE(is_caught(
      "starts over",
      [](const signature_guard& guard) {
        coverage ignored;
        agrees<starts_at_the_first_shard>(overflow::reject, guard, ignored);
      },
      "P1/P8: which messages are handed out"));
}

struct shares_its_room : sharded {
  using sharded::sharded;
  struct sender {
    shares_its_room& box;
    std::uint32_t number;
    template <class... Until>
    send_result send(parcel&& message, Until... until) const {
      const send_result own = box.sharded::sender_of(number).send(std::move(message), until...);
      return own == send_result::busy && has_room() ? next().send(std::move(message), until...)
                                                    : own;
    }
    send_result try_send(parcel&& message) const {
      const send_result own = box.sharded::sender_of(number).try_send(std::move(message));
      return own == send_result::busy && has_room() ? next().try_send(std::move(message)) : own;
    }
    // Where there is none, a second refusal would only be counted too often: another claim.
    [[nodiscard]] bool has_room() const {
      const auto& other = box.sharded::shards_[(number + 1) % sharded::shards];
      return other.size() < other.capacity();
    }
    [[nodiscard]] typename sharded::sender next() const {
      return box.sharded::sender_of(number + 1);
    }
  };
  [[nodiscard]] sender sender_of(std::uint32_t number) { return {*this, number}; }
};
TEST(broken_shards, a_sender_that_goes_elsewhere_when_its_shard_is_full_is_caught) {
  EXPECT_TRUE(is_caught(
      "goes elsewhere",
      [](const signature_guard& guard) {
        coverage ignored;
        agrees<shares_its_room>(overflow::reject, guard, ignored);
      },
      "P2/P4: what a send answers"));
}

struct leaves_a_shard_open : sharded {
  using sharded::sharded;
  bool close() {
    const bool first = !std::exchange(closed_, true);
    for (std::uint32_t shard = 0; shard + 1 < sharded::shards; ++shard) {
      (void)sharded::shards_[shard].close();
    }
    return first;
  }
  bool closed_ = false;
};
TEST(broken_shards, a_close_that_leaves_a_shard_open_is_caught) {
  EXPECT_TRUE(is_caught(
      "leaves one open",
      [](const signature_guard& guard) {
        coverage ignored;
        agrees<leaves_a_shard_open>(overflow::reject, guard, ignored);
      },
      "P5: is_closed"));
}

struct forgets_the_others : sharded {
  using sharded::sharded;
  [[nodiscard]] mailbox_counters counters() const { return sharded::shards_[0].counters(); }
};
TEST(broken_shards, counters_of_one_shard_only_are_caught) {
  EXPECT_TRUE(is_caught(
      "counts one shard",
      [](const signature_guard& guard) {
        coverage ignored;
        agrees<forgets_the_others>(overflow::reject, guard, ignored);
      },
      "P7: the counters are exact"));
}

}  // namespace
}  // namespace jacquard::property
