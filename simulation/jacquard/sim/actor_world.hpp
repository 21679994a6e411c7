// jacquard/sim/actor_world.hpp: an actor system in virtual time, who sends to it, and what goes wrong.
//
// Shape       /worker/i, /timers   the environment: actor_environment.hpp
//             /actor/name          a life of an actor: its handlers need time, and throw where a fault says so
//             /link/i              carries what is posted, in order, with latency, loss and duplicates
//             /world               senders that emit at their own pace, faults, healing, the end
//             A story is a class derived from this one: who lives in the world, and what they say to each other.
// Invariants  I1  Two phases: safety under faults, then liveness: healed and told to stop, stage by stage, every actor
//                 must end.
//             I2  Scheduler, cells, timers, futures, strands and channels are the object code that ships.
//             I3  A handler's time is spent in the middle of the handler: others run meanwhile.
// Checked by  actor_run.test.cpp, canary.test.cpp
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/sim/active_faults.hpp>
#include <jacquard/sim/actor_books.hpp>
#include <jacquard/sim/actor_environment.hpp>
#include <jacquard/sim/run.hpp>
#include <jacquard/sim/trace.hpp>

namespace jacquard::sim {

/// What actors of a simulation tell each other. The numbers are the story's.
struct parcel {
  sim::ticket ticket;
  std::uint32_t what = 0;
  std::uint32_t a = 0;
  std::uint64_t b = 0;
};
/// And what they ask.
struct question {
  using reply = std::uint64_t;
  sim::ticket ticket;
  std::uint32_t what = 0;
  std::uint32_t a = 0;
  std::uint64_t b = 0;
};
/// What a timer sends.
struct tick {
  std::uint32_t what = 0;
};

/// Who lives in the world: how to reach it, and the number of its life in the books.
template <class A>
struct resident {
  actor_ref<A> ref;
  std::uint32_t number = 0;
};

/// Thrown by a handler that a fault hits.
struct crash_on_purpose {};

class actor_world : protected entity {
 public:
  actor_world(const scenario& story, const plan& what, const run_options& options);
  ~actor_world() override;
  actor_world(const actor_world&) = delete;
  actor_world& operator=(const actor_world&) = delete;

  /// Once.
  run_result run();
  /// Ends what still lives. False where something does not end: then this must not be destroyed.
  bool ends();

  // For actors and strands.
  [[nodiscard]] actor_environment& environment() noexcept { return *environment_; }
  [[nodiscard]] actor_books& books() noexcept { return books_; }
  [[nodiscard]] nanoseconds now() const noexcept { return clock_.now(); }
  [[nodiscard]] bool healed() const noexcept { return healed_at_ >= 0; }
  void sees(point what) noexcept { seen_.set(static_cast<std::size_t>(what)); }
  void broken(const char* check, std::string detail);
  /// Every so often, where this is the canary of the run.
  [[nodiscard]] bool breaks(canary which, std::uint64_t every = 29) noexcept {
    return which == canary_ && ++broken_so_far_ % every == 0;
  }
  /// Tells `to` a parcel, and writes down what became of it.
  template <class A>
  send_result tells(std::uint32_t sender, const resident<A>& to, std::uint32_t what,
                    std::uint32_t a = 0, std::uint64_t b = 0, const send_options* how = nullptr);
  /// Asks, likewise. The outcome is the caller's to report.
  template <class A>
  future<std::uint64_t> asks(std::uint32_t sender, const resident<A>& to, std::uint32_t what,
                             std::uint32_t a, std::uint64_t b, std::uint32_t& id,
                             const send_options* how = nullptr);
  /// Sends something over a link: `arrives` is called once, never, or twice, in the order of one link's posts.
  void posts(std::uint32_t link, std::function<void()> arrives);
  /// A life begins. Returns its number.
  std::uint32_t born(std::string name, std::uint32_t capacity);
  void died(std::uint32_t who, exit_reason why);
  /// A handler of that life needs its time; throws where it was told to.
  void works(std::uint32_t who, std::uint32_t ticket_id);
  /// What the safety phase waits for may have come.
  void progresses();
  void begins_handler(std::uint32_t who, std::uint32_t id);
  void ends_handler(std::uint32_t who, std::uint32_t id, nanoseconds since);

 protected:
  // The story.
  virtual void begins() = 0;
  /// A sender's turn: the n-th of `messages`, from 0.
  virtual void emits(std::uint32_t sender, std::uint32_t n) = 0;
  virtual void happens(const event&) {}
  /// A fault that hits one actor: crash, kill or stop.
  virtual void hits(const fault&) {}
  virtual void closes() {}
  /// True where the safety phase must go on although all was sent.
  virtual bool wants_more() { return false; }
  /// Nothing of the story's own is under way: strands have ended, supervisors have done.
  virtual bool is_over() { return true; }
  /// Once, after healing; and whenever an actor has ended. True where every actor was told to end.
  virtual void winds_down();
  /// The story's own checks, when every actor has ended.
  virtual void at_rest() {}

  /// A simulated_actor moves in. Throws what spawn throws.
  template <class A, class... Args>
  resident<A> spawns(const spawn_options& how, Args&&... args) {
    const actor_ref<A> ref = system_->spawn<A>(how, std::forward<Args>(args)...);
    return {ref, books_.lives() - 1};
  }
  /// Who is told to stop when all of the stages before have ended.
  template <class A>
  void stops_in(std::uint32_t stage, const resident<A>& whom) {
    endings_.push_back({stage, whom.number, [ref = whom.ref] { (void)ref.stop(); }});
  }
  template <class A>
  void kills(const resident<A>& whom) {
    if (whom.ref.kill()) books_.killed(whom.number);
  }
  /// Crash, stop or kill: does that to whoever is alive. After a crash its next handler throws.
  template <class A>
  void strikes(const resident<A>& whom, fault_kind how) {
    if (!is_alive(whom)) return;
    if (how == fault_kind::crash) {
      lives_[whom.number].crashes = true;
    } else if (how == fault_kind::stop) {
      (void)whom.ref.stop();
    } else {
      kills(whom);
    }
  }
  template <class A>
  [[nodiscard]] bool is_alive(const resident<A>& who) const noexcept {
    return !books_.is_dead(who.number);
  }
  [[nodiscard]] nanoseconds last_fault_end() const noexcept { return faults_.end(); }
  [[nodiscard]] std::uint32_t senders_active() const noexcept { return senders_active_; }
  [[nodiscard]] const sim::scenario& story() const noexcept { return story_; }
  [[nodiscard]] stream& workload(std::uint32_t sender) noexcept { return senders_[sender].draws; }
  [[nodiscard]] actor_system& system() noexcept { return *system_; }
  [[nodiscard]] entity_id self() const noexcept { return self_; }
  /// Called when the story notices that it is_over.
  void looks_whether_all_ended();
  void note(const event_kind& kind, std::uint64_t detail) { clock_.note(self_, kind, detail); }

  kernel clock_;

 private:
  struct silent final : entity {
    void on(kernel&, const event&) override {}
  };
  struct life {
    entity_id id{};
    stream service;
    bool crashes = false;
  };
  struct link_state {
    stream network;
    nanoseconds last_arrival = 0;
  };
  struct sender_state {
    stream draws;
    std::uint32_t sent = 0;
  };
  struct ending {
    std::uint32_t stage;
    std::uint32_t who;
    std::function<void()> stop;
    bool told = false;
  };

  void on(kernel& clock, const event& what) override;
  void begins(const fault& what);
  void emit(std::uint32_t sender);
  void heals();
  void heals_when_quiet();
  void judge(run_result& result);
  link_state& link(std::uint32_t index);
  void sent_from(std::uint32_t id);

  const sim::scenario story_;
  sim::trace* const trace_;
  const canary canary_;
  active_faults faults_;
  entity_id self_{};
  silent nobody_;  // what a life or a link is to the kernel: a path, and no events
  actor_books books_;
  std::unique_ptr<actor_environment> environment_;
  std::unique_ptr<actor_system> system_;
  std::deque<life> lives_;
  std::deque<link_state> links_;
  std::vector<sender_state> senders_;
  std::vector<ending> endings_;
  std::vector<std::function<void()>> in_flight_;
  std::vector<std::uint32_t> free_slots_;
  std::bitset<point_count> seen_;
  std::uint64_t flying_ = 0;
  std::uint32_t senders_active_ = 0;
  std::uint64_t emitted_ = 0;
  nanoseconds healed_at_ = -1;
  nanoseconds ended_at_ = -1;
  bool finished_ = false;
  std::uint64_t broken_so_far_ = 0;
  std::function<void()> held_back_;  // parcel_reorder
  std::uint32_t held_sender_ = 0;
  std::uint32_t held_receiver_ = 0;
};

/// What every actor of a simulation has.
class simulated_actor {
 public:
  simulated_actor(actor_world& world, std::string name, std::uint32_t capacity = 0)
      : world_(world), self_(world.born(std::move(name), capacity)) {}
  void stopped(exit_reason why) noexcept { world_.died(self_, why); }
  [[nodiscard]] std::uint32_t number() const noexcept { return self_; }

 protected:
  /// A handler, from its beginning to its end.
  class handling {
   public:
    handling(simulated_actor& who, std::uint32_t id)
        : who_(who), id_(id), since_(who.world_.now()) {
      who.world_.begins_handler(who.self_, id);
    }
    ~handling() { who_.world_.ends_handler(who_.self_, id_, since_); }
    handling(const handling&) = delete;
    handling& operator=(const handling&) = delete;

    /// Takes the time that it needs.
    void works() { who_.world_.works(who_.self_, id_); }

   private:
    simulated_actor& who_;
    const std::uint32_t id_;
    const nanoseconds since_;
  };

  actor_world& world_;
  const std::uint32_t self_;
};

template <class A>
send_result actor_world::tells(std::uint32_t sender, const resident<A>& whom, std::uint32_t what,
                               std::uint32_t a, std::uint64_t b, const send_options* how) {
  const actor_ref<A> to = whom.ref;
  const std::uint32_t receiver = whom.number;
  ticket fresh = books_.offer(sender, receiver);
  const std::uint32_t id = fresh.id();
  sent_from(id);
  parcel message{std::move(fresh), what, a, b};
  if (!held_back_ && breaks(canary::parcel_reorder)) {
    // Told after the next one of the same sender to the same actor.
    auto later = std::make_shared<parcel>(std::move(message));
    held_back_ = [to, later] { (void)to.tell(std::move(*later)); };
    held_sender_ = sender;
    held_receiver_ = receiver;
    books_.answered(id, send_result::accepted, now());
    return send_result::accepted;
  }
  if (breaks(canary::parcel_lost)) {
    books_.answered(id, send_result::accepted, now());
    return send_result::accepted;
  }
  const send_result result =
      how == nullptr ? to.tell(std::move(message)) : to.tell(std::move(message), *how);
  books_.answered(id, result, now());
  switch (result) {
    case send_result::busy:
      sees(point::busy);
      break;
    case send_result::dropped:
      sees(point::dropped_newest);
      break;
    case send_result::closed:
      sees(point::refused_closed);
      break;
    case send_result::deadline:
      sees(point::deadline);
      break;
    case send_result::accepted:
    case send_result::too_large:
    case send_result::would_deadlock:
      break;
  }
  if (held_back_ && held_sender_ == sender && held_receiver_ == receiver) {
    std::exchange(held_back_, nullptr)();
  }
  if (result == send_result::closed && breaks(canary::ghost, 3)) {
    // As if the actor that has ended were there.
    books_.enters(receiver, now());
    books_.leaves(receiver);
  }
  if (result == send_result::accepted && books_.is_inside(receiver) &&
      breaks(canary::two_workers, 7)) {
    books_.enters(receiver, now());
  }
  return result;
}

template <class A>
future<std::uint64_t> actor_world::asks(std::uint32_t sender, const resident<A>& to,
                                        std::uint32_t what, std::uint32_t a, std::uint64_t b,
                                        std::uint32_t& id, const send_options* how) {
  ticket fresh = books_.offer(sender, to.number, true);
  id = fresh.id();
  sent_from(id);
  question message{std::move(fresh), what, a, b};
  auto answer =
      how == nullptr ? to.ref.ask(std::move(message)) : to.ref.ask(std::move(message), *how);
  books_.asked(id, now());
  return answer;
}

}  // namespace jacquard::sim
