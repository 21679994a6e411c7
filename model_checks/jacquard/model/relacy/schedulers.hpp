// jacquard/model/relacy/schedulers.hpp: Relacy's two tree searches, with a timed wait that can always end.
//
// Whoever parks under Relacy yields as well: it is held back until every other thread that has not finished has run.
// Relacy lifts that where nobody can run and nobody waits with a deadline. Where somebody does, and is itself held
// back for a thread that sleeps, nothing is lifted and no wait ends: schedule_impl takes the first thread of an empty
// list. Without Relacy's own assertions (RL_DO_ASSERT) that is whoever stood there last: a finished thread begins
// again, or a sleeper goes on without a wake-up, and what follows is no execution.
//
// The random search holds nobody back.
#pragma once

#include <jacquard/model/relacy/policy.hpp>

namespace jacquard::model::relacy_detail {

/// `Base` is one of Relacy's tree searches over `Derived`. Nobody is held back where nobody can run.
template <class Base>
class with_ends_of_waits : public Base {
 public:
  using Base::Base;

  rl::thread_id_t schedule_impl(rl::unpark_reason& reason, unsigned yield) {
    // With a yield Base does it itself, after the yield.
    if (yield == 0 && this->running_threads_count == 0) this->purge_blocked_threads();
    return Base::schedule_impl(reason, yield);
  }
};

/// Every choice.
template <rl::thread_id_t Threads>
class full_scheduler
    : public with_ends_of_waits<rl::tree_search_scheduler<
          full_scheduler<Threads>, rl::tree_search_scheduler_thread_info<Threads>, Threads>> {
  using base = with_ends_of_waits<rl::tree_search_scheduler<
      full_scheduler<Threads>, rl::tree_search_scheduler_thread_info<Threads>, Threads>>;

 public:
  using base::base;
  using thread_info_t = typename base::thread_info_t;

  bool can_switch(thread_info_t&) { return true; }
  void on_switch(thread_info_t&) {}
  double iteration_count_approx() { return 1.0; }  // for Relacy's progress, which nobody reads
};

/// At most `context_bound` switches away from a thread that can run.
template <rl::thread_id_t Threads>
class bound_scheduler
    : public with_ends_of_waits<rl::tree_search_scheduler<
          bound_scheduler<Threads>, rl::tree_search_scheduler_thread_info<Threads>, Threads>> {
  using base = with_ends_of_waits<rl::tree_search_scheduler<
      bound_scheduler<Threads>, rl::tree_search_scheduler_thread_info<Threads>, Threads>>;

 public:
  using base::base;
  using thread_info_t = typename base::thread_info_t;

  rl::thread_id_t iteration_begin_impl() {
    switches_left_ = this->params_.context_bound;
    return base::iteration_begin_impl();
  }
  bool can_switch(thread_info_t&) { return switches_left_ != 0; }
  void on_switch(thread_info_t& from) {
    if (from.state_ == rl::thread_state_running) switches_left_ -= 1;
  }
  double iteration_count_approx() { return 1.0; }  // for Relacy's progress, which nobody reads

 private:
  unsigned switches_left_ = 0;
};

}  // namespace jacquard::model::relacy_detail
