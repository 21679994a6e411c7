// jacquard/bench/catalogue.hpp: the benchmarks by name. `jacquard bench --list` prints these names and
// bench.names.txt holds them, so that a renamed benchmark is a failure and not a gap.
#pragma once

#include <string>
#include <vector>

#include <jacquard/bench/contender.hpp>

namespace jacquard::bench {

struct benchmark {
  std::string name;
  std::string about;
  workload work = workload::pair;
  std::uint32_t batch = 1;
  unsigned senders = 1;
  bool poisson = false;

  [[nodiscard]] bool threaded() const noexcept {
    return work == workload::transfer || work == workload::open_loop;
  }
  /// What a figure of this benchmark is: "ns/op", or "ns p95" where every message has its own time.
  [[nodiscard]] bool per_message() const noexcept {
    return work == workload::sojourn || work == workload::open_loop;
  }
};

[[nodiscard]] const std::vector<benchmark>& catalogue();

/// How much work a run does.
struct effort {
  std::string name;
  unsigned blocks = 15;
  unsigned open_loop_blocks = 3;
  std::uint64_t solo_operations = 34'816;  // 68 bursts: a thousand in 15 blocks, as a p99 needs
  std::uint64_t transfer_operations = 32'768;
  std::uint64_t open_loop_operations = 2'000;
  double period_ns = 100'000.0;  // 10,000 messages a second

  static effort quick() { return {.name = "quick"}; }
  static effort full() {
    return {.name = "full",
            .blocks = 41,
            .open_loop_blocks = 5,
            .solo_operations = 65'536,
            .transfer_operations = 65'536,
            .open_loop_operations = 10'000};
  }
  /// Enough to see that every answer is right; its figures mean nothing.
  static effort tiny() {
    return {.name = "tiny",
            .blocks = 1,
            .open_loop_blocks = 1,
            .solo_operations = 2 * field_capacity,
            .transfer_operations = 2 * field_capacity,
            .open_loop_operations = 50,
            .period_ns = 20'000.0};
  }
  [[nodiscard]] unsigned blocks_of(const benchmark& b) const noexcept {
    return b.work == workload::open_loop ? open_loop_blocks : blocks;
  }
  [[nodiscard]] std::uint64_t operations_of(const benchmark& b) const noexcept {
    if (b.work == workload::open_loop) return open_loop_operations;
    return b.work == workload::transfer ? transfer_operations : solo_operations;
  }
};

}  // namespace jacquard::bench
