#include <jacquard/bench/suite/run.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

namespace jacquard::bench::suite {

namespace {

struct lane {
  const arm* body;
  std::size_t outcome;
};

// splitmix64: the same seed gives the same order everywhere.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

unsigned processors_of(const arm& body) {
  return std::max(body.processors, body.two_processors ? 2u : 1u);
}

std::string placement_of(unsigned processors) {
  if (processors > 2) return fmt::format("{}-cores", processors);
  return processors == 2 ? "two-cores" : "one-core";
}

std::vector<lane> line_up(const benchmark& bench, const run_options& options, outcome& result) {
  std::vector<lane> lanes;
  const auto add = [&](const arm& body, const std::string& suffix, const std::string& label) {
    arm_outcome made;
    made.name = body.name + suffix;
    made.label = label;
    made.who = body.who;
    made.processors = processors_of(body);
    made.missing = body.missing;
    const std::size_t wanted = processors_of(body);
    if (made.missing.empty() && allowed_processors().size() < wanted) {
      made.missing = fmt::format("needs {} processors, this process may use {}", wanted,
                                 allowed_processors().size());
    }
    if (made.missing.empty()) lanes.push_back({&body, result.arms.size()});
    result.arms.push_back(std::move(made));
  };
  for (const arm& body : bench.arms) {
    if (options.takes_part && !options.takes_part(body.name)) continue;
    const bool subject = &body == &bench.arms.front();
    add(body, "", subject ? "ours" : body.name);
    if (subject && bench.control) add(body, ".aa", "aa");
  }
  return lanes;
}

void add(usage& sum, const usage& more) {
  sum.user_ns += more.user_ns;
  sum.system_ns += more.system_ns;
  sum.voluntary_switches += more.voluntary_switches;
  sum.involuntary_switches += more.involuntary_switches;
  sum.page_faults += more.page_faults;
  sum.syscalls += more.syscalls;
}

void keep(arm_outcome& into, trial_result&& one, const clock_facts& clock) {
  if (!one.fault.empty()) {
    into.fault = one.fault;
    return;
  }
  into.operations += one.operations;
  into.ns += one.ns;
  into.ns_per_operation.push_back(one.ns / static_cast<double>(one.operations));
  into.cpu_ns.push_back((one.spent.user_ns + one.spent.system_ns) /
                        static_cast<double>(one.operations));
  add(into.spent, one.spent);
  into.window = one.window;
  if (one.times.count() > 0) {
    into.median_ns.push_back(static_cast<double>(one.times.percentile(50)) / clock.ticks_per_ns /
                             static_cast<double>(one.window));
    into.times.merge(one.times);
  }
  std::vector<double> values;
  for (const figure& each : one.figures) values.push_back(each.value);
  into.figures.push_back(std::move(values));
  into.described = std::move(one.figures);
}

unsigned blocks_of(const benchmark& bench, const run_options& options) {
  if (bench.blocks == 1 || options.effort.name == "tiny") return 1;
  if (options.blocks != 0) return options.blocks;
  return options.effort.name == "full" ? 2 * bench.blocks + 1 : bench.blocks;
}

}  // namespace

const arm_outcome* outcome::find(const std::string& arm) const noexcept {
  for (const arm_outcome& one : arms) {
    if (one.name == arm && one.missing.empty() && one.fault.empty()) return &one;
  }
  return nullptr;
}

outcome run_benchmark(const benchmark& bench, const run_options& options) {
  outcome result;
  result.bench = &bench;
  const std::vector<lane> lanes = line_up(bench, options, result);
  std::vector<std::size_t> order(lanes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::uint64_t random = options.seed;
  const std::vector<int>& all = allowed_processors();
  const unsigned blocks = blocks_of(bench, options);
  for (unsigned block = 0; block < blocks; ++block) {
    if (options.progress) {
      options.progress(
          fmt::format("{}: block {} of {}, {} arms", bench.name, block + 1, blocks, lanes.size()));
    }
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[next(random) % i]);
    }
    for (std::size_t position = 0; position < order.size(); ++position) {
      const lane& chosen = lanes[order[position]];
      arm_outcome& arm = result.arms[chosen.outcome];
      if (!arm.fault.empty()) continue;
      trial_plan plan;
      plan.operations = options.effort.name == "tiny" ? bench.tiny : bench.operations;
      if (options.effort.name != "tiny") plan.operations /= chosen.body->one_in;
      plan.clock = options.clock;
      plan.processors.assign(all.begin(), all.begin() + processors_of(*chosen.body));
      plan.seed = options.seed + block;
      keep(arm, chosen.body->run(plan), options.clock);
      (void)pin_to(all.front());
      if (!arm.fault.empty() || !options.record) continue;
      const auto sample = [&](const char* metric, double value, double step) {
        options.record({{"kind", "sample"},
                        {"bench", bench.name},
                        {"arm", arm.label},
                        {"contender", arm.name},
                        {"block", block},
                        {"pos", position},
                        {"metric", metric},
                        {"value", value},
                        {"unit", "ns"},
                        {"quantum", step / static_cast<double>(plan.operations)},
                        {"n", plan.operations},
                        {"placement", placement_of(processors_of(*chosen.body))}});
      };
      sample("ns_per_op", arm.ns_per_operation.back(), options.clock.quantum_ns);
      sample("cpu_ns_per_op", arm.cpu_ns.back(), 1000.0);  // the kernel's microsecond
    }
  }
  return result;
}

}  // namespace jacquard::bench::suite
