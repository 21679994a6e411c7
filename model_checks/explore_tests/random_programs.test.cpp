// Random programs: the explorer and brute force find the same graphs, none twice, in every thread order.
//
// JACQUARD_EXPLORE_PROGRAMS says how many (default 2000, and 100 under AddressSanitizer); JACQUARD_EXPLORE_SEED
// where to start.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include <jacquard/model/explore/litmus/program.hpp>

#include "brute_force.hpp"
#include "random_program.hpp"

namespace {

namespace x = jacquard::model::explorer;
namespace litmus = x::litmus;
using explore_tests::graph_text;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr std::size_t states_max = 400'000;

struct found {
  std::set<graph_text> complete, blocked;
  std::uint64_t twice = 0;
};

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t programs_default = 100;
#else
constexpr std::uint64_t programs_default = 2000;
#endif

found explored(const litmus::source& s, x::memory_model model, std::uint8_t spurious) {
  found f;
  const auto note = [&](const x::execution& e) {
    f.twice +=
        (e.blocked ? f.blocked : f.complete).insert(explore_tests::text_of(e.graph)).second ? 0 : 1;
  };
  (void)litmus::explore(s, model, note, spurious);
  return f;
}

litmus::source random_source(std::uint64_t seed, unsigned operations) {
  const std::string text = explore_tests::random_program(seed, operations);
  litmus::source s = litmus::parse(text, "random").at(0);
  for (litmus::thread_text& t : s.threads) {
    for (litmus::instruction& i : t.code) i.op.weak = i.op.update == x::update::compare;
  }
  return s;
}

void agree(std::uint64_t seed, unsigned operations, x::memory_model model, bool permute,
           std::uint8_t spurious = 0) {
  const std::string text = explore_tests::random_program(seed, operations);
  const litmus::source s = random_source(seed, operations);
  explore_tests::brute_result expected;
  try {
    expected = explore_tests::brute_force(s, model, states_max, spurious);
  } catch (const std::runtime_error&) {
    return agree(seed, operations / 2, model, permute, spurious);
  }
  const found f = explored(s, model, spurious);
  const auto told = [&] {
    return "model " + std::to_string(static_cast<int>(model)) + ", seed " + std::to_string(seed) +
           ", " + std::to_string(spurious) + " spurious failures\n" + text;
  };
  if (model ==
      x::memory_model::sc) {  // orders are all seq_cst there, so graphs are compared by number
    ASSERT_EQ(f.complete.size(), expected.complete.size()) << told();
    ASSERT_EQ(f.blocked.size(), expected.blocked.size()) << told();
  } else {
    ASSERT_TRUE(f.complete == expected.complete)
        << f.complete.size() << " instead of " << expected.complete.size() << " complete, "
        << told();
    ASSERT_TRUE(f.blocked == expected.blocked)
        << f.blocked.size() << " instead of " << expected.blocked.size() << " blocked, " << told();
  }
  ASSERT_EQ(f.twice, 0u) << told();
  // Whichever events stand aside, the graphs are the same.
  for (std::uint64_t pattern = seed | 1, tries = 0; tries < 2; ++tries) {
    litmus::source shy = s;
    for (litmus::thread_text& thread : shy.threads) {
      for (litmus::instruction& i : thread.code) {
        pattern = pattern * 6364136223846793005ULL + 1442695040888963407ULL;
        i.aside = (pattern >> 62) < 2;
      }
    }
    const found g = explored(shy, model, spurious);
    ASSERT_TRUE(g.complete == f.complete) << "standing aside, " << told();
    ASSERT_TRUE(g.blocked == f.blocked) << "standing aside, " << told();
    ASSERT_EQ(g.twice, 0u) << "standing aside, " << told();
  }
  if (!permute) return;
  std::vector<std::size_t> order(s.threads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  while (std::next_permutation(order.begin(), order.end())) {
    litmus::source other = s;
    for (std::size_t t = 0; t < order.size(); ++t) other.threads[t] = s.threads[order[t]];
    const x::counts total = litmus::explore(other, model, {}, spurious).total;
    ASSERT_EQ(total.executions, f.complete.size()) << told();
    ASSERT_EQ(total.blocked, f.blocked.size()) << told();
  }
}

TEST(random_programs, are_explored_exactly_as_brute_force_finds_them) {
  const std::uint64_t programs = from_environment("JACQUARD_EXPLORE_PROGRAMS", programs_default);
  const std::uint64_t seed = from_environment("JACQUARD_EXPLORE_SEED", 1);
  for (std::uint64_t i = 0; i < programs; ++i) {
    const unsigned operations = 5 + static_cast<unsigned>(i % 5);
    agree(seed + i, operations, x::memory_model::cxx20, true);
    if (i % 4 == 0) agree(seed + i, operations, x::memory_model::sc, false);
    if (i % 8 == 1) agree(seed + i, operations, x::memory_model::pldi17, false);
    if (i % 8 == 5) agree(seed + i, operations, x::memory_model::split_rmw, false);
    if (HasFatalFailure()) return;
  }
  RecordProperty("programs", std::to_string(programs));
}

// Every compare-and-swap may fail spuriously, once or twice in a thread. Programs that have none in them are
// passed over.
TEST(random_programs, with_spurious_failures_are_explored_exactly) {
  const std::uint64_t programs =
      from_environment("JACQUARD_EXPLORE_PROGRAMS", programs_default) / 4;
  const std::uint64_t seed = from_environment("JACQUARD_EXPLORE_SEED", 1) + 1'000'000;
  std::uint64_t more = 0;  // executions that only spurious failures have
  std::uint64_t done = 0;
  for (std::uint64_t i = 0; done < programs; ++i) {
    const unsigned operations = 4 + static_cast<unsigned>(i % 5);
    if (explore_tests::random_program(seed + i, operations).find("cas ") == std::string::npos) {
      continue;
    }
    ++done;
    const auto spurious = static_cast<std::uint8_t>(1 + i % 2);
    agree(seed + i, operations, x::memory_model::cxx20, true, spurious);
    if (i % 4 == 0) agree(seed + i, operations, x::memory_model::sc, false, spurious);
    if (HasFatalFailure()) return;
    const litmus::source s = random_source(seed + i, operations);
    more += litmus::explore(s, x::memory_model::cxx20, {}, spurious).total.executions -
            litmus::explore(s, x::memory_model::cxx20).total.executions;
  }
  EXPECT_GT(more, programs);
}

// A compare-and-swap that fails with seq_cst where success would be weaker: its source must be set before
// the axiom is asked.
TEST(random_programs, a_failing_update_with_the_stronger_order_is_explored_exactly) {
  agree(500'882, 7, x::memory_model::cxx20, true);
}

}  // namespace
