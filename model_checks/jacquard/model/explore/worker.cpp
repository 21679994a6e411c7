#include <jacquard/model/explore/worker.hpp>

#include <jacquard/model/explore/failing_step.hpp>
#include <jacquard/model/explore/fair.hpp>
#include <jacquard/model/explore/report.hpp>
#include <jacquard/model/explore/schedule.hpp>
#include <jacquard/model/explore/view.hpp>

#include <bit>
#include <fstream>
#include <source_location>
#include <stdexcept>
#include <string>

namespace jacquard::model::explorer {

namespace {

std::string full_site(const void* site) {
  if (site == nullptr) return {};
  const auto at = std::bit_cast<std::source_location>(site);
  return std::string(at.file_name()) + ":" + std::to_string(at.line());
}

}  // namespace

static void describe(certificate& result, const worker& by) {
  result.history = history_of(by.engine.graph());
  result.schedule = !by.in_turns.empty()
                        ? by.in_turns
                        : to_string(schedule_of(by.engine.graph(), by.engine.grew_in_order()));
  if (by.engine.diverged()) {
    result.verdict = verdict::broken;
    result.kind = failure_kind::nondeterminism;
    result.what = by.engine.divergence();
    return;
  }
  const failure& found = by.program.found();
  result.verdict = found.kind == failure_kind::limit ? verdict::truncated : verdict::broken;
  result.kind = found.kind;
  result.what = found.what;
  result.where = full_site(found.site);
  if (found.kind == failure_kind::limit) {
    ++result.truncated;
    result.bounds = found.what;
    if (!result.where.empty()) result.bounds += " at " + result.where;
  }
}

void describe_failure(certificate& result, const worker& by, const std::string& page) {
  describe(result, by);
  if (page.empty()) return;
  std::ofstream out(page, std::ios::trunc);
  out << page_of(by.engine.graph(), result.what, result.where + "; schedule " + result.schedule);
  if (!out) throw std::runtime_error("page: cannot write '" + page + "'");
}

certificate run_schedule(const body_operations& operations, const run_options& options) {
  worker one(operations, options);
  certificate result;
  result.search = "one schedule";
  trap_at_failing_step(options.trap);
  if (is_fair_schedule(options.schedule)) {
    one.program.show_failing_step();
    run_in_turns(one, turns_from(options.schedule, one.program.threads()));
  } else {
    one.engine.follow(schedule_from(options.schedule));
  }
  trap_at_failing_step(false);
  result.executions = one.engine.total().executions;
  result.blocked = one.engine.total().blocked;
  result.verdict = verdict::truncated;
  result.bounds = "one execution, of a schedule";
  result.history = history_of(one.engine.graph());
  result.schedule = options.schedule;
  if (one.has_failed()) describe_failure(result, one, options.page);
  return result;
}

}  // namespace jacquard::model::explorer
