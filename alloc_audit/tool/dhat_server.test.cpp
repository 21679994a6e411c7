// The program that is started once: its runs are as good as runs of programs that were started for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tool/dhat.hpp"
#include "tool/dhat_server.hpp"

namespace jacquard::audit {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using testing::HasSubstr;

class a_dhat_server : public testing::Test {
 protected:
  // A name that DHAT would expand, if it were let.
  a_dhat_server()
      : scratch_(fs::path(testing::TempDir()) / ("dhat server %p " + std::to_string(getpid()))) {
    fs::create_directories(scratch_);
  }
  ~a_dhat_server() override { fs::remove_all(scratch_); }

  [[nodiscard]] fs::path file(const char* name) const { return scratch_ / name; }
  [[nodiscard]] std::uint64_t blocks(const char* name) const {
    std::ifstream in(file(name));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto read = parse_dhat(text);
    return read ? read->total().blocks : 0;
  }

  fs::path scratch_;
  const fs::path costly_ = JACQUARD_BIN "/audit-costly-ops";
};

TEST_F(a_dhat_server, gives_each_run_a_process_and_a_profile_of_its_own) {
  {
    dhat_server server("valgrind", costly_, scratch_, seconds(60));
    for (const char* profile : {"first", "second"}) {
      const child_result run = server.run("canary.leak", 4096, file(profile));
      EXPECT_TRUE(run.clean()) << run.ending() << run.errors;
      EXPECT_EQ(run.output, "ops_done 4096\n");
    }
    EXPECT_GT(blocks("first"), 4096u);
    EXPECT_EQ(blocks("first"), blocks("second"))
        << "what one run leaks is in the next one's profile";
  }
  const auto left = std::distance(fs::directory_iterator(scratch_), fs::directory_iterator());
  EXPECT_EQ(left, 2) << "only what was asked for stays in the folder";
}

TEST_F(a_dhat_server, tells_how_a_run_died_and_goes_on) {
  dhat_server server("valgrind", costly_, scratch_, seconds(60));
  const child_result dead = server.run("canary.crash", 4096, file("dead"));
  EXPECT_EQ(dead.signal, 4) << dead.ending();
  const child_result unknown = server.run("ring.sned", 4096, file("unknown"));
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("'ring.sned' is unknown"));
  EXPECT_TRUE(server.run("canary.one", 4096, file("one")).clean());
}

TEST_F(a_dhat_server, kills_a_run_that_does_not_end_in_time_and_goes_on) {
  dhat_server server("valgrind", costly_, scratch_, seconds(4));
  const auto began = std::chrono::steady_clock::now();
  const child_result late = server.run("canary.three", 100'000'000, file("late"));
  EXPECT_TRUE(late.timed_out) << late.ending();
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(12))
      << "the run itself is not killed";
  EXPECT_TRUE(server.run("canary.one", 4096, file("one")).clean());
}

TEST_F(a_dhat_server, is_not_clean_where_the_program_does_not_serve_or_valgrind_is_missing) {
  dhat_server mute("valgrind", "/bin/true", scratch_, seconds(60));
  const child_result silent = mute.run("canary.one", 4096, file("silent"));
  EXPECT_TRUE(silent.started);
  EXPECT_FALSE(silent.clean());
  dhat_server absent("/nowhere/valgrind", costly_, scratch_, seconds(60));
  EXPECT_FALSE(absent.run("canary.one", 4096, file("absent")).started);
}

}  // namespace
}  // namespace jacquard::audit
