// Runs a text program through model::relacy.
#include <jacquard/model/relacy/engine.hpp>
#include <jacquard/model/relacy/policy.hpp>

#include "text_on_engines.hpp"

namespace explore_tests {

namespace model = jacquard::model;

sighting seen_by_relacy(const litmus::source& text, const model::run_options& options) {
  return record(text, [&] {
    return model::run_relacy(litmus::operations_for<model::relacy>(text), options);
  });
}

}  // namespace explore_tests
