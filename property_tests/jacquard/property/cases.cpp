#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <jacquard/property/cases.hpp>
#include <sstream>

namespace jacquard::property {
namespace {

std::string running_test() {
  const testing::TestInfo* const test = testing::UnitTest::GetInstance()->current_test_info();
  return test == nullptr ? "?" : std::string(test->test_suite_name()) + "." + test->name();
}

rc::detail::TestResult run(const std::string& description,
                           const std::function<void(const signature_guard&)>& property,
                           const rc::detail::TestParams& params) {
  rc::detail::TestMetadata metadata;
  metadata.id = running_test() + "/" + description;
  metadata.description = description;
  return rc::detail::checkTestable([guard = signature_guard(), &property] { property(guard); },
                                   metadata, params);
}

// Says nothing: the failures that is_caught looks for are no news.
struct quiet : rc::detail::TestListener {
  void onTestCaseFinished(const rc::detail::CaseDescription& /*description*/) override {}
  void onShrinkTried(const rc::detail::CaseDescription& /*shrink*/, bool /*accepted*/) override {}
  void onTestFinished(const rc::detail::TestMetadata& /*metadata*/,
                      const rc::detail::TestResult& /*result*/) override {}
};

// Every property has its own cases: its name is mixed into the seed.
rc::detail::TestParams params(const std::string& description) {
  rc::detail::TestParams told = rc::detail::configuration().testParams;
  told.maxSuccess = cases();
  for (const char c : running_test() + "/" + description) {
    told.seed = (told.seed ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01b3u;
  }
  return told;
}

}  // namespace

int cases() {
  const char* const rapidcheck = std::getenv("RC_PARAMS");
  if (rapidcheck != nullptr && std::strstr(rapidcheck, "max_success") != nullptr) {
    return rc::detail::configuration().testParams.maxSuccess;
  }
  const char* const told = std::getenv("JACQUARD_CASES");
  if (told == nullptr) return 1000;
  int count = 0;
  const auto [end, error] = std::from_chars(told, told + std::strlen(told), count);
  if (error != std::errc{} || *end != '\0' || count < 1 || count > 10'000'000) {
    std::fprintf(stderr, "JACQUARD_CASES=%s: must be in [1, 10000000]\n", told);
    std::exit(2);
  }
  return count;
}

void signature_guard::require(bool holds, std::string_view claim, std::string_view words) const {
  require(holds, claim, [words] { return std::string(words); });
}

void signature_guard::require(bool holds, std::string_view claim,
                              const std::function<std::string()>& words) const {
  if (holds) return;
  if (first_->empty()) *first_ = claim;
  if (*first_ != claim) RC_SUCCEED("another claim; this failure is not the one that is shrunk");
  RC_FAIL(std::string(claim) + ": " + words());
}

testing::AssertionResult holds(const std::string& description,
                               const std::function<void(const signature_guard&)>& property,
                               double share) {
  const std::uint64_t seed = rc::detail::configuration().testParams.seed;
  rc::detail::TestParams wanted = params(description);
  wanted.maxSuccess = std::max(1, static_cast<int>(share * wanted.maxSuccess));
  const rc::detail::TestResult result = run(description, property, wanted);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  if (result.is<rc::detail::SuccessResult>()) {
    std::printf("    %6d cases  %s  (seed %llu)\n",
                result.get<rc::detail::SuccessResult>().numSuccess, description.c_str(),
                static_cast<unsigned long long>(seed));
    for (const auto& [tags, count] : result.get<rc::detail::SuccessResult>().distribution) {
      std::string names;
      for (const std::string& tag : tags) names += " " + tag;
      std::printf("           %6d of them:%s\n", count, names.c_str());
    }
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << description << "\n"
         << text.str() << "\nrepeat: RC_PARAMS=\"seed=" << seed
         << " max_success=" << wanted.maxSuccess << "\" " << testing::internal::GetArgvs()[0]
         << " --gtest_filter=" << running_test();
}

testing::AssertionResult is_caught(const std::string& description,
                                   const std::function<void(const signature_guard&)>& property,
                                   std::string_view words) {
  quiet listener;
  const rc::detail::TestResult result =
      rc::detail::checkTestable([guard = signature_guard(), &property] { property(guard); },
                                rc::detail::TestMetadata{}, params(description), listener);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  if (!result.is<rc::detail::FailureResult>()) {
    return testing::AssertionFailure() << description << ": no case caught it\n" << text.str();
  }
  if (text.str().find(words) == std::string::npos) {
    return testing::AssertionFailure() << description << ": caught, but not as '" << words << "'\n"
                                       << text.str();
  }
  std::printf("    caught after %d cases: %s\n",
              result.get<rc::detail::FailureResult>().numSuccess + 1, description.c_str());
  return testing::AssertionSuccess();
}

}  // namespace jacquard::property
