// jacquard/model/check.hpp: what a check is, and what an engine answers.
//
// A check is a class template over a sync policy. It states a claim about concurrent code in a small
// world of two to four threads, and knows no engine:
//
//   template <jacquard::sync::policy Sync>
//   class push_vs_park {
//    public:
//     static constexpr unsigned thread_count = 2;
//     void before();               // optional: runs first, alone
//     void thread(unsigned index); // runs in parallel, index in [0, thread_count)
//     void after();                // optional: runs last, alone; the claims
//     void invariant();            // optional: only reads; runs between any two steps, or as often as an
//                                  // engine can, which then says so among its bounds
//   };
//
// The object is constructed before `before` and destroyed after `after`, once per execution. Everything
// shared goes through `Sync`; claims go through `Sync::require`.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <jacquard/sync/policy.hpp>

namespace jacquard::model {

template <class Body>
concept check_body = std::default_initializable<Body> && requires(Body body, unsigned index) {
  { Body::thread_count } -> std::convertible_to<unsigned>;
  body.thread(index);
};

template <class Body>
concept has_before = requires(Body body) {
  body.before();
};
template <class Body>
concept has_after = requires(Body body) {
  body.after();
};
template <class Body>
concept has_invariant = requires(Body body) {
  body.invariant();
};

/// `holds` is said only of a search that ended by itself; one that was cut is `truncated`, never passed.
enum class verdict : std::uint8_t { holds, broken, truncated };

/// What kind of thing was found.
enum class failure_kind : std::uint8_t {
  none,
  claim,               // Sync::require failed
  data_race,           //
  deadlock,            // every thread waits
  lost_wakeup,         // a thread sleeps for ever although it was due a wake-up
  livelock,            // threads run for ever without progress
  leak,                //
  use_after_free,      //
  double_free,         //
  uninitialised_read,  //
  bad_access,          // an address at which there is no memory
  nondeterminism,      // a replay differs: something besides the engine decides
  limit,               // a resource of the engine ran out
};

[[nodiscard]] const char* to_string(verdict v) noexcept;
[[nodiscard]] const char* to_string(failure_kind kind) noexcept;

/// A verdict with everything needed to believe it and to repeat it.
struct certificate {
  model::verdict verdict = verdict::truncated;
  failure_kind kind = failure_kind::none;
  std::string what = {};   // the broken claim, or the failure in words
  std::string where = {};  // file:line, or empty
  std::uint64_t executions = 0;
  std::uint64_t blocked = 0;    // executions that ended in a blocked await (explore)
  std::uint64_t truncated = 0;  // executions cut by a bound
  std::string bounds = "none";  // "none", or every bound of the search in words
  std::string search = {};      // "full", "context bound 2", "random seed 7, 100000 runs", ...
  double seconds = 0.0;
  std::string history = {};   // per-thread columns of the failing execution
  std::string schedule = {};  // opaque: what `run_options.schedule` takes to repeat it
};

/// What a run may be told. Engines ignore what does not apply to them.
struct run_options {
  std::string search = {};  // engine-specific: "full", "bound", "pct"; empty: the default
  std::uint32_t context_bound = 2;
  std::uint32_t depth = 3;  // of the explorer's search "pct": how many orderings a bug may need
  std::uint32_t spurious_max =
      0;  // explorer: weak compare-exchanges of one thread that may fail spuriously
  std::uint64_t iterations_max = 0;  // 0: the engine's default
  double seconds_max = 0.0;          // 0: no limit
  std::uint64_t seed = 1;
  std::string schedule = {};  // repeat this one execution, and record its history
  bool trap = false;          // explorer: raise SIGTRAP at the schedule's failing step
  // Explorer: how the full search is divided among threads, processes and sittings (explore/work.hpp).
  unsigned workers = 0;         // 1 to 64; 0: one, or what JACQUARD_EXPLORE_WORKERS says
  std::uint32_t shard = 0;      // [0, shards)
  std::uint32_t shards = 1;     // 1 to 65536
  std::string checkpoint = {};  // a file for what a cut search leaves
  std::string resume = {};      // such a file, to go on from
  std::string page = {};        // explorer: a file for the drawing of a failing execution
  std::function<void(const std::string&)> progress =
      {};  // called with a line now and then; may be empty
};

/// One check as an engine's program holds it.
struct registered_check {
  std::string name = {};                     // "push_vs_park.ring"
  std::string engine = {};                   // "relacy"
  std::string claims = {};                   // "I3 E1"
  failure_kind expect = failure_kind::none;  // a seeded bug names what must be found
  run_options defaults = {};  // the search that is meant for this check on this engine
  std::function<certificate(const run_options&)> run = {};
};

/// Every check linked into this program, in link order; the program sorts them by name.
[[nodiscard]] std::vector<registered_check>& checks();

/// Adds a check. Returns true, so that a namespace-scope constant can call it.
bool add_check(registered_check check);

/// True where finding `found` counts as catching a bug that was seeded as `expected`. A thread that sleeps
/// for ever is a deadlock to an engine that does not know what it waits for, and a lost wake-up to one
/// that does.
[[nodiscard]] bool matches(failure_kind expected, failure_kind found) noexcept;

/// The kind that `to_string` writes as `name`; none for "" and "none". Throws std::invalid_argument, naming
/// the known ones, for anything else.
[[nodiscard]] failure_kind failure_kind_named(const std::string& name);

}  // namespace jacquard::model
