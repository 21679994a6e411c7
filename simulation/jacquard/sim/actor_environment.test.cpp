// Workers whose turns are events: what a handler's time does to the others.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/sim/actor_environment.hpp>

#include <string>
#include <vector>

namespace jacquard::sim {
namespace {

constexpr event_kind acts{"act"};

struct job {
  int number;
};

struct noted {
  nanoseconds at;
  std::string what;
};

// An actor that needs 100 us for a job, and says when it begins and ends.
struct slow {
  using messages = jacquard::messages<job>;
  slow(actor_environment& world, std::vector<noted>& into) : world_(world), log_(into) {}
  void on(context<slow>&, const job& m) {
    log_.push_back({world_.now(), "begins " + std::to_string(m.number)});
    world_.spends(100 * microsecond);
    log_.push_back({world_.now(), "ends " + std::to_string(m.number)});
  }
  actor_environment& world_;
  std::vector<noted>& log_;
};

// One thing that somebody outside does, at a time.
class outside_hand final : public entity {
 public:
  outside_hand(kernel& clock, actor_environment& world)
      : clock_(clock), world_(world), self_(clock.add("/outside", *this)) {}
  void at(nanoseconds when, std::function<void()> what) {
    deeds_.push_back(std::move(what));
    clock_.after(when, self_, acts, static_cast<std::uint32_t>(deeds_.size() - 1));
  }
  void on(kernel&, const event& what) override {
    deeds_[what.a]();
    world_.stirs();
  }

 private:
  kernel& clock_;
  actor_environment& world_;
  entity_id self_;
  std::vector<std::function<void()>> deeds_;
};

struct actor_environment_test : testing::Test {
  void begin(std::uint32_t workers) {
    system_options how;
    how.scheduling.workers = workers;
    system = std::make_unique<actor_system>(world, how);
  }
  void end() {
    world.hurries();
    (void)system->shutdown(std::chrono::nanoseconds{0});
    while (world.turns_all()) {
    }
    ASSERT_EQ(system->live(), 0u);
    system.reset();
  }
  nanoseconds when(const std::string& what) const {
    for (const noted& each : log) {
      if (each.what == what) return each.at;
    }
    return -1;
  }

  kernel clock{7};
  actor_environment world{clock, {}};
  outside_hand outside{clock, world};
  std::unique_ptr<actor_system> system;
  std::vector<noted> log;
};

TEST_F(actor_environment_test, two_workers_are_in_two_handlers_at_the_same_time) {
  begin(2);
  const auto a = system->spawn<slow>({}, world, log);
  const auto b = system->spawn<slow>({}, world, log);
  outside.at(10 * microsecond, [&] {
    (void)a.tell(job{1});
    (void)b.tell(job{2});
  });
  (void)clock.run();
  EXPECT_LT(when("begins 1"), when("ends 2"));
  EXPECT_LT(when("begins 2"), when("ends 1"));
  end();
}

TEST_F(actor_environment_test, one_worker_is_in_one_handler_at_a_time) {
  begin(1);
  const auto a = system->spawn<slow>({}, world, log);
  const auto b = system->spawn<slow>({}, world, log);
  outside.at(0, [&] {
    (void)a.tell(job{1});
    (void)b.tell(job{2});
  });
  (void)clock.run();
  EXPECT_GE(when("begins 2"), when("ends 1"));
  EXPECT_EQ(when("ends 1") - when("begins 1"), 100 * microsecond);
  end();
}

TEST_F(actor_environment_test, a_message_to_an_actor_in_a_handler_waits_for_its_end) {
  begin(4);
  const auto a = system->spawn<slow>({}, world, log);
  outside.at(0, [&] { (void)a.tell(job{1}); });
  outside.at(50 * microsecond, [&] { (void)a.tell(job{2}); });
  (void)clock.run();
  EXPECT_GE(when("begins 2"), when("ends 1"));
  end();
}

TEST_F(actor_environment_test, a_stalled_worker_gets_no_processor_in_the_middle_of_a_handler) {
  begin(1);
  const auto a = system->spawn<slow>({}, world, log);
  outside.at(0, [&] { (void)a.tell(job{1}); });
  outside.at(50 * microsecond, [&] { EXPECT_TRUE(world.stalls(0, 400 * microsecond)); });
  (void)clock.run();
  EXPECT_EQ(when("ends 1"), 400 * microsecond);
  end();
}

TEST_F(actor_environment_test, timers_are_noticed_when_they_are_due_or_later_never_before) {
  begin(2);
  const auto a = system->spawn<slow>({}, world, log);
  (void)system->send_after(a, std::chrono::microseconds{300}, job{1});
  world.delays_timers(70 * microsecond);
  (void)clock.run();
  EXPECT_GE(when("begins 1"), 370 * microsecond);
  EXPECT_LT(when("begins 1"), 470 * microsecond);
  end();
}

TEST_F(actor_environment_test, time_that_is_spent_outside_of_a_worker_is_no_time) {
  begin(1);
  outside.at(0, [&] { world.spends(second); });
  outside.at(microsecond, [&] { log.push_back({world.now(), "acted"}); });
  (void)clock.run();
  EXPECT_EQ(when("acted"), microsecond);
  end();
}

TEST_F(actor_environment_test, nothing_happens_where_there_is_nothing_to_do) {
  begin(4);
  (void)clock.run();
  EXPECT_LT(clock.handled(), 10u);
  end();
}

}  // namespace
}  // namespace jacquard::sim
