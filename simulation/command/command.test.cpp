// The command as people meet it: exit codes, one-line errors, files.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

namespace fs = std::filesystem;

struct answer {
  int code = -1;
  std::string out;
  std::string err;
};

class Command : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "jacquard-sim-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  answer sim(const std::string& words) {
    const std::string out = file("out");
    const std::string err = file("err");
    const int status = std::system(("cd '" + folder_ + "' && '" JACQUARD_SIM_PROGRAM "' " + words +
                                    " >'" + out + "' 2>'" + err + "'")
                                       .c_str());
    return {
        .code = WIFEXITED(status) ? WEXITSTATUS(status) : -1, .out = read(out), .err = read(err)};
  }

  std::string file(const std::string& name) { return folder_ + "/" + name; }

  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void refused(const std::string& words, int code, const std::string& names) {
    const answer got = sim(words);
    EXPECT_EQ(got.code, code) << words;
    EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 1) << words << ": " << got.err;
    EXPECT_NE(got.err.find(names), std::string::npos) << words << ": " << got.err;
  }

  std::string folder_;
};

TEST_F(Command, BadInputIsOneLineThatNamesIt) {
  refused("run nobody", 2, "'nobody'");
  refused("run steady.ring --seed twelve", 2, "'twelve' is not a whole number in [0, ");
  refused("run steady.ring --seed -1", 2, "'-1'");
  refused("run steady.ring --seed 18446744073709551616", 2, "18446744073709551615");
  refused("run steady.ring --plan missing.toml", 3, "missing.toml");
  refused("run steady.ring --canary purple", 2, "'purple'");
  refused("run steady.ring --trace no/such/folder/t.json", 2, "no/such/folder/t.json");
  refused("run", 2, "scenario");
  refused("--sideways", 2, "--sideways");
  refused("--filter '('", 2, "'('");
  refused("--filter nothinglikeit", 2, "nothinglikeit");
  refused("campaign --seeds 5", 2, "'5'");
  refused("campaign --seeds 9..5", 2, "'9..5'");
  refused("campaign --seeds 0..9 --shard 3/3", 2, "'3/3'");
  refused("shrink steady.ring --runs 0 --seed 1", 2, "[1, 1000000]");
  refused("canaries --seeds 0", 2, "[1, 100000]");
  refused("diff a b", 3, "'a'");
  std::ofstream(file("plan.toml"))
      << "schema = 1\nscenario = \"steady.ring\"\nseed = 1\nspeed = 9\n";
  refused("run steady.ring --plan plan.toml", 2, "speed = 9: unknown key; allowed here:");
  std::ofstream(file("broken.json")) << "{\"traceEvents\": [";
  refused("diff broken.json broken.json", 3, "broken.json");
}

TEST_F(Command, ListNamesTheScenariosThatTheFilterMatches) {
  const answer all = sim("--list");
  EXPECT_EQ(all.code, 0);
  EXPECT_NE(all.out.find("burst_reject.ring\n"), std::string::npos);
  const answer some = sim("--list --filter '^storm'");
  EXPECT_EQ(some.out, "storm.ring\nstorm.linked\nstorm.locked\n");
}

TEST_F(Command, JsonHasARowForEachScenario) {
  const answer got = sim("--filter steady --json -");
  EXPECT_EQ(got.code, 0);
  std::size_t rows = 0;
  std::string line;
  for (const char c : got.out) {
    if (c != '\n') {
      line += c;
      continue;
    }
    const nlohmann::json row = nlohmann::json::parse(line);
    line.clear();
    if (!row.contains("verdict")) continue;
    ++rows;
    for (const char* const field : {"name", "figure", "unit", "detail", "hash", "seed"}) {
      EXPECT_TRUE(row.contains(field)) << field;
    }
  }
  EXPECT_EQ(rows, 3u);
}

TEST_F(Command, ASavedPlanRunsAgainAsTheSameRun) {
  EXPECT_EQ(sim("run storm.ring --seed 9 --save-plan p.toml --trace a.json --verify").code, 0);
  EXPECT_EQ(sim("run storm.ring --plan p.toml --trace b.json").code, 0);
  EXPECT_EQ(sim("diff a.json b.json").code, 0);
  EXPECT_EQ(sim("run storm.ring --plan p.toml --seed 10 --trace c.json").code, 0);
  const answer different = sim("diff a.json c.json");
  EXPECT_EQ(different.code, 1);
  EXPECT_NE(different.out.find(" differs: "), std::string::npos);
}

TEST_F(Command, AFailurePrintsOneLineThatRepeatsIt) {
  const answer first = sim("run steady.ring --seed 3 --canary duplicate");
  EXPECT_EQ(first.code, 1);
  const std::string mark = "repeat: jacquard sim ";
  const std::size_t at = first.out.find(mark);
  ASSERT_NE(at, std::string::npos) << first.out;
  EXPECT_EQ(first.out.find(mark, at + 1), std::string::npos);
  const std::string words =
      first.out.substr(at + mark.size(), first.out.find('\n', at) - at - mark.size());
  const answer again = sim(words);
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(again.out, first.out);
}

TEST_F(Command, VerifyNamesTheFirstEventThatDiffers) {
  const answer got = sim("run steady.ring --seed 1 --canary leak --verify");
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.out.find("DIVERGED"), std::string::npos);
  EXPECT_NE(got.out.find(" differs: first run: "), std::string::npos);
}

TEST_F(Command, ShrinkWritesAPlanThatFailsTheSameWay) {
  const answer got = sim("shrink storm.ring --seed 7 --canary overfill --out small.toml");
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.out.find("capacity_bound"), std::string::npos);
  const answer again = sim("run storm.ring --plan small.toml --canary overfill");
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.out.find("capacity_bound"), std::string::npos);
  EXPECT_EQ(sim("shrink steady.ring --seed 1").code, 0);
}

TEST_F(Command, ShardsMergeAndAnInterruptedCampaignResumes) {
  const std::string whole = sim("campaign --seeds 0..599").out;
  for (const char* const shard : {"0/2", "1/2"}) {
    EXPECT_EQ(sim("campaign --seeds 0..599 --out d --shard " + std::string(shard)).code, 0);
  }
  // A process that was killed leaves half a line.
  const std::string part = file("d/seeds.0-of-2.jsonl");
  fs::resize_file(part, fs::file_size(part) - 20);
  EXPECT_EQ(sim("campaign --seeds 0..599 --out d --shard 0/2").code, 0);
  const answer merged = sim("campaign --seeds 0..599 --out d");
  EXPECT_EQ(merged.code, 0);
  EXPECT_NE(merged.out.find("600 finished earlier"), std::string::npos) << merged.out;
  const auto scenarios_of = [](const std::string& text) {
    return text.substr(0, text.find("campaign.seeds"));
  };
  EXPECT_EQ(scenarios_of(merged.out), scenarios_of(whole));
}

TEST_F(Command, ACampaignWithAFailureFailsAndKeepsThePlan) {
  const answer got = sim("campaign --seeds 0..59 --out d --canary lose --filter steady.ring");
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.out.find("repeat: jacquard sim run steady.ring --seed 0x0 --canary lose"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(file("d/steady.ring-0x0.toml")));
}

TEST_F(Command, ACampaignFailsWhereAPointIsNeverSeen) {
  const answer got = sim("campaign --seeds 0..79 --canary calm --filter '^head_of_line.ring$'");
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.out.find("UNSEEN"), std::string::npos);
  EXPECT_NE(got.out.find("never seen: head_of_line"), std::string::npos) << got.out;
}

}  // namespace
