// A world of one's own, as a user of jacquard::sim writes it: a till that serves whom it can, in 60 lines.
// The kernel knows nothing of mailboxes; what is simulated is the mailbox that ships.
#include <gtest/gtest.h>

#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/sim/delay.hpp>
#include <jacquard/sim/kernel.hpp>

namespace {

namespace sim = jacquard::sim;

constexpr sim::event_kind customer{"customer"};
constexpr sim::event_kind serve{"serve"};

class till final : public sim::entity {
 public:
  till(sim::kernel& world, int customers)
      : world_(world),
        self_(world.add("/till", *this)),
        arrivals_(world.draws(sim::domain::workload, self_)),
        service_(world.draws(sim::domain::service, self_)),
        customers_(customers),
        queue_({.capacity = 4, .schedule = {.call = &till::wake, .who = this}}) {
    world_.work_begins();  // until the queue is closed and drained
    world_.after(0, self_, customer);
  }

  void on(sim::kernel& world, const sim::event& what) override {
    static constexpr sim::delay pace{.floor = 1000, .jitter_mean = 4000};
    if (*what.kind == customer) {
      int name = arrived_++;
      if (queue_.try_send(std::move(name)) == jacquard::send_result::busy) ++turned_away_;
      if (arrived_ < customers_) {
        world.after(pace.sample(arrivals_), self_, customer);
      } else {
        queue_.close();
      }
    } else if (queue_.receive(1, [&](int&&) { ++served_; }).any()) {
      world.after(pace.sample(service_), self_, serve);
    } else if (queue_.try_idle() == jacquard::idle_result::finished) {
      world.work_ends();
    }
  }

  [[nodiscard]] int served() const noexcept { return served_; }
  [[nodiscard]] int turned_away() const noexcept { return turned_away_; }

 private:
  static void wake(void* who) noexcept {
    auto& self = *static_cast<till*>(who);
    self.world_.after(500, self.self_, serve);
  }

  sim::kernel& world_;
  sim::entity_id self_;
  sim::stream arrivals_;
  sim::stream service_;
  int customers_;
  jacquard::ring_mailbox<int> queue_;
  int arrived_ = 0;
  int served_ = 0;
  int turned_away_ = 0;
};

std::uint64_t digest_of_a_day(std::uint64_t seed) {
  sim::kernel world(seed);
  till one(world, 1000);
  EXPECT_EQ(world.run(), sim::stop_reason::quiet);
  EXPECT_EQ(one.served() + one.turned_away(), 1000);
  EXPECT_GT(one.turned_away(), 0);
  return world.history().digest();
}

TEST(OwnWorld, EverybodyIsServedOrTurnedAwayAndTheSeedDecides) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(digest_of_a_day(seed), digest_of_a_day(seed));
    EXPECT_NE(digest_of_a_day(seed), digest_of_a_day(seed + 1));
  }
}

}  // namespace
