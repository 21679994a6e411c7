// jacquard/property/cases.hpp: how many cases a property is tried on, and a rapidcheck property as one
// GoogleTest assertion that prints the count and, where it fails, the command that repeats it.
//
//   TEST(mailbox, counters_balance) {
//     EXPECT_TRUE(property::holds("for any commands", [](const property::signature_guard& guard) {
//       const auto commands = *some_generator();
//       guard.require(balanced(run(commands)), "P7", "the counters balance");
//     }));
//   }
//
// Traps of rapidcheck that this file answers. Generators read plain statics: draw on one thread only.
// Shrinking accepts any failure, so a bug can slip into another while it shrinks: signature_guard lets only
// failures of the first claim count. `gen::container<vector>(n, g)` keeps its length for ever: use
// `gen::container<vector>(g)` where the length should shrink.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace jacquard::property {

/// Cases a property is tried on: `max_success` of RC_PARAMS, or JACQUARD_CASES, or 1,000.
/// A JACQUARD_CASES that is not in [1, 10,000,000] ends the program, with a line that says so.
[[nodiscard]] int cases();

/// Lets a property fail by one claim only: the first that it broke. Copies share that memory.
class signature_guard {
 public:
  signature_guard() : first_(std::make_shared<std::string>()) {}

  /// Where `holds` is false: fails the case, if `claim` is the one that failed first; otherwise ends the
  /// case as a success, so that shrinking keeps to one bug.
  void require(bool holds, std::string_view claim, std::string_view words) const;
  /// As require, with the words made only where they are needed.
  void require(bool holds, std::string_view claim, const std::function<std::string()>& words) const;

 private:
  std::shared_ptr<std::string> first_;
};

/// Tries `property` on `cases()` cases (times `share`, at least one), in this thread.
[[nodiscard]] testing::AssertionResult holds(
    const std::string& description, const std::function<void(const signature_guard&)>& property,
    double share = 1.0);

/// As `holds`, for a property that must fail: succeeds where a counterexample is found and its text holds
/// `words`. For checks of the checks.
[[nodiscard]] testing::AssertionResult is_caught(
    const std::string& description, const std::function<void(const signature_guard&)>& property,
    std::string_view words);

}  // namespace jacquard::property
