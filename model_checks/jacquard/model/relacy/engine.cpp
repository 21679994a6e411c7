#include <jacquard/model/relacy/engine.hpp>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include <jacquard/model/relacy/history.hpp>
#include <jacquard/model/relacy/policy.hpp>
#include <jacquard/model/relacy/suite.hpp>

namespace jacquard::model {
namespace {

using relacy_detail::clock;
using relacy_detail::run_state;
using relacy_detail::running;
using relacy_detail::search;

constexpr std::uint64_t random_iterations_default = 200'000;

rl::test_result_e search(unsigned threads, rl::test_params& params, std::ostream& state,
                         bool again) {
  switch (threads) {
    case 2:
      return search<2>(params, state, again);
    case 3:
      return search<3>(params, state, again);
    case 4:
      return search<4>(params, state, again);
    default:
      if (threads >= 5 && threads <= 9) {
        return relacy_detail::search_with_many_threads(threads, params, state, again);
      }
      throw std::invalid_argument("a check under Relacy has 2 to 9 threads, not " +
                                  std::to_string(threads));
  }
}

failure_kind kind_of(rl::test_result_e result) {
  switch (result) {
    case rl::test_result_data_race:
      return failure_kind::data_race;
    case rl::test_result_access_to_freed_memory:
      return failure_kind::use_after_free;
    case rl::test_result_double_free:
      return failure_kind::double_free;
    case rl::test_result_memory_leak:
    case rl::test_result_resource_leak:
      return failure_kind::leak;
    case rl::test_result_unitialized_access:
      return failure_kind::uninitialised_read;
    case rl::test_result_deadlock:
      return failure_kind::deadlock;
    case rl::test_result_livelock:
      return failure_kind::livelock;
    default:
      return failure_kind::claim;
  }
}

const char* words_for(failure_kind kind) {
  switch (kind) {
    case failure_kind::data_race:
      return "two accesses to a cell, at least one a write, are not ordered";
    case failure_kind::use_after_free:
      return "an object is used after it was destroyed";
    case failure_kind::double_free:
      return "an object is destroyed twice";
    case failure_kind::leak:
      return "an object was created and never destroyed";
    case failure_kind::uninitialised_read:
      return "a value is read before its initialisation is visible";
    case failure_kind::deadlock:
      return "every thread that has not finished sleeps, and nobody will wake it";
    case failure_kind::livelock:
      return "2000 steps without an end: the threads only wait for each other";
    default:
      return "a rule of the model was broken";
  }
}

constexpr char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/// "<iteration> <size> {count index type}..." as digits of the indices.
std::string packed(const std::string& state) {
  std::istringstream in(state);
  std::uint64_t iteration = 0;
  std::size_t size = 0;
  in >> iteration >> size;
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    unsigned count = 0;
    unsigned index = 0;
    unsigned type = 0;
    in >> count >> index >> type;
    out += digits[index % 36];
  }
  out.erase(out.find_last_not_of('0') + 1);
  return out;
}

/// Relacy replays indices; the counts and types beside them it only checks in its own debug builds.
std::string unpacked(const std::string& text) {
  std::string out = "1 " + std::to_string(text.size()) + " ";
  for (const char digit : text) {
    const std::size_t index = std::string(digits).find(digit);
    if (index == std::string::npos) {
      throw std::invalid_argument("schedule: '" + std::string(1, digit) +
                                  "' is no choice; a choice is one of 0-9 and a-z");
    }
    out += std::to_string(index + 1) + " " + std::to_string(index) + " 0 ";
  }
  return out;
}

struct plan {
  rl::test_params params;
  std::string name;    // "full", "bound2", "random": the schedule's prefix
  std::string search;  // in words
  std::string bounds;
  std::uint64_t executions_max = 0;
};

plan plan_of(const run_options& options) {
  plan made;
  static std::ostream nowhere(nullptr);
  made.params.output_stream = &nowhere;
  made.params.progress_stream = &nowhere;
  made.executions_max = options.iterations_max;
  std::string search = options.search.empty() ? "full" : options.search;
  std::uint32_t bound = options.context_bound;
  std::string choices;
  const bool repeat = !options.schedule.empty();
  if (repeat) {
    const std::size_t colon = options.schedule.find(':');
    search = options.schedule.substr(0, colon);
    choices = colon == std::string::npos ? "" : options.schedule.substr(colon + 1);
    if (search.starts_with("bound") && search.size() == 6) {
      bound = static_cast<std::uint32_t>(search[5] - '0');
      search = "bound";
    }
    made.executions_max = 1;
  }
  const std::string limits = "loads at most one store stale; modification order = execution order";
  if (search == "full") {
    made.params.search_type = rl::sched_full;
    made.name = "full";
    made.search = "full search";
    made.bounds = limits;
  } else if (search == "bound") {
    if (bound < 1 || bound > 9) {
      throw std::invalid_argument("context bound " + std::to_string(bound) + ": must be in [1, 9]");
    }
    made.params.search_type = rl::sched_bound;
    made.params.context_bound = bound;
    made.name = "bound" + std::to_string(bound);
    made.search = "context bound " + std::to_string(bound);
    made.bounds = made.search + "; " + limits;
  } else if (search == "random") {
    made.params.search_type = rl::sched_random;
    const std::uint64_t count = repeat                        ? 1
                                : options.iterations_max != 0 ? options.iterations_max
                                                              : random_iterations_default;
    std::uint64_t seed = options.seed;
    if (repeat) {
      if (choices.empty() || choices.find_first_not_of("0123456789") != std::string::npos) {
        throw std::invalid_argument("schedule '" + options.schedule + "': must be random:<seed>");
      }
      seed = std::stoull(choices);
    }
    made.params.initial_state = std::to_string(seed);
    made.params.iteration_count = seed + count - 1;
    made.executions_max = 0;
    made.name = "random";
    made.search =
        "random seed " + std::to_string(seed) + ", " + std::to_string(count) + " executions";
    made.bounds = "a sample; loads at most two stores stale; modification order = execution order";
    return made;
  } else {
    throw std::invalid_argument("search '" + search + "': must be one of full, bound, random");
  }
  if (repeat) made.params.initial_state = unpacked(choices);
  return made;
}

/// Memory for one body, alive across the executions of a run.
class body_room {
 public:
  explicit body_room(const body_operations& operations)
      : alignment_(operations.alignment),
        memory_(::operator new (operations.size, std::align_val_t{alignment_})) {}
  ~body_room() { ::operator delete (memory_, std::align_val_t{alignment_}); }
  body_room(const body_room&) = delete;
  body_room& operator=(const body_room&) = delete;
  [[nodiscard]] void* get() const noexcept { return memory_; }

 private:
  std::size_t alignment_;
  void* memory_;
};

}  // namespace

certificate run_relacy(const body_operations& operations, const run_options& options) {
  plan made = plan_of(options);
  const body_room room(operations);
  run_state run{.operations = &operations,
                .options = &options,
                .room = room.get(),
                .executions_max = made.executions_max,
                .begun = clock::now(),
                .search = made.search};
  running = &run;
  relacy_detail::current().claim.clear();
  relacy_detail::current().claim_where.clear();

  rl::ostringstream state;
  rl::test_result_e result = search(operations.threads, made.params, state, false);
  certificate verdict{.executions = run.executions, .bounds = made.bounds, .search = made.search};
  if (result == rl::test_result_success || result == rl::test_result_until_condition_hit) {
    // A repeated schedule that finds nothing ran one execution, which is all it was asked for.
    const bool finished = result == rl::test_result_success || !options.schedule.empty();
    verdict.verdict = finished ? model::verdict::holds : model::verdict::truncated;
    verdict.truncated = finished ? 0 : 1;
    if (!finished)
      verdict.bounds =
          "cut after " + std::to_string(run.executions) + " executions; " + made.bounds;
    if (!options.schedule.empty()) verdict.bounds = "this one schedule";
  } else {
    verdict.verdict = model::verdict::broken;
    verdict.kind = kind_of(result);
    verdict.schedule = made.name + ":" +
                       (made.name == "random" ? std::to_string(made.params.stop_iteration)
                                              : packed(std::string(state.str().c_str())));
    // Once more, the same choices, writing the history down.
    std::ostringstream text;
    rl::test_params again = made.params;
    again.output_stream = &text;
    again.collect_history = true;
    again.initial_state = state.str();
    run.executions_max = 0;
    run.executions = 1;  // no progress, no limit
    rl::ostringstream ignored;
    const rl::test_result_e repeated = search(operations.threads, again, ignored, true);
    const std::vector<history_step> steps = parsed_history(text.str());
    verdict.history = columns_of(steps, operations.threads);
    verdict.what = relacy_detail::current().claim;
    verdict.where = relacy_detail::current().claim_where;
    if (verdict.what.empty()) verdict.what = words_for(verdict.kind);
    for (auto step = steps.rbegin(); verdict.where.empty() && step != steps.rend(); ++step) {
      verdict.where = step->where;
    }
    if (repeated != result) {
      verdict.kind = failure_kind::nondeterminism;
      verdict.what =
          "the same choices led to a different end: something besides the engine decides";
    }
  }
  running = nullptr;
  verdict.seconds = std::chrono::duration<double>(clock::now() - run.begun).count();
  return verdict;
}

}  // namespace jacquard::model
