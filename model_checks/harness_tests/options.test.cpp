// What can be said to `jacquard check` is said once: each option has a range, and is handed on whole.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include <jacquard/model/options.hpp>

namespace jacquard::model {
namespace {

struct command_line {
  CLI::App app{what_check_does, "check"};
  check_options options;
  command_line() { add_check_options(app, options); }
  void parse(std::vector<std::string> words) {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  }
};

// One word for each option that takes one. An option that is new and not here fails the test below.
const std::map<std::string, std::string> examples{
    {"--search", "pct"},       {"--bound", "3"},
    {"--depth", "4"},          {"--spurious", "2"},
    {"--seed", "77"},          {"--iterations", "1000"},
    {"--seconds", "2.5"},      {"--schedule", "explore:1"},
    {"--mutate-path", "ring"}, {"--workers", "2"},
    {"--shard", "1/5"},        {"--checkpoint", "to"},
    {"--resume", "from"},      {"--page", "page.html"},
    {"--keep-schedule", "s"}};

TEST(check_options, are_handed_on_to_the_engines_each_of_them) {
  command_line said;
  std::vector<std::string> words;
  std::size_t of_the_callers = 0;
  for (const CLI::Option* option : said.app.get_options()) {
    const std::string name = "--" + option->get_single_name();
    if (name == "--help" || name == "--list" || name == "--filter" || name == "--json" ||
        name == "--engine") {
      ++of_the_callers;
      continue;
    }
    words.push_back(name);
    if (option->get_expected_max() == 0) continue;
    ASSERT_TRUE(examples.contains(name)) << name << " has no example here";
    words.push_back(examples.at(name));
  }
  EXPECT_EQ(of_the_callers, 5u);
  std::vector<std::string> with_the_callers = words;
  with_the_callers.insert(with_the_callers.begin(), {"--engine", "explore", "--filter", "ring"});
  said.parse(with_the_callers);
  EXPECT_EQ(words_to_hand_on(said.app), words);

  command_line heard;
  heard.parse(words_to_hand_on(said.app));
  EXPECT_EQ(heard.options.search, "pct");
  EXPECT_EQ(heard.options.bound, 3u);
  EXPECT_EQ(heard.options.depth, 4u);
  EXPECT_EQ(heard.options.spurious, 2u);
  EXPECT_EQ(heard.options.seed, 77u);
  EXPECT_EQ(heard.options.iterations, 1000u);
  EXPECT_EQ(heard.options.seconds, 2.5);
  EXPECT_EQ(heard.options.schedule, "explore:1");
  EXPECT_EQ(heard.options.mutate_path, "ring");
  EXPECT_EQ(heard.options.workers, 2u);
  EXPECT_EQ(heard.options.shard, "1/5");
  EXPECT_EQ(heard.options.checkpoint, "to");
  EXPECT_EQ(heard.options.resume, "from");
  EXPECT_EQ(heard.options.page, "page.html");
  EXPECT_EQ(heard.options.keep_schedule, "s");
  EXPECT_TRUE(heard.options.trap && heard.options.history && heard.options.mutate &&
              heard.options.sabotage && heard.options.seeded_bugs);
  EXPECT_EQ(heard.options.engine, "all");
}

TEST(check_options, that_were_not_said_are_not_handed_on) {
  command_line said;
  said.parse({"--engine", "relacy", "--list", "--filter", "ring"});
  EXPECT_TRUE(words_to_hand_on(said.app).empty());
  EXPECT_FALSE(said.options.seed.has_value());
}

TEST(check_options, out_of_range_are_refused_with_name_value_and_range) {
  const auto refusal = [](const std::string& option, const std::string& value) {
    command_line said;
    try {
      said.parse({option + "=" + value});
    } catch (const CLI::ParseError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::vector<std::vector<std::string>> wrong{{"--bound", "0", "1", "9"},
                                                    {"--bound", "10", "1", "9"},
                                                    {"--depth", "0", "1", "9"},
                                                    {"--spurious", "10", "0", "9"},
                                                    {"--seed", "-1", "0", "4611686018427387904"},
                                                    {"--iterations", "0", "1", "1125899906842624"},
                                                    {"--workers", "0", "1", "64"},
                                                    {"--workers", "65", "1", "64"},
                                                    {"--shard", "5/5", "0 to N-1", "65536"},
                                                    {"--shard", "0/65537", "0 to N-1", "65536"},
                                                    {"--shard", "half", "0 to N-1", "65536"},
                                                    {"--seconds", "0", "0.001", "1000000"},
                                                    {"--seconds", "soon", "0.001", "1000000"}};
  for (const std::vector<std::string>& each : wrong) {
    const std::string said = refusal(each[0], each[1]);
    for (const std::string& needed : each) {
      EXPECT_NE(said.find(needed), std::string::npos)
          << each[0] << " " << each[1] << " is refused with '" << said << "', without " << needed;
    }
  }
}

TEST(check_options, that_nothing_would_heed_are_refused_with_name_value_and_what_is_allowed) {
  const auto said = [](const std::vector<std::string>& words) {
    command_line line;
    line.parse(words);
    return heeded_by_nothing(line.options).value_or("");
  };
  using text = std::string;
  EXPECT_EQ(
      said({"--engine", "perturbed", "--search", "full"}),
      text("--search 'full': --engine perturbed takes none; relacy takes full, bound, random; "
           "explore takes full, sample, pct"));
  EXPECT_EQ(said({"--engine", "relacy", "--search", "pct"}),
            text("--search 'pct': --engine relacy takes full, bound, random"));
  EXPECT_EQ(said({"--engine", "explore", "--search", "random"}),
            text("--search 'random': --engine explore takes full, sample, pct"));
  EXPECT_EQ(said({"--search", "lucky"}),
            text("--search 'lucky': relacy takes full, bound, random; explore takes full, sample, "
                 "pct"));
  const text depth = "--depth '4': allowed only with --search pct of --engine explore";
  EXPECT_EQ(said({"--engine", "relacy", "--depth", "4"}), depth);
  EXPECT_EQ(said({"--engine", "explore", "--search", "full", "--depth", "4"}), depth);
  EXPECT_EQ(said({"--depth", "4"}), depth);
  const text bound = "--bound '3': allowed only with --search bound of --engine relacy";
  EXPECT_EQ(said({"--engine", "explore", "--bound", "3"}), bound);
  EXPECT_EQ(said({"--search", "random", "--bound", "3"}), bound);
  EXPECT_EQ(said({"--engine", "relacy", "--spurious", "1"}),
            text("--spurious '1': allowed only with --engine explore"));
  EXPECT_EQ(said({"--mutate-path", "("}), text("--mutate-path '(': allowed only with --mutate"));
}

TEST(check_options, that_some_run_heeds_are_taken) {
  const std::vector<std::vector<std::string>> right{
      {},
      {"--search", "pct"},
      {"--engine", "explore", "--search", "pct", "--depth", "4"},
      {"--search", "pct", "--depth", "4"},
      {"--engine", "relacy", "--bound", "3"},  // of a check whose own search is bound
      {"--engine", "relacy", "--search", "bound", "--bound", "3"},
      {"--engine", "explore", "--spurious", "1"},
      {"--engine", "mine", "--search", "own"},
      {"--mutate", "--mutate-path", "ring"}};
  for (const std::vector<std::string>& words : right) {
    command_line line;
    line.parse(words);
    EXPECT_EQ(heeded_by_nothing(line.options).value_or(""), "");
  }
}

}  // namespace
}  // namespace jacquard::model
