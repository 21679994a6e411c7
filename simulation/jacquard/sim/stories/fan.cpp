// One actor hands out work to many, and one collects: tasks lie in one worker's deque, and the others steal them.
#include <fmt/core.h>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr std::uint32_t hands_count = 12;

class fan;

class hand : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  hand(fan& of, std::uint32_t index);
  void on(context<hand>& here, parcel&& m);

 private:
  fan& fan_;
};

class collector : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  explicit collector(fan& of);
  void on(context<collector>& here, parcel&& m);

 private:
  fan& fan_;
};

class giver : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  explicit giver(fan& of);
  void on(context<giver>& here, parcel&& m);

 private:
  fan& fan_;
};

class fan final : public actor_world {
 public:
  using actor_world::actor_world;

  void gives(std::uint32_t from, std::uint64_t job) {
    const auto to = static_cast<std::uint32_t>(job % hands_count);
    (void)tells(from, hands_[to], 0, 0, job);
  }
  void returns(std::uint32_t from, std::uint64_t job) { (void)tells(from, collector_, 0, 0, job); }
  void collected(std::uint64_t job) {
    if (job >= done_.size()) done_.resize(job + 1, 0);
    ++done_[job];
  }

 private:
  void begins() override {
    giver_ = spawns<giver>({}, *this);
    stops_in(0, giver_);
    for (std::uint32_t i = 0; i < hands_count; ++i) {
      hands_.push_back(spawns<hand>({}, *this, i));
      stops_in(1, hands_.back());
    }
    collector_ = spawns<collector>({}, *this);
    stops_in(2, collector_);
  }
  void emits(std::uint32_t who, std::uint32_t) override {
    // Five jobs at a time.
    for (int i = 0; i < 5; ++i) {
      (void)tells(outside + who, giver_, 0, 0, jobs_++);
    }
  }
  void at_rest() override {
    for (std::uint64_t job = 0; job < jobs_; ++job) {
      const std::uint32_t times = job < done_.size() ? done_[job] : 0;
      if (times == 1) continue;
      broken("every_job", fmt::format("job {} was collected {} times", job, times));
      return;
    }
  }

  resident<giver> giver_;
  std::vector<resident<hand>> hands_;
  resident<collector> collector_;
  std::uint64_t jobs_ = 0;
  std::vector<std::uint32_t> done_;
};

hand::hand(fan& of, std::uint32_t index)
    : simulated_actor(of, fmt::format("hand-{}", index)), fan_(of) {}
void hand::on(context<hand>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  fan_.returns(self_, m.b);
}

collector::collector(fan& of) : simulated_actor(of, "collector"), fan_(of) {}
void collector::on(context<collector>&, parcel&& m) {
  const handling now(*this, m.ticket.id());
  fan_.collected(m.b);
}

giver::giver(fan& of) : simulated_actor(of, "giver"), fan_(of) {}
void giver::on(context<giver>&, parcel&& m) {
  const handling now(*this, m.ticket.id());
  fan_.gives(self_, m.b);
}

}  // namespace

std::unique_ptr<actor_world> make_fan(const scenario& story, const plan& what,
                                      const run_options& options) {
  return std::make_unique<fan>(story, what, options);
}

}  // namespace jacquard::sim
