// bench_micro: the same rounds under Google Benchmark, for those who want its flags and its JSON.
//
// An iteration is one round and its time is the round's own clock, so `Time` is the round; the columns to
// read are the counters: ns_per_op and, where every message has its own time, p50, p95 and p99 in ns.
// Google Benchmark runs one benchmark after another; use `jacquard bench` to compare.
#include <benchmark/benchmark.h>

#include <jacquard/bench/catalogue.hpp>
#include <jacquard/bench/percentile.hpp>
#include <jacquard/bench/rounds.hpp>

namespace {

using namespace jacquard::bench;

void run_rounds(::benchmark::State& state, const jacquard::bench::benchmark& bench,
                const contender& queue, const clock_facts& clock) {
  const placement where = bench.threaded() ? placement::cross_core : placement::same_core;
  const auto seats = seats_for(where, allowed_processors());
  if (!seats.has_value()) {
    state.SkipWithError("needs two processors, this process may use one");
    return;
  }
  histogram latencies;
  histogram service;
  const effort small = effort::quick();
  double ns = 0.0;
  std::uint64_t operations = 0;
  for (auto _ : state) {
    round_plan plan;
    plan.operations = small.operations_of(bench);
    plan.batch = bench.batch;
    plan.senders = bench.senders;
    plan.where = where;
    plan.on = *seats;
    plan.clock = clock;
    plan.poisson = bench.poisson;
    plan.latencies = &latencies;
    plan.service = &service;
    const round_result result = queue.of(bench.work)(plan);
    if (!result.fault.empty()) {
      state.SkipWithError(result.fault.c_str());
      return;
    }
    state.SetIterationTime(result.ns * 1e-9);
    ns += result.ns;
    operations += result.operations;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(operations));
  state.counters["ns_per_op"] = ns / static_cast<double>(operations);
  for (const auto& [name, percent] : {std::pair{"p50", 50.0}, {"p95", 95.0}, {"p99", 99.0}}) {
    const auto value = judged_percentile(latencies, percent, clock.ticks_per_ns, clock.quantum_ns);
    if (bench.per_message() && value.stands()) state.counters[name] = value.value_ns;
  }
}

}  // namespace

int main(int argc, char** argv) {
  ::benchmark::Initialize(&argc, argv);
  if (::benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const clock_facts clock = probe_clock();
  const company second_thread;
  for (const auto& bench : catalogue()) {
    for (const contender& queue : field()) {
      if (!queue.can(bench.work, bench.senders)) continue;
      ::benchmark::RegisterBenchmark((bench.name + "/" + queue.name).c_str(),
                                     [&bench, &queue, clock](::benchmark::State& state) {
                                       run_rounds(state, bench, queue, clock);
                                     })
          ->UseManualTime()
          ->MinTime(0.05)
          ->Unit(::benchmark::kMillisecond);
    }
  }
  ::benchmark::RunSpecifiedBenchmarks();
  ::benchmark::Shutdown();
  return 0;
}
