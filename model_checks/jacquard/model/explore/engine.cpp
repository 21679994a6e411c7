#include <jacquard/model/explore/engine.hpp>

#include <bit>
#include <chrono>
#include <source_location>
#include <stdexcept>
#include <string>

#include <jacquard/model/explore/report.hpp>
#include <jacquard/model/explore/schedule.hpp>
#include <jacquard/model/explore/session.hpp>

namespace jacquard::model {

namespace {

using steady = std::chrono::steady_clock;
constexpr std::uint64_t look_period = 256;  // executions between two looks at the clock
constexpr double progress_period_seconds = 1.0;

std::string full_site(const void* site) {
  if (site == nullptr) return {};
  const auto at = std::bit_cast<std::source_location>(site);
  return std::string(at.file_name()) + ":" + std::to_string(at.line());
}

void describe_failure(certificate& result, const explorer::session& program,
                      const explorer::search& engine) {
  const explorer::failure& found = program.found();
  result.verdict = found.kind == failure_kind::limit ? verdict::truncated : verdict::broken;
  result.kind = found.kind;
  result.what = found.what;
  result.where = full_site(found.site);
  result.history = explorer::history_of(engine.graph());
  result.schedule = explorer::to_string(explorer::schedule_of(engine.graph()));
  if (found.kind == failure_kind::limit) {
    ++result.truncated;
    result.bounds = found.what;
  }
}

}  // namespace

certificate run_explore(const body_operations& operations, const run_options& options) {
  // A check carries one search for every engine; a bound that Relacy needs is none of ours.
  if (!options.search.empty() && options.search != "full" && options.search != "bound" &&
      options.search != "random") {
    throw std::invalid_argument("the explorer searches in full; '" + options.search +
                                "' is none of full, bound and random");
  }
  const auto begun = steady::now();
  const auto seconds = [&] { return std::chrono::duration<double>(steady::now() - begun).count(); };
  explorer::session program(operations);
  explorer::search engine(
      program, {.at_end = [&](const explorer::execution& e) { return program.judge(e); }});
  certificate result;
  result.search = "full";
  if (!options.schedule.empty()) {
    result.search = "one schedule";
    engine.follow(explorer::schedule_from(options.schedule));
    result.executions = engine.total().executions;
    result.blocked = engine.total().blocked;
    result.verdict = verdict::truncated;  // one execution proves nothing about the others
    result.bounds = "one execution, of a schedule";
    result.history = explorer::history_of(engine.graph());
    result.schedule = options.schedule;
    if (program.found().kind != failure_kind::none) describe_failure(result, program, engine);
    result.seconds = seconds();
    return result;
  }
  bool left = true;
  double told = 0.0;
  for (std::uint64_t attempts = 1; left; ++attempts) {
    left = engine.advance();
    if (program.found().kind != failure_kind::none || engine.diverged()) break;
    const std::uint64_t runs = engine.total().executions + engine.total().blocked;
    if (options.iterations_max != 0 && runs >= options.iterations_max) break;
    if (attempts % look_period != 0) continue;
    const double now = seconds();
    if (options.seconds_max > 0.0 && now >= options.seconds_max) break;
    if (options.progress && now - told >= progress_period_seconds) {
      told = now;
      options.progress(std::to_string(engine.total().executions) + " executions, " +
                       std::to_string(engine.total().blocked) + " blocked, " +
                       std::to_string(engine.choices_open()) + " queued, " +
                       std::to_string(static_cast<std::uint64_t>(static_cast<double>(runs) / now)) +
                       "/s");
    }
  }
  result.executions = engine.total().executions;
  result.blocked = engine.total().blocked;
  result.seconds = seconds();
  if (engine.diverged()) {
    result.verdict = verdict::broken;
    result.kind = failure_kind::nondeterminism;
    result.what = engine.divergence();
    result.history = explorer::history_of(engine.graph());
  } else if (program.found().kind != failure_kind::none) {
    describe_failure(result, program, engine);
  } else if (left && engine.choices_open() > 0) {
    result.truncated = engine.choices_open();
    result.bounds = options.iterations_max != 0
                        ? "at most " + std::to_string(options.iterations_max) + " executions"
                        : "at most " + std::to_string(options.seconds_max) + " s";
  } else {
    result.verdict = verdict::holds;
  }
  return result;
}

}  // namespace jacquard::model
