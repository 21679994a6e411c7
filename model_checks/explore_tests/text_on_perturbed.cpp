// Runs a text program through model::perturbed.
#include <jacquard/model/perturbed/engine.hpp>
#include <jacquard/model/perturbed/policy.hpp>

#include "text_on_engines.hpp"

namespace explore_tests {

namespace model = jacquard::model;

sighting seen_by_perturbed(const litmus::source& text, const model::run_options& options) {
  return record(text, [&] {
    return model::run_perturbed(litmus::operations_for<model::perturbed>(text), options);
  });
}

}  // namespace explore_tests
