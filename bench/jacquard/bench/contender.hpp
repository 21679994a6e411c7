// jacquard/bench/contender.hpp: one queue in the field, as a row of rounds that it can run.
//
// A round is a few milliseconds of one workload on a fresh queue. The catalogue says which
// workloads a benchmark consists of; a contender that cannot run one leaves its place empty (a
// single-sender queue in a two-sender transfer). Function pointers, so nothing is allocated or
// type-erased per message.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <jacquard/bench/clock.hpp>
#include <jacquard/bench/histogram.hpp>
#include <jacquard/bench/message.hpp>
#include <jacquard/bench/placement.hpp>

namespace jacquard::bench {

/// Messages that a bounded contender holds: the mailboxes' default.
inline constexpr std::uint32_t field_capacity = 512;

enum class workload : std::uint8_t {
  enqueue,    // fill to capacity, timed; drain, untimed
  dequeue,    // fill, untimed; drain in batches of plan.batch, timed
  pair,       // enqueue one, dequeue one
  sojourn,    // the same with plan.batch messages waiting; every message's time in the queue
  transfer,   // plan.senders threads to one consumer
  open_loop,  // one sender on a timetable, a consumer that parks
};
inline constexpr std::size_t workload_count = 6;

struct round_plan {
  std::uint64_t operations = 0;  // in all; a multiple of field_capacity and of plan.senders
  std::uint32_t batch = 1;
  unsigned senders = 1;
  placement where = placement::cross_core;
  seats on = {};
  clock_facts clock = {};
  double slow_down = 1.0;          // the canary: the round takes this many times as long
  double period_ns = 100'000.0;    // open_loop
  bool poisson = false;            // open_loop: exponential gaps with this mean
  std::uint64_t seed = 1;          // open_loop
  histogram* latencies = nullptr;  // ticks: sojourn times; open_loop: from the intended time
  histogram* service = nullptr;    // ticks: open_loop, from the time of the actual send
  histogram* bursts = nullptr;     // ticks: each burst of field_capacity
};

struct round_result {
  double ns = 0.0;               // timed part
  std::uint64_t operations = 0;  // in the timed part
  /// One thread's work is timed in bursts of field_capacity, and this is the middle one, per operation: a
  /// burst in which the processor was taken away says nothing about a queue. 0: the round is one piece.
  double middle_ns = 0.0;
  double sender_late_ns = 0.0;  // open_loop: p95 of how late the sender was
  std::string fault;            // empty: the answer was right

  [[nodiscard]] double ns_per_operation() const noexcept {
    if (middle_ns > 0.0) return middle_ns;
    return operations == 0 ? 0.0 : ns / static_cast<double>(operations);
  }
};

using round = round_result (*)(const round_plan&);

enum class role : std::uint8_t {
  ours,       // a mailbox of the runtime
  peer,       // a library's queue
  reference,  // written here: yardsticks
};

struct contender {
  std::string name;
  bench::role role = role::peer;
  bool bounded = true;
  unsigned senders_max = bench::senders_max;      // 0: not for threads; 1: a single-sender queue
  std::array<round, workload_count> rounds = {};  // null: it cannot

  [[nodiscard]] round of(workload work) const noexcept {
    return rounds[static_cast<std::size_t>(work)];
  }
  [[nodiscard]] bool can(workload work, unsigned senders) const noexcept {
    const bool threads = work == workload::transfer || work == workload::open_loop;
    return of(work) != nullptr && (!threads || senders <= senders_max);
  }
};

// Each in its own source file, so that a library's headers are compiled once.
[[nodiscard]] std::vector<contender> our_contenders();
[[nodiscard]] std::vector<contender> reference_contenders();
[[nodiscard]] std::vector<contender> boost_contenders();
[[nodiscard]] std::vector<contender> moodycamel_contenders();
[[nodiscard]] std::vector<contender> tbb_contenders();

/// All of them, ours first.
[[nodiscard]] const std::vector<contender>& field();

}  // namespace jacquard::bench
