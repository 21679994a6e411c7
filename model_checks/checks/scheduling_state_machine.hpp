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
// The inbox, the deque, the injector and the idle workers are those that ship. `actor_cell` and `scheduler` run on
// native threads only: what they do between those parts is written down again, here and in machine_workers.hpp.
// Left out: letters that are kept (inbox.reused), timers, pinned actors, bounds (inbox_bound).
//
// The two largest worlds are cut so that a search without a bound ends (machine_habits). `steal.outside`: worker 0
// begins by going to sleep, and worker 1 by searching; both go home with the last letter, so what its activation has
// still to give up may stay undone: `hand_on` and `outside` have that. `steal.answered`: as for the end; and worker 0
// does not sleep or search, so that nobody calls it from the thief's side: `steal` and `hand_on` have two workers who do.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <jacquard/actor/inbox.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sync/policy.hpp>

#include "checks/machine_workers.hpp"

namespace jacquard::checks {

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

template <sync::policy Sync, machine World, machine_flaw Flaw = machine_flaw::none,
          template <class, class> class Inbox = basic_inbox>
class scheduling_state_machine {
 public:
  static constexpr unsigned thread_count = World.workers + World.senders + World.orders;

  void before() {
    for (actor& each : actors_) each.inbox.reopen(false);
    if (World.spreads == 0) return;
    posts_[spreading].to.with_mut([](destination& to) { to = {.who = 0, .generation = 1}; });
    posts_[spreading].accepted = true;
    Sync::require(actors_[0].inbox.push(posts_[spreading]) == push_result::queued_schedule,
                  "I3: an idle actor");
    schedule(&workers_[0], actors_[0], urgency::next);
  }

  void thread(unsigned index) {
    if (index < World.workers) {
      return workers_.serve(
          index, [this](worker& here, task& work) { run(here, static_cast<actor&>(work)); });
    }
    index -= World.workers;
    if (index < World.senders) {
      for (std::uint32_t i = 0; i < World.letters; ++i) {
        send(nullptr, index * World.letters + i, {.who = 0, .generation = 1});
      }
      return;
    }
    give(index == World.senders && !World.kills ? stop : kill, 1);
  }

  void after() {
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
  using workers = machine_workers<Sync, World.workers, Flaw, World.habits>;
  using worker = typename workers::worker;
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
    actor() : task(nullptr) {}
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
  void send(worker* here, std::uint32_t what, destination to) {
    actor& whom = actors_[to.who];
    post& fresh = posts_[what];
    if (whom.tenant.load(std::memory_order::relaxed) != to.generation) return done();  // a hint
    fresh.to.with_mut([&](destination& there) { there = to; });
    if (Flaw == machine_flaw::schedules_before_it_pushes) start(here, whom);
    fresh.accepted = true;
    const push_result pushed = whom.inbox.push(fresh);
    if (pushed == push_result::closed) {
      fresh.accepted = false;
      return done();
    }
    if (Flaw == machine_flaw::schedules_before_it_pushes) return;
    if (pushed == push_result::queued_schedule || Flaw == machine_flaw::schedules_twice) {
      start(here, whom);
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
    if (whom.inbox.raise()) start(nullptr, whom);
  }
  void start(worker* here, actor& whom) { schedule(here, whom, urgency::next); }
  void schedule(worker* here, actor& whom, urgency when) {
    whom.queued.with_mut([](bool& queued) {
      Sync::require(!queued, "scheduler I1: a task is in at most one queue at a time");
      queued = true;
    });
    workers_.schedule(here, whom, when);
  }

  // actor_cell::run_batch.
  void run(worker& here, actor& me) {
    me.queued.with_mut([](bool& queued) { queued = false; });
    for (std::uint32_t handled = 0;; ++handled) {
      if (me.inbox.take_orders()) {
        if (ordered(me, kill)) return end(here, me);
        if (ordered(me, stop)) me.draining = true;
      }
      if (me.draining && !me.inbox.is_closed()) me.inbox.close();
      if (handled == World.batch) {
        if (Flaw == machine_flaw::forgets_after_its_share) return;
        schedule(&here, me, urgency::later);
        if (Flaw != machine_flaw::goes_on_after_its_share) return;
      }
      if (post* const next_one = me.inbox.take()) {
        handle(here, me, *next_one);
        continue;
      }
      switch (me.inbox.try_idle()) {
        case idle_result::idle:
          return;
        case idle_result::finished:
          return end(here, me);
        case idle_result::more:
          break;
      }
    }
  }
  [[nodiscard]] static bool ordered(const actor& me, std::uint64_t what) {
    return (me.orders.load(std::memory_order::relaxed) & what) != 0;
  }
  // actor_cell::handle, and the handler.
  void handle(worker& here, actor& me, post& letter) {
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
    respond(here, what);
    if (is_last(what)) done();
  }
  // Its handler sends nothing.
  static bool is_last(std::uint32_t what) {
    if (what < from_outside) return !World.writes_on || what % World.letters != 0;
    return World.spreads == 0 || (what != spreading && !(World.answers && what == spreading + 1));
  }
  void respond(worker& here, std::uint32_t what) {
    if (World.writes_on && what < from_outside && what % World.letters == 0)
      send(&here, written_on + what / World.letters, {.who = 0, .generation = 1});
    if (World.spreads == 0) return;
    if (what == spreading) {
      for (std::uint32_t who = 1; who <= World.spreads; ++who)
        send(&here, spreading + who, {.who = who, .generation = 1});
    }
    if (World.answers && what == spreading + 1)
      send(&here, spreading + 1 + World.spreads, {.who = 0, .generation = 1});
  }
  void bury(post& letter) {
    count(letter.dead);
    done();  // nor will be handled what its handler would have sent
  }

  // actor_cell::end; another actor moves in at once, and is sent a letter of its own.
  void end(worker& here, actor& me) {
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
    if (generation == 2) send(&here, moved_in, {.who = 0, .generation = 2});
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
    if (left_.fetch_sub(1, std::memory_order::acq_rel) == 1) workers_.stop();
  }

  std::array<post, letters> posts_;
  std::array<actor, 1 + World.spreads> actors_;
  workers workers_;
  sync::atomic<Sync, std::uint32_t> left_{letters - (World.writes_on ? World.senders : 0) -
                                          (World.spreads == 0 ? 0 : 1 + World.answers)};
};

}  // namespace jacquard::checks
