// jacquard/bench/suite/trial.hpp: one timed run of a whole workload: actors, strands, futures, a peer.
//
// Where the queues' rounds take a queue as a template argument, a trial is a function that sets up whatever it needs,
// warms it, does a stated number of operations, and asserts its answer. The clock stops when the last message has
// been handled, not when it has been sent.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <jacquard/bench/clock.hpp>
#include <jacquard/bench/contender.hpp>
#include <jacquard/bench/histogram.hpp>
#include <jacquard/bench/suite/meter.hpp>

namespace jacquard::bench::suite {

struct trial_plan {
  std::uint64_t operations = 0;
  clock_facts clock = {};
  /// Where workers are pinned, in turn. One processor, or two.
  std::vector<int> processors;
  std::uint64_t seed = 1;
};

/// A figure beside the time: bytes of an actor, a share of refused sends.
struct figure {
  std::string name;
  double value = 0.0;
  std::string unit;
  /// What it should not exceed; 0: nothing is asked of it.
  double limit = 0.0;
};

struct trial_result {
  double ns = 0.0;
  std::uint64_t operations = 0;
  std::string fault = {};  // empty: the answer was right
  usage spent = {};        // of all threads, in the timed part
  /// Times of `window` operations in a row, in ticks. Empty where operations have no time of their own.
  histogram times = {};
  std::uint64_t window = 1;
  std::vector<figure> figures = {};
};

/// One of those that run a benchmark's workload.
struct arm {
  std::string name;                                    // "jacquard", "caf", ...
  std::function<trial_result(const trial_plan&)> run;  // empty: `missing` says why
  std::string missing = {};
  role who = role::ours;
  bool two_processors = false;
  unsigned processors = 0;  // likewise, where it wants more than two
  /// Does this part of the operations: for a peer that would take most of the run. Figures are an operation's.
  std::uint64_t one_in = 1;
};

/// What a claim judges.
enum class basis : std::uint8_t {
  processor,  // processor time an operation: on one core that is the time, and a busy machine does not lengthen it
  wall,       // time an operation
  median,     // the middle of the operations' own times
};

/// Two arms that differ by less are equal: as much as a mailbox's two copies may differ in a run that judges them. A limit
/// of 1 without it is met by chance where nothing differs: half of the blocks are on either side.
inline constexpr double tie_of_equals = 0.02;

/// What a run demands of a benchmark's figures.
struct goal {
  std::string name;       // "claim.actor_pingpong"
  std::string arm;        // who is judged
  std::string over = {};  // the arm it is compared with; empty: the limit is in nanoseconds
  double limit = 0.0;
  basis by = basis::processor;
  double tie = 0.0;  // a share of the limit by which a figure may be beyond it
};

/// How a benchmark's own row is named.
enum class headline : std::uint8_t {
  none,              // rows of arms only
  median,            // <name>.median, ns
  p95_ms,            // <name>.p95, ms
  calls_per_second,  // <name>, calls/s
  ratio,             // <name>, of processor time: the first arm over the second
  efficiency,  // <name>.efficiency_<P> of each arm on P processors: the subject's time over its own
};

struct benchmark {
  std::string name;
  std::string about;
  std::uint64_t operations = 0;  // of one trial
  std::uint64_t tiny = 0;        // likewise, where only the answer counts
  unsigned blocks = 15;
  std::vector<arm> arms;  // the first is the subject; it runs twice (a control)
  std::vector<goal> goals = {};
  headline headed = headline::none;
  bool control = true;  // false: too long to run twice in every block
};

}  // namespace jacquard::bench::suite
