// The harness: what it promises about verdicts, schedules, cut orders and the global allocator.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include <checks/parker.hpp>
#include <jacquard/model/perturbed/engine.hpp>
#include <jacquard/model/perturbed/policy.hpp>
#include <jacquard/model/relacy/engine.hpp>
#include <jacquard/model/relacy/policy.hpp>
#include <jacquard/model/weakened.hpp>
#include <seeded_bugs/handovers.hpp>
#include <seeded_bugs/ownership.hpp>
#include <stdexcept>
#include <vector>

#if defined(assert) && defined(RL_ASSERT) && defined(memory_order_relaxed)
#error "Relacy's macros are left behind"
#endif
#if defined(new) || defined(delete) || defined(malloc) || defined(free)
#error "Relacy's macros are left behind"
#endif

namespace jacquard::model {
namespace {

using S = weakened<relacy>;
using permit = checks::parker<S, false>;

TEST(relacy_engine, repeats_a_failure_from_its_schedule) {
  const certificate first = run_relacy<bugs::aba_without_tag<S>>({});
  ASSERT_EQ(first.verdict, verdict::broken);
  EXPECT_NE(first.history.find("thread 1"), std::string::npos);
  const certificate again = run_relacy<bugs::aba_without_tag<S>>({.schedule = first.schedule});
  EXPECT_EQ(again.verdict, verdict::broken);
  EXPECT_EQ(again.kind, first.kind);
  EXPECT_EQ(again.executions, 1u);
  EXPECT_EQ(again.history, first.history);
}

TEST(relacy_engine, says_truncated_where_a_search_is_cut) {
  const certificate made = run_relacy<permit>({.iterations_max = 5});
  EXPECT_EQ(made.verdict, verdict::truncated);
  EXPECT_EQ(made.executions, 5u);
  EXPECT_EQ(made.truncated, 1u);
}

TEST(relacy_engine, refuses_what_is_out_of_range) {
  EXPECT_THROW((void)run_relacy<permit>({.search = "deep"}), std::invalid_argument);
  EXPECT_THROW((void)run_relacy<permit>({.search = "bound", .context_bound = 10}),
               std::invalid_argument);
  EXPECT_THROW((void)run_relacy<permit>({.schedule = "random:x"}), std::invalid_argument);
}

// A nap beside a sleeper whom only its end wakes: the nap must end also where nobody else can run any more.
struct naps_beside_a_sleeper {
  static constexpr unsigned thread_count = 3;
  inline static bool timed_out = false;

  void thread(unsigned index) {
    relacy::require(begun_[index]++ == 0, "a thread begins once");
    if (index == 1) {
      timed_out |= relacy::wait(nap_, 0, relacy::after(std::chrono::nanoseconds{1})) ==
                   sync::wait_status::timed_out;
      there_.store(1, std::memory_order::release);
      relacy::wake_one(there_);
    } else if (index == 2) {
      while (there_.load(std::memory_order::acquire) == 0) {
        (void)relacy::wait(there_, 0, sync::deadline::never());
      }
    }
  }

 private:
  relacy::atomic<std::uint32_t> nap_{0};
  relacy::atomic<std::uint32_t> there_{0};
  std::array<unsigned, 3> begun_{};
};

TEST(relacy_engine, ends_a_timed_wait_where_everybody_else_sleeps_or_has_finished) {
  const run_options searches[] = {
      {.search = "full"}, {.search = "bound", .context_bound = 1}, {.search = "random"}};
  for (const run_options& options : searches) {
    naps_beside_a_sleeper::timed_out = false;
    const certificate made = run_relacy<naps_beside_a_sleeper>(options);
    EXPECT_EQ(made.verdict, verdict::holds) << options.search << ": " << made.what << "\n"
                                            << made.history;
    EXPECT_TRUE(naps_beside_a_sleeper::timed_out) << options.search;
  }
}

struct uses_the_heap {
  static constexpr unsigned thread_count = 2;
  void thread(unsigned) { std::vector<int>(100).swap(kept); }
  std::vector<int> kept;  // Relacy's own heap would call this a leak or a double free
};

TEST(relacy_policy, leaves_the_global_allocator_alone) {
  static_assert(check_body<uses_the_heap>);
  EXPECT_EQ(run_relacy<uses_the_heap>({}).verdict, verdict::holds);
}

TEST(weakened, learns_the_sites_and_kills_a_cut_one) {
  weakening& cuts = weakening::instance();
  cuts.record(true);
  ASSERT_EQ(run_relacy<permit>({}).verdict, verdict::holds);
  cuts.record(false);
  unsigned killed = 0;
  for (const order_site& site : cuts.seen()) {
    if (site.file.find("parker.hpp") == std::string::npos) continue;
    for (const order_cut& cut : cuts_of(site)) {
      cuts.cut(cut);
      if (run_relacy<permit>({}).verdict == verdict::broken) ++killed;
      cuts.restore();
    }
  }
  EXPECT_GE(killed, 2u);
  EXPECT_EQ(run_relacy<permit>({}).verdict, verdict::holds);
}

TEST(perturbed_engine, catches_what_real_threads_meet) {
  EXPECT_EQ((run_perturbed<checks::parker<perturbed, false>>({.iterations_max = 200}).verdict),
            verdict::holds);
  const certificate made = run_perturbed<bugs::leaked_on_refusal<perturbed>>({});
  EXPECT_EQ(made.kind, failure_kind::leak);
}

TEST(check, knows_its_kinds_by_name) {
  EXPECT_EQ(failure_kind_named("data_race"), failure_kind::data_race);
  EXPECT_THROW((void)failure_kind_named("sadness"), std::invalid_argument);
  EXPECT_TRUE(matches(failure_kind::deadlock, failure_kind::lost_wakeup));
  EXPECT_FALSE(matches(failure_kind::deadlock, failure_kind::data_race));
}

}  // namespace
}  // namespace jacquard::model
