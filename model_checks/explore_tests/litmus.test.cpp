// The litmus programs: exact counts, and the text format.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include <jacquard/model/explore/litmus/program.hpp>

#include "all_programs.hpp"
#include "brute_force.hpp"

namespace {

namespace x = jacquard::model::explorer;
namespace litmus = x::litmus;

const std::filesystem::path litmus_folder = JACQUARD_LITMUS_FOLDER;

auto all_programs() { return explore_tests::all_programs(litmus_folder); }

struct expectation {
  x::counts sc, cxx20;
  std::uint64_t pldi17 = 0, split_rmw = 0;
};

std::map<std::string, expectation> all_expectations() {
  std::map<std::string, expectation> all;
  std::istringstream lines(explore_tests::text_of(litmus_folder / "expected.tsv"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string name;
    std::getline(fields, name, '\t');
    expectation e;
    fields >> e.sc.executions >> e.sc.blocked >> e.cxx20.executions >> e.cxx20.blocked >>
        e.pldi17 >> e.split_rmw;
    EXPECT_TRUE(fields) << line;
    all[name] = e;
  }
  return all;
}

TEST(litmus, every_program_has_its_counts_under_every_wording_of_the_model) {
  const auto programs = all_programs();
  const auto expected = all_expectations();
  EXPECT_EQ(expected.size(), 113u);
  EXPECT_EQ(programs.size(), expected.size());
  for (const auto& [name, e] : expected) {
    ASSERT_TRUE(programs.contains(name)) << name;
    const litmus::source& s = programs.at(name);
    EXPECT_EQ(litmus::explore(s, x::memory_model::sc).total, e.sc) << name;
    EXPECT_EQ(litmus::explore(s, x::memory_model::cxx20).total, e.cxx20) << name;
    EXPECT_EQ(litmus::explore(s, x::memory_model::pldi17).total.executions, e.pldi17) << name;
    EXPECT_EQ(litmus::explore(s, x::memory_model::split_rmw).total.executions, e.split_rmw) << name;
  }
}

TEST(litmus, the_switch_of_the_seq_cst_axiom_works) {
  const auto programs = all_programs();
  const auto executions = [&](const char* name, x::memory_model model) {
    return litmus::explore(programs.at(name), model).total.executions;
  };
  EXPECT_EQ(executions("WWmerge1", x::memory_model::cxx20), 17u);
  EXPECT_EQ(executions("WWmerge1", x::memory_model::pldi17), 18u);
  EXPECT_EQ(executions("WWmerge1", x::memory_model::split_rmw), 17u);
  EXPECT_EQ(executions("Z6.U", x::memory_model::cxx20), 24u);
  EXPECT_EQ(executions("Z6.U", x::memory_model::pldi17), 24u);
  EXPECT_EQ(executions("Z6.U", x::memory_model::split_rmw), 22u);
}

TEST(litmus, outcomes_add_up_to_the_executions) {
  for (const auto& [name, s] : all_programs()) {
    const litmus::answer a = litmus::explore(s, x::memory_model::cxx20);
    std::uint64_t sum = 0;
    for (const auto& [end, count] : a.outcomes) sum += count;
    EXPECT_EQ(sum, a.total.executions) << name;
  }
}

TEST(litmus, a_plain_access_that_is_not_ordered_is_a_race) {
  const auto programs = all_programs();
  EXPECT_EQ(litmus::explore(programs.at("MP+rel+acq"), x::memory_model::cxx20).races, 0u);
  EXPECT_EQ(litmus::explore(programs.at("MP+relf+acqf"), x::memory_model::cxx20).races, 0u);
  EXPECT_GT(litmus::explore(programs.at("MP+rels+acq"), x::memory_model::cxx20).races, 0u);
}

// Message passing with too weak orders: the data is raced on, whoever wins.
TEST(litmus, racy_message_passing_is_reported_for_every_weak_pair_of_orders) {
  const auto races = [](const std::string& store, const std::string& load,
                        const std::string& fences_w, const std::string& fences_r) {
    const auto programs = litmus::parse("thread:\nstore x 1 na\n" + fences_w + "store y 1 " +
                                            store + "\nthread:\nr0 = load y " + load +
                                            "\nif r0 == 1\n" + fences_r + "r1 = load x na\nend\n",
                                        "racy");
    return litmus::explore(programs.at(0), x::memory_model::cxx20).races;
  };
  EXPECT_EQ(races("rel", "acq", "", ""), 0u);
  EXPECT_GT(races("rel", "rlx", "", ""), 0u);
  EXPECT_GT(races("rlx", "acq", "", ""), 0u);
  EXPECT_GT(races("rlx", "rlx", "", ""), 0u);
  EXPECT_GT(races("rlx", "rlx", "fence rel\n", ""), 0u);
  EXPECT_GT(races("rlx", "rlx", "", "fence acq\n"), 0u);
  EXPECT_GT(races("rlx", "acq", "store y 0 rel\n", ""),
            0u);  // C++20: a later relaxed store ends it
  EXPECT_EQ(races("rlx", "rlx", "fence rel\n", "fence acq\n"), 0u);
}

void expect_error(const std::string& text, const std::string& message) {
  try {
    (void)litmus::parse(text, "f");
    FAIL() << "parsed: " << text;
  } catch (const litmus::parse_error& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, message.size()), message) << error.what();
  }
}

TEST(litmus, a_parse_error_names_file_line_column_and_what_was_expected) {
  expect_error("thread:\n  store x 1 weak\n",
               "f:2:13: expected the order of a store (na, rlx, rel, sc), found 'weak'");
  expect_error(
      "thread:\nstore x 1\n",
      "f:2:10: expected the order of a store (na, rlx, rel, sc), found the end of the line");
  expect_error("thread:\nr0 = load x rel\n", "f:2:13: expected the order of a load");
  expect_error("thread:\nr0 = jump x\n",
               "f:2:6: expected load, fetch_add, exchange or cas, found 'jump'");
  expect_error("thread:\nstore x r1 rlx\n",
               "f:2:9: expected a register that this thread has set above");
  expect_error("thread:\nstore x 1 rlx rlx\n", "f:2:15: expected the end of the line");
  expect_error("thread:\nr0 = load x rlx\nif r0 == 1\nstore x 1 rlx\n",
               "f:4:1: expected 'end' for the 'if' of line 3");
  expect_error("thread:\nend\n", "f:2:1: expected an operation ('end' closes an 'if'");
  expect_error("store x 1 rlx\n", "f:1:1: expected 'name:', 'init:' or 'thread:', found 'store'");
  expect_error("init: x=y\nthread:\n", "f:1:9: expected an integer");
  expect_error("name: empty\n", "f:1:1: expected 'thread:'");
  expect_error("", "f:1:1: expected a program");
  expect_error("thread:\nassume 1 = 1\n", "f:2:10: expected a comparison");
}

TEST(litmus, several_programs_comments_and_values_are_read) {
  const auto programs = litmus::parse(
      "# a comment\nname: A  # another\ninit: x=-3\nthread:\n  r0 = load x rlx\n  store y r0+1 "
      "rlx\n"
      "---\nthread:\n  r0 = fetch_add x -1 sc\n---\n",
      "f");
  ASSERT_EQ(programs.size(), 2u);
  EXPECT_EQ(programs[0].name, "A");
  EXPECT_EQ(programs[1].name, "program 2");
  const litmus::answer a = litmus::explore(programs[0], x::memory_model::cxx20);
  ASSERT_EQ(a.outcomes.size(), 1u);
  EXPECT_EQ(a.outcomes.begin()->first.second, (std::vector<std::int64_t>{-3, -2}));
}

TEST(litmus, small_programs_have_the_graphs_of_brute_force) {
  for (const auto& [name, s] : all_programs()) {
    explore_tests::brute_result expected;
    try {
      expected = explore_tests::brute_force(s, x::memory_model::cxx20, 4'000);
    } catch (const std::runtime_error&) {
      continue;  // the big ones are covered by their counts
    }
    std::set<explore_tests::graph_text> complete;
    (void)litmus::explore(s, x::memory_model::cxx20, [&](const x::execution& e) {
      if (e.blocked) return;
      EXPECT_TRUE(complete.insert(explore_tests::text_of(e.graph)).second) << name;
    });
    EXPECT_TRUE(complete == expected.complete) << name;
  }
}

}  // namespace
