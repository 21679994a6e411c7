// Cells outlive actors and references outlive systems: who was held up in between meets what came later.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/diagnostics/actor_report.hpp>
#include <jacquard/env/native_environment.hpp>

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

// A thread that does the same again and again, and that a signal can hold up wherever it is: as if it were preempted.
class held_up_thread {
 public:
  template <class F>
  explicit held_up_thread(F&& act) {
    struct sigaction how = {};
    how.sa_handler = &held_up_thread::hold;
    sigaction(SIGUSR1, &how, &before_);
    thread_ = std::thread([this, act = std::forward<F>(act)] {
      while (!over_.load()) act();
    });
  }
  ~held_up_thread() {
    let_go();
    over_.store(true);
    thread_.join();
    sigaction(SIGUSR1, &before_, nullptr);
  }
  held_up_thread(const held_up_thread&) = delete;
  held_up_thread& operator=(const held_up_thread&) = delete;

  // Returns when it stands still. It goes on by itself soon: it may hold a lock that others need.
  void hold_up() {
    held().store(true);
    stands().store(false);
    pthread_kill(thread_.native_handle(), SIGUSR1);
    while (!stands().load()) std::this_thread::yield();
  }
  void let_go() { held().store(false); }

 private:
  static std::atomic<bool>& held() {
    static std::atomic<bool> flag{false};
    return flag;
  }
  static std::atomic<bool>& stands() {
    static std::atomic<bool> flag{false};
    return flag;
  }
  static void hold(int) {
    stands().store(true);
    const auto until = std::chrono::steady_clock::now() + 2ms;
    while (held().load() && std::chrono::steady_clock::now() < until) {
    }
  }

  struct sigaction before_ = {};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

// A little more time each, so that the thread is held up elsewhere.
void spend(unsigned round) {
  for (unsigned i = 0; i < round * 7919u % 4096u; ++i)
    std::atomic_signal_fence(std::memory_order::seq_cst);
}

struct number {
  using reply = int;
};
struct answerer {
  using messages = jacquard::messages<number>;
  int on(context<answerer>&, const number&) { return 1; }
};

// Its reader is AddressSanitizer.
TEST(a_question, never_looks_at_a_system_that_is_gone) {
  std::mutex guard;
  actor_ref<answerer> present;
  held_up_thread asker([&] {
    actor_ref<answerer> whom;
    {
      const std::lock_guard<std::mutex> held(guard);
      whom = present;
    }
    for (int i = 0; i < 50; ++i) (void)whom.ask(number{});
  });
  for (unsigned round = 0; round < 200; ++round) {
    native_environment world;
    auto system =
        std::make_unique<actor_system>(world, system_options{.scheduling = {.workers = 1}});
    const auto whom = system->spawn<answerer>();
    {
      const std::lock_guard<std::mutex> held(guard);
      present = whom;
    }
    spend(round);
    asker.hold_up();
    EXPECT_TRUE(whom.kill());
    system.reset();
    asker.let_go();
  }
}

struct other_answerer {
  using messages = jacquard::messages<number>;
  int on(context<other_answerer>&, const number&) { return 2; }
};

TEST(a_cell_whose_actor_has_ended, belongs_to_nobody_until_it_has_the_next) {
  native_environment world, other_world;
  actor_system first(world, {.scheduling = {.workers = 1}});
  actor_system second(other_world, {.scheduling = {.workers = 1}});
  const auto count = [](actor_system& whose) {
    struct {
      const actor_system* whose;
      unsigned found;
    } look{&whose, 0};
    cell_type::for_each_cell(
        [](void* who, cell_base& cell) {
          auto& mine = *static_cast<decltype(look)*>(who);
          if (cell.tenant_of(mine.whose)) ++mine.found;
        },
        &look);
    return look.found;
  };
  EXPECT_TRUE(first.spawn<other_answerer>().stop());
  ASSERT_TRUE(first.wait_until_empty(sync::native::after(5s)));
  EXPECT_EQ(count(first), 0u);
  const auto kept = second.spawn<other_answerer>();
  EXPECT_EQ(count(first), 0u);
  EXPECT_EQ(count(second), 1u);
  EXPECT_TRUE(first.shutdown(5s).complete);
  EXPECT_TRUE(kept.is_alive()) << "the other system's";
  EXPECT_TRUE(second.shutdown(5s).complete);
}

// Its reader is ThreadSanitizer.
TEST(a_report, looks_at_bounded_actors_that_come_and_go) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 1}});
  std::atomic<bool> over{false};
  std::thread reader([&] {
    while (!over.load(std::memory_order::relaxed)) (void)report_actors(system);
  });
  for (int i = 0; i < 300; ++i) {
    spawn_options options;
    options.capacity = 4;
    const auto whom = system.spawn<other_answerer>(std::move(options));
    if (i % 2 == 0) (void)whom.stop();
  }
  over.store(true, std::memory_order::relaxed);
  reader.join();
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(inbox_counts, never_fall_below_zero) {
  limits places;
  places.set(4, overflow::reject, 0);
  places.begin();
  places.lose(undelivered_reason::stopped);  // seen before the place that it had
  EXPECT_EQ(places.counters().received, 0u);
}

}  // namespace
}  // namespace jacquard
