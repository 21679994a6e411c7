// Clocks that tick, and alarms that are set and cancelled, while workers stall and the world notices timers late. A due
// time fires once or, where it was missed together with later ones, not at all; an alarm fires once, never early.
#include <fmt/core.h>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr event_kind cancels{"cancel"};
constexpr event_kind waits_enough{"waited"};

constexpr nanoseconds period = 25 * microsecond;
// What a tick may be late at rest: the world's own lateness and a few handlers.
constexpr nanoseconds settled_within = 20 * period;

class clocks;

class ticking : public simulated_actor {
 public:
  using messages = jacquard::messages<tick, parcel>;
  static constexpr std::uint32_t periodic = 0xffff'ffffu;

  ticking(clocks& of, std::uint32_t index);
  void started(context<ticking>& here);
  void on(context<ticking>& here, const tick& m);
  void on(context<ticking>& here, parcel&& m);

 private:
  clocks& of_;
  const std::uint32_t index_;
};

class clocks final : public actor_world {
 public:
  using actor_world::actor_world;

  void starts(std::uint32_t index) { faces_[index].began = now(); }
  void ticks(std::uint32_t index) {
    if (breaks(canary::tick_lost, 1)) return;
    face& of = faces_[index];
    const nanoseconds since = now() - of.began;
    ++of.ticks;
    if (breaks(canary::tick_twice)) ++of.ticks;
    if (since - of.last > 2 * period) sees(point::tick_late);
    of.last = since;
    const auto most = static_cast<std::uint64_t>(since / period);
    if (of.ticks > most) {
      broken("timers_once", fmt::format("clock {} ticked {} times in {}, with a period of {}",
                                        index, of.ticks, to_text(since), to_text(period)));
    }
  }
  void rings(std::uint32_t number) {
    alarm& which = alarms_[number];
    if (++which.rang > 1 || which.cancelled) {
      broken("timers_once", fmt::format("alarm {} rang {} times{}", number, which.rang,
                                        which.cancelled ? ", and was cancelled" : ""));
    }
    if (now() < which.due) {
      broken("timers_once", fmt::format("alarm {} rang before it was due", number));
    }
  }

 private:
  struct face {
    resident<ticking> who;
    nanoseconds began = 0;
    nanoseconds last = 0;
    std::uint64_t ticks = 0;
  };
  struct alarm {
    timer_handle handle;
    std::uint32_t face = 0;
    nanoseconds due = 0;
    std::uint32_t rang = 0;
    bool cancelled = false;
  };

  void begins() override {
    faces_.resize(story().producers);
    for (std::uint32_t i = 0; i < story().producers; ++i) {
      faces_[i].who = spawns<ticking>({}, *this, i);
      stops_in(0, faces_[i].who);
    }
    clock_.after(story().span() + settled_within, self(), waits_enough);
  }
  void emits(std::uint32_t who, std::uint32_t n) override {
    stream& draws = workload(who);
    const nanoseconds delay = draws.between(0, 10 * period);
    const bool given_up = draws.chance(250'000);
    const nanoseconds cancelled_after = draws.between(0, 10 * period);
    const auto number = static_cast<std::uint32_t>(alarms_.size());
    alarm fresh;
    fresh.face = who;
    fresh.due = now() + delay;
    fresh.handle =
        system().send_after(faces_[who].who.ref, std::chrono::nanoseconds{delay}, tick{number});
    alarms_.push_back(fresh);
    if (given_up) clock_.after(cancelled_after, self(), cancels, number);
    if (n % 4 == 0) (void)tells(outside + who, faces_[who].who, 0);
  }
  void happens(const event& what) override {
    if (*what.kind == waits_enough) {
      // As long again after a fault that came late.
      const nanoseconds quiet = now() - last_fault_end();
      if (quiet >= settled_within) {
        waited_ = true;
        nothing_is_overdue();
      } else {
        clock_.after(settled_within - quiet, self(), waits_enough);
      }
      return;
    }
    alarm& which = alarms_[what.a];
    if (!which.handle.cancel()) return;
    which.cancelled = true;
    sees(point::timer_cancelled);
  }
  bool wants_more() override { return !waited_; }
  // The world is as it should be for a while: clocks tick, alarms have rung.
  void nothing_is_overdue() {
    for (std::uint32_t i = 0; i < faces_.size(); ++i) {
      const face& of = faces_[i];
      const nanoseconds quiet_for = now() - of.began - of.last;
      if (is_alive(of.who) && quiet_for > settled_within / 2) {
        broken("timers_kept", fmt::format("clock {} has not ticked for {}; its period is {}", i,
                                          to_text(quiet_for), to_text(period)));
      }
    }
    for (std::uint32_t i = 0; i < alarms_.size(); ++i) {
      const alarm& each = alarms_[i];
      const bool overdue = each.due + settled_within / 2 < now();
      if (!overdue || each.rang > 0 || each.cancelled || !is_alive(faces_[each.face].who)) {
        continue;
      }
      broken("timers_kept",
             fmt::format("alarm {} was due at {} and never rang", i, to_text(each.due)));
    }
  }
  void hits(const fault& what) override {
    const resident<ticking>& who = faces_[what.producer % faces_.size()].who;
    if (is_alive(who)) kills(who);
  }

  std::vector<face> faces_;
  std::vector<alarm> alarms_;
  bool waited_ = false;
};

ticking::ticking(clocks& of, std::uint32_t index)
    : simulated_actor(of, fmt::format("clock-{}", index)), of_(of), index_(index) {}

void ticking::started(context<ticking>& here) {
  of_.starts(index_);
  (void)here.send_every(std::chrono::nanoseconds{period}, tick{periodic});
}

void ticking::on(context<ticking>&, const tick& m) {
  handling now(*this, 0);
  if (m.what == periodic) {
    of_.ticks(index_);
  } else {
    of_.rings(m.what);
  }
  now.works();
}

void ticking::on(context<ticking>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
}

}  // namespace

std::unique_ptr<actor_world> make_timers(const scenario& story, const plan& what,
                                         const run_options& options) {
  return std::make_unique<clocks>(story, what, options);
}

}  // namespace jacquard::sim
