// jacquard/sim/mailbox_world.hpp: producers, links, one mailbox, one slow consumer, and what goes wrong.
//
// Shape       /producer/i  emits messages at its own pace, and sends what its link delivers, one call at a
//                          time: a sender that is blocked or stalled sends nothing else meanwhile
//             /control     sends control messages
//             /consumer    is started by the schedule hook, takes batches, needs time for each message
//             /faults      begins and ends the faults of the plan
//             /world       heals it when all is sent, closes the mailbox, waits for the drain
// Invariants  I1  Two phases: safety under faults, then liveness: healed and closed, the consumer must
//                 reach `finished`.
//             I2  overflow::block waits in virtual time: a sender that try_send answers busy is queued for
//                 room, woken by a receive, and gives up at its deadline after a last try.
//             I3  A stalled send is the mailbox's own code, stopped in a detour where it moves the letter.
// Not seen    Interleavings inside one call, except that gap: calls are steps here. That is the model
//             checks' job.
// Checked by  run.test.cpp, canary.test.cpp
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <jacquard/sim/active_faults.hpp>
#include <jacquard/sim/detour.hpp>
#include <jacquard/sim/ledger.hpp>
#include <jacquard/sim/run.hpp>
#include <jacquard/sim/trace.hpp>

namespace jacquard::sim {

class mailbox_world;

/// Tracks of a trace, beside fault_track.
inline constexpr std::uint32_t consumer_track = 2;
inline constexpr std::uint32_t producer_track = 10;

class producer final : public entity {
 public:
  producer(mailbox_world& world, std::uint32_t index);
  void on(kernel& clock, const event& what) override;
  void begins();
  /// There may be room: try again, a moment later.
  void woken();
  void stalls(std::uint32_t sends, nanoseconds each) noexcept {
    stalls_left_ += sends;
    stall_for_ = each;
  }
  void heals() noexcept { stalls_left_ = 0; }
  /// Ends a call that is still suspended, without virtual time.
  void abandon() { call_.reset(); }

 private:
  void emit();
  void deliver(std::uint32_t bytes, nanoseconds latency);
  void arrives(std::uint32_t bytes);
  void attempt(std::uint32_t bytes);
  void settle(send_result result);
  void waits();
  void retry(std::uint32_t id, bool last);
  void next();

  mailbox_world& world_;
  const std::uint32_t index_;
  entity_id self_;
  stream workload_;
  stream network_;
  stream schedule_;
  std::uint32_t left_;
  nanoseconds last_arrival_ = 0;
  std::deque<std::uint32_t> backlog_;  // delivered while a call was under way
  std::unique_ptr<detour> call_;       // made for the first stall
  letter current_;
  send_result result_ = send_result::busy;
  nanoseconds call_began_ = 0;
  std::uint32_t current_id_ = 0;
  bool in_call_ = false;
  bool waiting_ = false;
  std::uint32_t stalls_left_ = 0;
  nanoseconds stall_for_ = 0;
};

class consumer final : public entity, private taker {
 public:
  explicit consumer(mailbox_world& world);
  void on(kernel& clock, const event& what) override;
  /// The schedule hook.
  void scheduled();
  void pauses(nanoseconds until) noexcept;
  void crashes();

  [[nodiscard]] bool finished() const noexcept { return state_ == state::finished; }
  [[nodiscard]] bool idle() const noexcept { return state_ == state::idle; }
  [[nodiscard]] nanoseconds finished_at() const noexcept { return finished_at_; }
  [[nodiscard]] nanoseconds idle_at() const noexcept { return idle_at_; }

 private:
  enum class state : std::uint8_t { idle, starting, running, finished };
  struct item {
    std::uint32_t id;
    bool is_order;
  };

  void take(letter&& message) override;
  void take(order&& message) override;
  void look();
  void serve();
  void served();

  mailbox_world& world_;
  entity_id self_;
  stream service_;
  stream schedule_;
  state state_ = state::idle;
  std::vector<item> in_hand_;
  std::size_t serving_ = 0;
  nanoseconds serving_since_ = 0;
  std::uint32_t incarnation_ = 0;
  nanoseconds paused_until_ = 0;
  nanoseconds finished_at_ = 0;
  nanoseconds idle_at_ = -1;
};

class mailbox_world final : private entity {
 public:
  mailbox_world(const scenario& story, const plan& what, const run_options& options);
  ~mailbox_world() override;
  mailbox_world(const mailbox_world&) = delete;
  mailbox_world& operator=(const mailbox_world&) = delete;

  /// Once.
  run_result run();

 private:
  friend class producer;
  friend class consumer;

  void on(kernel& clock, const event& what) override;
  void begins(const fault& what);
  void sends_order();
  void closes();
  void heals();
  void heals_when_quiet();
  void went_out() noexcept { ++in_flight_; }
  void settled();
  void producer_is_done();
  void waits_for_room(std::uint32_t producer) { waiting_for_room_.push_back(producer); }
  void wakes(std::size_t senders);
  void depth_changed();
  void nobody_sleeps();
  void sees(point what) noexcept { seen_.set(static_cast<std::size_t>(what)); }
  void judge(run_result& result);

  const scenario story_;
  sim::trace* const trace_;
  const canary canary_;
  kernel clock_;
  active_faults faults_;
  ledger books_;
  std::unique_ptr<port> box_;
  std::vector<std::unique_ptr<producer>> producers_;
  std::unique_ptr<consumer> consumer_;
  std::deque<std::uint32_t> waiting_for_room_;
  std::bitset<point_count> seen_;
  entity_id self_{};
  stream control_;
  std::uint32_t producers_active_ = 0;
  std::uint32_t orders_left_ = 0;
  std::uint32_t orders_sent_ = 0;
  std::uint64_t emitted_ = 0;
  std::uint64_t in_flight_ = 0;
  nanoseconds burst_ended_ = -1;
  nanoseconds healed_at_ = -1;
  std::optional<nanoseconds> recovered_in_;
  bool closed_ = false;
  bool backlog_at_close_ = false;
};

}  // namespace jacquard::sim
