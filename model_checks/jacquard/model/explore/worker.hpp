// jacquard/model/explore/worker.hpp: a check with a search of its own, as each worker of a run has one; and
// what a run says when one of them found something.
#pragma once

#include <jacquard/model/body.hpp>
#include <jacquard/model/check.hpp>
#include <jacquard/model/explore/search.hpp>
#include <jacquard/model/explore/session.hpp>

#include <string>

namespace jacquard::model::explorer {

struct worker {
  worker(const body_operations& operations, const run_options& options)
      : program(operations),
        engine(program, {.spurious_max = static_cast<std::uint8_t>(options.spurious_max),
                         .at_end = [this](const execution& e) { return program.judge(e); }}) {}

  [[nodiscard]] bool has_failed() const {
    return engine.diverged() || program.found().kind != failure_kind::none;
  }
  [[nodiscard]] std::uint64_t runs() const {
    return engine.total().executions + engine.total().blocked;
  }

  session program;
  search engine;
  std::string
      in_turns;  // the schedule, where the threads took turns and repeat themselves for ever
};

/// Puts what `by` found into `result`: kind, words, place, history and schedule; and draws it into the file `page`,
/// where that is not empty. Throws std::runtime_error where the file cannot be written.
void describe_failure(certificate& result, const worker& by, const std::string& page);

/// Runs the one execution of `options.schedule`. It proves nothing about the others: truncated, or broken.
[[nodiscard]] certificate run_schedule(const body_operations& operations,
                                       const run_options& options);

}  // namespace jacquard::model::explorer
