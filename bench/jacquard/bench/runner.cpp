#include <jacquard/bench/runner.hpp>

#include <fmt/core.h>

#include <cmath>
#include <cstddef>
#include <numeric>

namespace jacquard::bench {

namespace {

// splitmix64: the same seed gives the same order everywhere.
class shuffler {
 public:
  explicit shuffler(std::uint64_t seed) : state_(seed) {}
  void shuffle(std::vector<std::size_t>& order) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[next() % i]);
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

struct lane_of_work {
  const contender* queue;
  double slow_down;
};

// The arms, and what each runs: the field, and the controls behind the candidate.
std::vector<lane_of_work> line_up(const benchmark& bench, const run_options& options,
                                  bench_outcome& outcome) {
  std::vector<lane_of_work> lanes;
  const auto add = [&](const contender& queue, const std::string& suffix, std::string arm,
                       double slow_down) {
    arm_outcome entry;
    entry.name = queue.name + suffix;
    entry.arm = std::move(arm);
    entry.role = queue.role;
    entry.bounded = queue.bounded;
    outcome.arms.push_back(std::move(entry));
    lanes.push_back({&queue, slow_down});
  };
  for (const contender& queue : field()) {
    if (!queue.can(bench.work, bench.senders)) continue;
    if (options.takes_part && !options.takes_part(queue.name)) continue;
    const bool subject = queue.name == subject_name;
    add(queue, "", subject ? "ours" : queue.name, 1.0);
    if (!subject) continue;
    add(queue, ".aa", "aa", 1.0);
    add(queue, ".canary", "canary", canary_factor);
  }
  return lanes;
}

nlohmann::json sample(const bench_outcome& outcome, const arm_outcome& arm, unsigned block,
                      std::size_t position, const std::string& regime, const char* metric,
                      double value, double quantum, std::uint64_t n) {
  return {{"kind", "sample"}, {"bench", outcome.name},
          {"arm", arm.arm},   {"contender", arm.name},
          {"block", block},   {"pos", position},
          {"metric", metric}, {"value", value},
          {"unit", "ns"},     {"quantum", quantum},
          {"n", n},           {"placement", to_string(outcome.where)},
          {"regime", regime}};
}

}  // namespace

const arm_outcome* bench_outcome::find(std::string_view arm_name) const noexcept {
  for (const arm_outcome& arm : arms) {
    if (arm.name == arm_name) return &arm;
  }
  return nullptr;
}

bench_outcome run_benchmark(const benchmark& bench, const run_options& options) {
  bench_outcome outcome;
  outcome.benchmark = bench;
  outcome.where = options.where;
  outcome.name = bench.name;
  if (bench.threaded() && options.where == placement::same_core) outcome.name += "/same-core";
  if (!bench.threaded()) outcome.where = placement::same_core;

  const auto seats = seats_for(outcome.where, allowed_processors());
  // The open loop's sender paces itself by spinning, so it cannot share the consumer's processor.
  outcome.possible = seats.has_value() &&
                     !(bench.work == workload::open_loop && outcome.where == placement::same_core);
  if (!outcome.possible) return outcome;

  const std::vector<lane_of_work> lanes = line_up(bench, options, outcome);
  shuffler random(options.seed);
  std::vector<std::size_t> order(lanes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto regime_now = [&] {
    return bench.threaded() ? std::string(regime_of(probe_round_trip_ns(
                                  seats->consumer, seats->sender(0), options.clock.ticks_per_ns)))
                            : std::string("one-core");
  };

  const unsigned blocks = options.effort.blocks_of(bench);
  for (unsigned block = 0; block < blocks; ++block) {
    if (options.progress) {
      options.progress(fmt::format("{}: block {} of {}, {} arms", outcome.name, block + 1, blocks,
                                   lanes.size()));
    }
    random.shuffle(order);
    const std::string before = regime_now();
    std::vector<nlohmann::json> samples;
    for (std::size_t position = 0; position < order.size(); ++position) {
      arm_outcome& arm = outcome.arms[order[position]];
      if (!arm.fault.empty()) continue;
      histogram latencies;
      round_plan plan;
      plan.operations = options.effort.operations_of(bench);
      plan.batch = bench.batch;
      plan.senders = bench.senders;
      plan.where = outcome.where;
      plan.on = *seats;
      plan.clock = options.clock;
      plan.slow_down = lanes[order[position]].slow_down;
      plan.period_ns = options.effort.period_ns;
      plan.poisson = bench.poisson;
      plan.seed = options.seed + block;  // one timetable for all arms of a block
      plan.latencies = &latencies;
      plan.service = &arm.service;
      plan.bursts = &arm.bursts;
      // A queue that always lies at the same address has that address's luck with caches and store
      // buffers in every block. So it is moved, and luck becomes noise that the bounds can see.
      const std::vector<std::byte> displaced(64 * (1 + random.next() % 128));
      const round_result result = lanes[order[position]].queue->of(bench.work)(plan);
      if (!result.fault.empty()) {
        arm.fault = result.fault;
        continue;
      }
      arm.operations += result.operations;
      arm.ns += result.ns;
      arm.ns_per_operation.push_back(result.ns_per_operation());
      const double quantum = options.clock.quantum_ns / static_cast<double>(result.operations);
      samples.push_back(sample(outcome, arm, block, position, "", "ns_per_op",
                               result.ns_per_operation(), quantum, result.operations));
      if (bench.work == workload::open_loop) arm.sender_late_ns.push_back(result.sender_late_ns);
      if (!bench.per_message()) continue;
      arm.p95_ns.push_back(static_cast<double>(latencies.percentile(95)) /
                           options.clock.ticks_per_ns);
      samples.push_back(sample(outcome, arm, block, position, "", "p95_ns", arm.p95_ns.back(),
                               options.clock.quantum_ns, latencies.count()));
      arm.latencies.merge(latencies);
    }
    const std::string after = regime_now();
    outcome.regimes.push_back(before == after ? before : "mixed");
    if (!options.record) continue;
    for (nlohmann::json& one : samples) {
      one["regime"] = outcome.regimes.back();
      options.record(one);
    }
  }
  return outcome;
}

}  // namespace jacquard::bench
