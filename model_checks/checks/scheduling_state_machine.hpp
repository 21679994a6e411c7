// checks/scheduling_state_machine.hpp: the whole way of a letter: a sender, the inbox's gate, the slot or a queue, a
// worker's turn, a batch, and the giving up; while the actor is told to end, and another one moves into its cell.
//
// Claims   of cell.hpp: I1 (one worker at a time), I2 (handled, or a dead letter, and once), I3 (an order reaches the
//          actor it was meant for); of inbox.hpp: I2 (a sender's order), I3; of scheduler.hpp: I1, I2 (nobody sleeps
//          while a letter waits: that is a deadlock here).
// Threads  0 to workers - 1  workers
//          then              outside threads that send letters to the first actor
//          then              outside threads that order it to end
//
// The scheduler, its workers and the inbox are those that ship (scheduler_world.hpp says what they stand in). `actor_cell`
// runs on native threads only: what it does between them is written down again here, under the same names.
// Left out: letters that are kept (inbox.reused), timers (scheduler_timers), pinned actors, bounds (inbox_bound).
//
// The two largest worlds are cut so that a search without a bound ends (machine_habits).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <jacquard/actor/inbox.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sync/policy.hpp>

#include "checks/scheduler_world.hpp"

namespace jacquard::checks {

/// What may be wrong with the machine: each is a seeded bug.
enum class machine_flaw : std::uint8_t {
  none,
  schedules_twice,             // a sender schedules whom another one has scheduled
  schedules_before_it_pushes,  // a sender schedules first, and pushes then
  goes_on_after_its_share,     // an activation that was scheduled again handles one more
  forgets_after_its_share,     // an activation whose share is used up is not scheduled again
  compares_no_generation,      // a letter of another generation is handled
  takes_orders_of_others,      // an order for another generation is obeyed
  drains_before_it_closes,     // what comes between the last look and the closing stays
};

/// Where the workers do less than they might, so that a search of every execution ends.
struct machine_habits {
  std::uint32_t asleep = 0;  // the last so many workers begin by going to sleep
  bool goes_at_once =
      false;  // whoever sees that the last letter is done with goes home, whatever is left
  bool first_waits =
      false;  // worker 0 runs one task, hands on what is left, as who waits does, and goes home
};

/// One small world.
struct machine {
  std::uint32_t workers = 1;
  std::uint32_t senders = 1;  // outside
  std::uint32_t letters = 1;  // of each of them
  std::uint32_t orders =
      0;  // outside threads that tell the first actor to end: stop says the first, kill the next
  bool kills = false;       // the first says kill
  std::uint32_t batch = 1;  // letters that one activation handles
  bool writes_on = false;   // the first actor sends itself a letter for the first of each sender
  std::uint32_t spreads =
      0;                 // it begins with a letter, and then sends one to each of so many others
  bool answers = false;  // of whom the first answers
  machine_habits habits = {};
};

template <sync::policy S, machine World, machine_flaw Flaw = machine_flaw::none,
          template <class, class> class Inbox = basic_inbox,
          template <class> class Idle = basic_idle_workers>
class scheduling_state_machine {
  using surroundings = small_surroundings<S, World.workers, Idle>;
  using Sync = typename surroundings::Sync;
  static constexpr machine_habits habits = World.habits;

 public:
  static constexpr unsigned thread_count = World.workers + World.senders + World.orders;

  void before() {
    for (actor& each : actors_) {
      each.all = this;
      each.inbox.reopen(false);
    }
    if (World.spreads == 0) return;
    posts_[spreading].to.with_mut([](destination& to) { to = {.who = 0, .generation = 1}; });
    posts_[spreading].accepted = true;
    Sync::require(actors_[0].inbox.push(posts_[spreading]) == push_result::queued_schedule,
                  "I3: an idle actor");
    workers_.as(0, [this] { schedule(actors_[0], urgency::next); });
  }

  void thread(unsigned index) {
    if (index < World.workers) {
      if (habits.asleep == 0 && !habits.goes_at_once && !habits.first_waits)
        return workers_.serve(index);
      const bool asleep = index + habits.asleep >= World.workers;
      return workers_.serve_until(index, asleep, [this, index] {
        if (habits.first_waits && index == 0 &&
            workers_[0].ran.load(std::memory_order::relaxed) == 1) {
          workers_->hand_on();
          return true;
        }
        return habits.goes_at_once && left_.load(std::memory_order::relaxed) == 0;
      });
    }
    index -= World.workers;
    if (index < World.senders) {
      for (std::uint32_t i = 0; i < World.letters; ++i) {
        send(index * World.letters + i, {.who = 0, .generation = 1});
      }
      return;
    }
    give(index == World.senders && !World.kills ? stop : kill, 1);
  }

  void after() {
    workers_->end();
    for (const post& each : posts_) {
      const bool due = each.accepted;
      const std::uint32_t handled = read(each.handled), dead = read(each.dead);
      Sync::require(handled + dead <= 1, "I2: a letter was accounted for twice");
      Sync::require(handled + dead == (due ? 1u : 0u),
                    "I2: a letter was accepted, and is neither handled nor dead");
    }
    Sync::require(read(actors_[0].ended) == (World.orders != 0 ? 1u : 0u),
                  "I3: an order ended another actor than it was meant for");
  }

 private:
  using number = sync::cell<Sync, std::uint32_t>;

  struct destination {
    std::uint32_t who;
    std::uint32_t generation;
  };
  struct alignas(8) post {
    sync::cell<Sync, post*> next{nullptr};
    sync::cell<Sync, destination> to{destination{0, 0}};
    number handled{0u}, dead{0u};
    bool accepted = false;  // its sender's
  };
  // What the actor's own are cells: only the edges of the gate order one worker after another.
  struct actor : task {
    actor()
        : task([](task& self) noexcept {
            actor& me = static_cast<actor&>(self);
            me.all->run(me);
          }) {}
    scheduling_state_machine* all = nullptr;
    Inbox<post, Sync> inbox;
    sync::atomic<Sync, std::uint32_t> tenant{1};
    sync::atomic<Sync, std::uint64_t> orders{std::uint64_t{1} << order_bits};
    number generation{1u};
    number seen{0u};  // which letters, by number
    number ended{0u};
    sync::cell<Sync, bool> queued{false};
    bool draining = false;
  };

  static constexpr unsigned order_bits = 2;
  static constexpr std::uint64_t stop = 1, kill = 2;
  static constexpr std::uint32_t from_outside = World.senders * World.letters;
  // Letters by number: those from outside, those that the first actor writes on, and the other actors'.
  static constexpr std::uint32_t written_on = from_outside;
  static constexpr std::uint32_t spreading = written_on + (World.writes_on ? World.senders : 0);
  static constexpr std::uint32_t moved_in =
      spreading + (World.spreads == 0 ? 0 : 1 + World.spreads + World.answers);
  static constexpr std::uint32_t letters = moved_in + (World.orders != 0 ? 1 : 0);

  static std::uint32_t read(const number& of) {
    return of.with([](const std::uint32_t& n) { return n; });
  }
  static void count(number& of) {
    of.with_mut([](std::uint32_t& n) { ++n; });
  }

  // actor_cell::tell. What is refused is the sender's, and done with.
  void send(std::uint32_t what, destination to) {
    actor& whom = actors_[to.who];
    post& fresh = posts_[what];
    if (whom.tenant.load(std::memory_order::relaxed) != to.generation) return done();  // a hint
    fresh.to.with_mut([&](destination& there) { there = to; });
    if (Flaw == machine_flaw::schedules_before_it_pushes) start(whom);
    fresh.accepted = true;
    const push_result pushed = whom.inbox.push(fresh);
    if (pushed == push_result::closed) {
      fresh.accepted = false;
      return done();
    }
    if (Flaw == machine_flaw::schedules_before_it_pushes) return;
    if (pushed == push_result::queued_schedule || Flaw == machine_flaw::schedules_twice) {
      start(whom);
    }
  }
  // cell_base::give, to the first actor.
  void give(std::uint64_t what, std::uint32_t to) {
    actor& whom = actors_[0];
    std::uint64_t seen = whom.orders.load(std::memory_order::relaxed);
    do {
      if (static_cast<std::uint32_t>(seen >> order_bits) != to &&
          Flaw != machine_flaw::takes_orders_of_others) {
        return;
      }
    } while (!whom.orders.compare_exchange_weak(seen, seen | what, std::memory_order::relaxed,
                                                std::memory_order::relaxed));
    if (whom.inbox.raise()) start(whom);
  }
  void start(actor& whom) { schedule(whom, urgency::next); }
  void schedule(actor& whom, urgency when) {
    whom.queued.with_mut([](bool& queued) {
      Sync::require(!queued, "scheduler I1: a task is in at most one queue at a time");
      queued = true;
    });
    workers_->schedule(whom, when);
  }

  // actor_cell::run_batch.
  void run(actor& me) {
    me.queued.with_mut([](bool& queued) { queued = false; });
    for (std::uint32_t handled = 0;; ++handled) {
      if (me.inbox.take_orders()) {
        if (ordered(me, kill)) return end(me);
        if (ordered(me, stop)) me.draining = true;
      }
      if (me.draining && !me.inbox.is_closed()) me.inbox.close();
      if (handled == World.batch) {
        if (Flaw == machine_flaw::forgets_after_its_share) return;
        schedule(me, urgency::later);
        if (Flaw != machine_flaw::goes_on_after_its_share) return;
      }
      if (post* const next_one = me.inbox.take()) {
        handle(me, *next_one);
        continue;
      }
      switch (me.inbox.try_idle()) {
        case idle_result::idle:
          return;
        case idle_result::finished:
          return end(me);
        case idle_result::more:
          break;
      }
    }
  }
  [[nodiscard]] static bool ordered(const actor& me, std::uint64_t what) {
    return (me.orders.load(std::memory_order::relaxed) & what) != 0;
  }
  // actor_cell::handle, and the handler.
  void handle(actor& me, post& letter) {
    const destination to = letter.to.with([](const destination& there) { return there; });
    const std::uint32_t generation = read(me.generation);
    if (to.generation != generation && Flaw != machine_flaw::compares_no_generation)
      return bury(letter);
    Sync::require(to.generation == generation,
                  "I2: a letter reached another actor than it was meant for");
    const auto what = static_cast<std::uint32_t>(&letter - posts_.data());
    me.seen.with_mut([&](std::uint32_t& bits) {
      Sync::require((bits >> what & 1u) == 0, "I2: a letter was handled twice");
      Sync::require(
          what >= from_outside || what % World.letters == 0 || (bits >> (what - 1) & 1u) != 0,
          "inbox I2: a sender's second letter came before its first");
      bits |= 1u << what;
    });
    count(letter.handled);
    respond(what);
    if (is_last(what)) done();
  }
  // Its handler sends nothing.
  static bool is_last(std::uint32_t what) {
    if (what < from_outside) return !World.writes_on || what % World.letters != 0;
    return World.spreads == 0 || (what != spreading && !(World.answers && what == spreading + 1));
  }
  void respond(std::uint32_t what) {
    if (World.writes_on && what < from_outside && what % World.letters == 0)
      send(written_on + what / World.letters, {.who = 0, .generation = 1});
    if (World.spreads == 0) return;
    if (what == spreading) {
      for (std::uint32_t who = 1; who <= World.spreads; ++who)
        send(spreading + who, {.who = who, .generation = 1});
    }
    if (World.answers && what == spreading + 1)
      send(spreading + 1 + World.spreads, {.who = 0, .generation = 1});
  }
  void bury(post& letter) {
    count(letter.dead);
    done();  // nor will be handled what its handler would have sent
  }

  // actor_cell::end; another actor moves in at once, and is sent a letter of its own.
  void end(actor& me) {
    if (Flaw != machine_flaw::drains_before_it_closes) me.inbox.close();
    while (post* const rest = rest_of(me)) bury(*rest);
    if (Flaw == machine_flaw::drains_before_it_closes) me.inbox.close();
    count(me.ended);
    const std::uint32_t generation = read(me.generation) + 1;
    me.tenant.store(generation, std::memory_order::relaxed);  // a hint for senders
    me.orders.store(std::uint64_t{generation} << order_bits, std::memory_order::relaxed);
    me.generation.with_mut([&](std::uint32_t& n) { n = generation; });
    me.draining = false;
    me.inbox.reopen(false);
    if (generation == 2) send(moved_in, {.who = 0, .generation = 2});
  }
  static post* rest_of(actor& me) {
    if constexpr (requires { me.inbox.take_rest(); }) {
      return me.inbox.take_rest();
    } else {
      return me.inbox.take();
    }
  }

  // A letter after which none comes: counting the others would order workers that nothing else does. (An end is
  // followed by the letter of who moves in.) Whoever has seen the last sends the workers home.
  void done() {
    if (left_.fetch_sub(1, std::memory_order::acq_rel) == 1) workers_->stop();
  }

  std::array<post, letters> posts_;
  std::array<actor, 1 + World.spreads> actors_;
  sync::atomic<Sync, std::uint32_t> left_{letters - (World.writes_on ? World.senders : 0) -
                                          (World.spreads == 0 ? 0 : 1 + World.answers)};
  small_scheduler<surroundings> workers_{World.workers};
};

}  // namespace jacquard::checks
