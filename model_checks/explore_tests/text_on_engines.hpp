// explore_tests/text_on_engines.hpp: what each engine sees of a program written in text. One small source for
// each engine, because no file includes two policies' headers.
#pragma once

#include <jacquard/model/check.hpp>
#include <jacquard/model/explore/litmus/check.hpp>

namespace explore_tests {

namespace litmus = jacquard::model::explorer::litmus;

/// What one run of an engine saw.
struct sighting {
  jacquard::model::certificate run;
  std::set<litmus::outcome> outcomes;
};

/// Through each engine's policy, with that engine's options.
[[nodiscard]] sighting seen_by_explore(const litmus::source& text,
                                       const jacquard::model::run_options& options);
[[nodiscard]] sighting seen_by_perturbed(const litmus::source& text,
                                         const jacquard::model::run_options& options);
[[nodiscard]] sighting seen_by_relacy(const litmus::source& text,
                                      const jacquard::model::run_options& options);

/// Starts `engine` on `operations` while its checks write to the result.
template <class Engine>
[[nodiscard]] sighting record(const litmus::source& text, Engine&& engine) {
  litmus::recording made{.text = &text};
  litmus::recording_now = &made;
  sighting result{.run = engine(), .outcomes = {}};
  litmus::recording_now = nullptr;
  result.outcomes = std::move(made.outcomes);
  return result;
}

}  // namespace explore_tests
