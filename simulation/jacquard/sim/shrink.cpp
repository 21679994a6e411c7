#include <jacquard/sim/shrink.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace jacquard::sim {

namespace {

class shrinker {
 public:
  shrinker(plan failing, run_options options, const shrink_options& limits)
      : options_(options), limits_(limits) {
    best_.smallest = std::move(failing);
    options_.trace = nullptr;
    const std::optional<std::pair<std::string, std::string>> failure = fails(best_.smallest);
    if (!failure) throw std::invalid_argument("nothing to shrink: the plan holds");
    best_.signature = failure->first;
    best_.detail = failure->second;
  }

  shrunk run() {
    const scenario& story = *scenario_named(best_.smallest.scenario);
    bool smaller = true;
    while (smaller && !best_.out_of_runs) {
      // Messages before faults: a fault that makes trouble early replaces many messages.
      smaller = simpler_times();
      smaller |= fewer([&](plan& p) -> std::optional<std::uint32_t>& { return p.messages; },
                       story.messages);
      smaller |= fewer([&](plan& p) -> std::optional<std::uint32_t>& { return p.producers; },
                       story.producers);
      smaller |= fewer_faults();
    }
    return best_;
  }

 private:
  // Signature and detail; empty where the plan holds. A determinism failure needs both runs.
  std::optional<std::pair<std::string, std::string>> fails(const plan& candidate) {
    ++best_.runs;
    const bool twice = best_.signature.empty() || best_.signature == "determinism";
    const verified result =
        twice ? run_twice(candidate, options_)
              : verified{.first = sim::run(candidate, options_), .divergence = {}};
    if (result.holds()) return std::nullopt;
    return std::pair{sim::signature(result),
                     result.first.broken ? result.first.broken->detail : *result.divergence};
  }

  // Keeps the candidate where it fails the same way.
  bool keeps(const plan& candidate) {
    if (best_.runs >= limits_.runs_max) {
      best_.out_of_runs = true;
      return false;
    }
    if (problem(candidate)) return false;
    const auto failure = fails(candidate);
    const bool same = failure && failure->first == best_.signature;
    if (same) {
      best_.smallest = candidate;
      best_.detail = failure->second;
    }
    if (limits_.progress) limits_.progress(best_.runs, best_.smallest);
    return same;
  }

  bool fewer_faults() {
    bool any = false;
    for (std::size_t width = std::max<std::size_t>(best_.smallest.faults.size() / 2, 1); width > 0;
         width /= 2) {
      for (std::size_t at = 0; at < best_.smallest.faults.size();) {
        plan candidate = best_.smallest;
        const std::size_t end = std::min(at + width, candidate.faults.size());
        candidate.faults.erase(candidate.faults.begin() + static_cast<std::ptrdiff_t>(at),
                               candidate.faults.begin() + static_cast<std::ptrdiff_t>(end));
        if (keeps(candidate)) {
          any = true;
        } else {
          at += width;
        }
        if (best_.out_of_runs) return any;
      }
    }
    return any;
  }

  // Faults that begin at once, and times that are short to read.
  bool simpler_times() {
    bool any = false;
    for (std::size_t i = 0; i < best_.smallest.faults.size(); ++i) {
      const auto tries = [&](nanoseconds fault::*field, nanoseconds value) {
        plan candidate = best_.smallest;
        if (candidate.faults[i].*field == value) return;
        candidate.faults[i].*field = value;
        any = keeps(candidate) || any;
      };
      tries(&fault::at, 0);
      tries(&fault::at, best_.smallest.faults[i].at / microsecond * microsecond);
      if (best_.smallest.faults[i].lasts > microsecond) {
        tries(&fault::lasts, best_.smallest.faults[i].lasts / microsecond * microsecond);
      }
      if (best_.out_of_runs) return any;
    }
    return any;
  }

  // The least number that fails the same way, by halving steps.
  template <class Field>
  bool fewer(Field field, std::uint32_t usual) {
    bool any = false;
    std::uint32_t now = field(best_.smallest).value_or(usual);
    for (std::uint32_t step = now / 2; step > 0;) {
      plan candidate = best_.smallest;
      field(candidate) = now - step;
      if (now > step && keeps(candidate)) {
        now -= step;
        any = true;
        step = std::min(step, now / 2);
      } else {
        step /= 2;
      }
      if (best_.out_of_runs) return any;
    }
    return any;
  }

  run_options options_;
  const shrink_options& limits_;
  shrunk best_;
};

}  // namespace

shrunk shrink(const plan& failing, const run_options& options, const shrink_options& limits) {
  return shrinker(failing, options, limits).run();
}

}  // namespace jacquard::sim
