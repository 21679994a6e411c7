#include <jacquard/model/explore/sampling.hpp>

#include <jacquard/model/explore/fair.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace jacquard::model::explorer {

namespace {

using steady = std::chrono::steady_clock;
constexpr std::uint64_t samples_default = 1'000;
constexpr double progress_period_seconds = 1.0;
constexpr std::uint32_t depth_max = 9;

double seconds_since(steady::time_point begun) {
  return std::chrono::duration<double>(steady::now() - begun).count();
}

// Priorities and change points of one interleaving.
class priorities final : public picker {
 public:
  /// Change points are steps in [1, steps_expected]; none where that is 0.
  priorities(draws& random, unsigned threads, std::uint32_t depth, std::uint32_t steps_expected) {
    for (unsigned t = 1; t < threads; ++t) priority_[t] = depth + t;
    for (unsigned t = threads - 1; t > 1; --t) {
      std::swap(priority_[t], priority_[1 + random.below(t)]);
    }
    if (steps_expected == 0) return;
    for (std::uint32_t i = 1; i < depth; ++i) change_at_[i] = 1 + random.below(steps_expected);
  }

  unsigned next(std::uint32_t ready) override {
    unsigned first = highest(ready);
    if (first == 0) return first;  // the main thread runs alone, and its steps do not count
    ++steps_;
    for (std::uint32_t i = 1; i < change_at_.size(); ++i) {
      if (change_at_[i] == steps_) {
        priority_[first] = i;
        first = highest(ready);
      }
    }
    return first;
  }

  // Whoever looks in vain again and again lets everybody else go first: what it waits for may need them.
  void waits(unsigned thread) override {
    constexpr std::uint32_t patience = 4;
    if (++in_vain_[thread] > patience) priority_[thread] = --lowest_;
  }

  [[nodiscard]] std::uint32_t steps() const noexcept { return steps_; }

 private:
  [[nodiscard]] unsigned highest(std::uint32_t ready) const {
    unsigned best = 0;
    for (unsigned t = 1; t < threads_max; ++t) {
      if ((ready >> t & 1) == 0) continue;
      if (best == 0 || priority_[t] > priority_[best]) best = t;
    }
    return best;
  }

  std::array<std::int64_t, threads_max> priority_{};
  std::array<std::uint32_t, threads_max> in_vain_{};
  std::array<std::uint32_t, depth_max> change_at_{};  // [i]: the step at which a thread falls to i
  std::int64_t lowest_ = 0;
  std::uint32_t steps_ = 0;
};

// What so many runs are worth against a bug of that depth.
std::string worth(std::uint64_t runs, unsigned threads, std::uint32_t steps, std::uint32_t depth) {
  const double chance = 1.0 / (threads * std::pow(steps, depth - 1));
  char text[256];
  std::snprintf(text, sizeof text,
                "sampled %llu interleavings of %u threads and at most %u steps, sequentially "
                "consistent; each shows a bug of depth %u with a probability of at least "
                "1/(%u*%u^%u) = %.2g, all together %.2g",
                static_cast<unsigned long long>(runs), threads, steps, depth, threads, steps,
                depth - 1, chance, -std::expm1(static_cast<double>(runs) * std::log1p(-chance)));
  return text;
}

}  // namespace

estimate sampled(worker& one, std::uint64_t enough, std::uint64_t seed, double seconds_max) {
  const auto begun = steady::now();
  draws random(seed);
  const auto pick = [&](std::uint32_t count) { return random.below(count); };
  double sum = 0.0, squares = 0.0;
  std::uint64_t n = 0;
  while (n < enough && !one.has_failed()) {
    const double weight = one.engine.sample(pick);
    ++n;
    sum += weight;
    squares += weight * weight;
    if (seconds_max > 0.0 && seconds_since(begun) >= seconds_max) break;
  }
  if (n == 0) return {};
  const double count = static_cast<double>(n);
  const double mean = sum / count;
  const double variance = n > 1 ? std::max(0.0, squares / count - mean * mean) / (count - 1) : 0.0;
  return {.mean = mean, .deviation = std::sqrt(variance), .walks = n};
}

std::string in_words(const estimate& e) {
  char text[96];
  std::snprintf(text, sizeof text, "estimated %.3g executions, standard deviation %.2g", e.mean,
                e.deviation);
  return text;
}

certificate run_samples(const body_operations& operations, const run_options& options) {
  const auto begun = steady::now();
  worker one(operations, options);
  const std::uint64_t enough =
      options.iterations_max == 0 ? samples_default : options.iterations_max;
  const estimate of_all = sampled(one, enough, options.seed, options.seconds_max);
  certificate result;
  result.executions = one.engine.total().executions;
  result.blocked = one.engine.total().blocked;
  result.search = "sample, seed " + std::to_string(options.seed);
  result.bounds =
      "sampled " + std::to_string(of_all.walks) + " random executions; " + in_words(of_all);
  if (operations.invariant != nullptr) {
    result.bounds += "; invariant() only before the threads start and after they end";
  }
  result.verdict = verdict::truncated;  // what was not sampled is not known
  if (one.program.found().kind == failure_kind::limit) {
    if (const auto livelock = look_for_livelock(operations, options, fair_steps_at_last)) {
      describe_failure(result, *livelock, options.page);
      result.seconds = seconds_since(begun);
      return result;
    }
  }
  if (one.has_failed()) describe_failure(result, one, options.page);
  result.seconds = seconds_since(begun);
  return result;
}

certificate run_pct(const body_operations& operations, const run_options& options) {
  if (options.depth < 1 || options.depth > depth_max) {
    throw std::invalid_argument("explore: depth is " + std::to_string(options.depth) +
                                "; allowed: 1 to " + std::to_string(depth_max));
  }
  const auto begun = steady::now();
  worker one(operations, options);
  const std::uint64_t enough =
      options.iterations_max == 0 ? samples_default : options.iterations_max;
  draws random(options.seed);
  std::uint32_t steps = 0;  // of the longest run so far; the first has no change points
  std::uint64_t runs = 0;
  double told = 0.0;
  while (runs < enough && !one.has_failed()) {
    priorities order(random, one.program.threads(), options.depth, steps);
    one.engine.interleave(order);
    ++runs;
    steps = std::max(steps, order.steps());
    if (runs % 64 != 0) continue;
    const double now = seconds_since(begun);
    if (options.seconds_max > 0.0 && now >= options.seconds_max) break;
    if (options.progress && now - told >= progress_period_seconds) {
      told = now;
      options.progress("pct: " + std::to_string(runs) + " interleavings");
    }
  }
  certificate result;
  result.search =
      "pct, seed " + std::to_string(options.seed) + ", depth " + std::to_string(options.depth);
  result.executions = one.engine.total().executions;
  result.blocked = one.engine.total().blocked;
  result.bounds = worth(runs, one.program.threads() - 1, std::max(steps, 1u), options.depth);
  result.verdict = verdict::truncated;
  if (one.has_failed()) {
    if (one.program.found().kind == failure_kind::limit) {
      if (const auto livelock = look_for_livelock(operations, options, fair_steps_at_last)) {
        describe_failure(result, *livelock, options.page);
        result.seconds = seconds_since(begun);
        return result;
      }
    }
    describe_failure(result, one, options.page);
    result.search += ", found by interleaving " + std::to_string(runs);
    // The schedule holds the order of the steps, so its replay must find the same.
    if (!one.engine.diverged()) {
      run_options again = options;
      again.schedule = result.schedule;
      const certificate repeated = run_schedule(operations, again);
      if (repeated.kind == result.kind) {
        result.what = repeated.what;
        result.where = repeated.where;
        result.history = repeated.history;
        result.schedule = repeated.schedule;
      } else {
        result.kind = failure_kind::nondeterminism;
        result.verdict = verdict::broken;
        result.what = "found '" + result.what + "', and its replay '" + repeated.what +
                      "': something besides the explorer decides";
      }
    }
  }
  result.seconds = seconds_since(begun);
  return result;
}

}  // namespace jacquard::model::explorer
