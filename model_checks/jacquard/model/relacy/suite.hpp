// jacquard/model/relacy/suite.hpp: a check as one of Relacy's test suites. Only the engine includes it.
//
// Relacy wants the number of threads as a template argument, and compiles three schedulers for each: two to
// four threads in engine.cpp, the others in many_threads.cpp.
#pragma once

#include <jacquard/model/relacy/engine.hpp>
#include <jacquard/model/relacy/policy.hpp>
#include <jacquard/model/relacy/schedulers.hpp>

#include <chrono>
#include <ostream>
#include <string>

namespace jacquard::model::relacy_detail {

using clock = std::chrono::steady_clock;

constexpr std::uint64_t progress_period = 65'536;

/// What the suite below needs to know of the run it is part of. One run at a time, as Relacy itself.
struct run_state {
  const body_operations* operations = nullptr;
  const run_options* options = nullptr;
  void* room = nullptr;
  std::uint64_t executions = 0;
  std::uint64_t executions_max = 0;  // 0: no limit
  clock::time_point begun;
  std::string search;
  bool cut = false;  // a limit ended the search
};
inline run_state* running = nullptr;

/// Ends the search where a limit is reached; says how far it is now and then.
inline void begin_execution(run_state& run) {
  const double seconds_max = run.options->seconds_max;
  const auto seconds = [&] {
    return std::chrono::duration<double>(clock::now() - run.begun).count();
  };
  const bool look = run.executions % 256 == 0;
  run.cut = (run.executions_max != 0 && run.executions == run.executions_max) ||
            (look && seconds_max > 0.0 && seconds() > seconds_max);
  if (run.cut) rl::ctx().rl_until("a limit of the search", rl::debug_info());
  ++run.executions;
  if (run.executions % progress_period == 0 && run.options->progress) {
    run.options->progress(run.search + ": " + std::to_string(run.executions) + " executions, " +
                          std::to_string(static_cast<int>(seconds())) + " s");
  }
}

/// The one suite for each number of threads. Relacy constructs it once for each execution.
template <int Threads>
struct suite : rl::test_suite<suite<Threads>, Threads> {
  suite() {
    begin_execution(*running);
    relacy_detail::session& shared = relacy_detail::current();
    shared.heap.begin();
    shared.parallel = false;
    running->operations->construct(running->room);
  }
  ~suite() {
    running->operations->destroy(running->room);
    const std::string leaked = relacy_detail::current().heap.leaked();
    if (!leaked.empty()) {
      relacy_detail::current().claim = leaked;
      rl::ctx().fail_test(leaked.c_str(), rl::test_result_memory_leak, rl::debug_info());
    }
  }
  void before() {
    if (running->operations->before != nullptr) running->operations->before(running->room);
    relacy_detail::current().parallel = true;
  }
  void thread(unsigned index) { running->operations->thread(running->room, index); }
  void after() {
    relacy_detail::current().parallel = false;
    if (running->operations->after != nullptr) running->operations->after(running->room);
  }
  void invariant() {
    if (running->operations->invariant != nullptr) running->operations->invariant(running->room);
  }
};

template <int Threads>
rl::test_result_e search(rl::test_params& params, std::ostream& state, bool again) {
  using test = suite<Threads>;
  switch (params.search_type) {
    case rl::sched_full:
      return rl::run_test<test, full_scheduler<Threads>>(params, state, again);
    case rl::sched_bound:
      return rl::run_test<test, bound_scheduler<Threads>>(params, state, again);
    default:
      return rl::run_test<test, rl::random_scheduler<Threads>>(params, state, again);
  }
}

/// The same for five to nine threads.
rl::test_result_e search_with_many_threads(unsigned threads, rl::test_params& params,
                                           std::ostream& state, bool again);

}  // namespace jacquard::model::relacy_detail
