// Runs a text program through model::explore.
#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

#include "text_on_engines.hpp"

namespace explore_tests {

namespace model = jacquard::model;

sighting seen_by_explore(const litmus::source& text, const model::run_options& options) {
  return record(text, [&] {
    return model::run_explore(litmus::operations_for<model::explore>(text), options);
  });
}

}  // namespace explore_tests
