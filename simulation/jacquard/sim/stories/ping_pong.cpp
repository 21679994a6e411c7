// Pairs that play over slow links that lose, repeat and delay: a ping is sent again until its pong comes back.
#include <fmt/core.h>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr std::chrono::nanoseconds patience{300 * microsecond};

class ping_pong;

class pinger : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel, tick>;
  enum : std::uint32_t { serve, pong };

  pinger(ping_pong& game, std::uint32_t pair);
  void on(context<pinger>& here, parcel&& m);
  void on(context<pinger>& here, const tick& m);

 private:
  void plays(context<pinger>& here);

  ping_pong& game_;
  const std::uint32_t pair_;
  std::uint32_t served_ = 0;  // rounds that were asked for
  std::uint32_t round_ = 0;   // that is being played, or was played last
  bool waits_ = false;
};

class ponger : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  ponger(ping_pong& game, std::uint32_t pair);
  void on(context<ponger>& here, parcel&& m);

 private:
  ping_pong& game_;
  const std::uint32_t pair_;
};

class ping_pong final : public actor_world {
 public:
  using actor_world::actor_world;

  struct pair {
    resident<pinger> ping;
    resident<ponger> pong;
    std::uint32_t answered = 0;
  };

  void pings(std::uint32_t who, std::uint32_t round) {
    posts(2 * who,
          [this, who, round] { (void)tells(all_[who].ping.number, all_[who].pong, 0, round); });
  }
  void pongs(std::uint32_t who, std::uint32_t round) {
    posts(2 * who + 1, [this, who, round] {
      (void)tells(all_[who].pong.number, all_[who].ping, pinger::pong, round);
    });
  }
  void answered(std::uint32_t who, std::uint32_t round) {
    if (++all_[who].answered != round) {
      broken("every_round",
             fmt::format("pair {} has {} answers after round {}", who, all_[who].answered, round));
    }
    if (round == story().messages) progresses();
  }

 private:
  void begins() override {
    for (std::uint32_t i = 0; i < story().producers; ++i) {
      pair fresh;
      fresh.ping = spawns<pinger>({}, *this, i);
      fresh.pong = spawns<ponger>({}, *this, i);
      stops_in(0, fresh.ping);
      stops_in(1, fresh.pong);
      all_.push_back(fresh);
    }
  }
  void emits(std::uint32_t who, std::uint32_t) override {
    (void)tells(outside + who, all_[who].ping, pinger::serve);
  }
  bool wants_more() override {
    return std::any_of(all_.begin(), all_.end(),
                       [&](const pair& each) { return each.answered < story().messages; });
  }

  std::vector<pair> all_;
};

pinger::pinger(ping_pong& game, std::uint32_t pair)
    : simulated_actor(game, fmt::format("pinger-{}", pair)), game_(game), pair_(pair) {}

void pinger::on(context<pinger>& here, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  if (m.what == serve) {
    ++served_;
    if (!waits_) plays(here);
  } else if (waits_ && m.a == round_) {
    waits_ = false;
    game_.answered(pair_, round_);
    if (round_ < served_) plays(here);
  }
}

void pinger::on(context<pinger>& here, const tick& m) {
  const handling now(*this, 0);
  if (!waits_ || m.what != round_) return;  // it was answered meanwhile
  game_.pings(pair_, round_);
  (void)here.send_after(patience, tick{round_});
}

void pinger::plays(context<pinger>& here) {
  waits_ = true;
  ++round_;
  game_.pings(pair_, round_);
  (void)here.send_after(patience, tick{round_});
}

ponger::ponger(ping_pong& game, std::uint32_t pair)
    : simulated_actor(game, fmt::format("ponger-{}", pair)), game_(game), pair_(pair) {}

void ponger::on(context<ponger>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  game_.pongs(pair_, m.a);
}

}  // namespace

std::unique_ptr<actor_world> make_ping_pong(const scenario& story, const plan& what,
                                            const run_options& options) {
  return std::make_unique<ping_pong>(story, what, options);
}

}  // namespace jacquard::sim
