// SIGQUIT writes a dump, and leaves nothing behind.
#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include <jacquard/env/native_quit_dump.hpp>

namespace jacquard {
namespace {

struct a_quit_dump : testing::Test {
  a_quit_dump() { EXPECT_EQ(pipe(ends), 0); }
  ~a_quit_dump() override {
    (void)close(ends[0]);
    (void)close(ends[1]);
  }
  // Sleeps until so much has been written.
  std::string read_text(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t done = 0; done < size;) {
      const ssize_t part = read(ends[0], text.data() + done, size - done);
      if (part <= 0) break;
      done += static_cast<std::size_t>(part);
    }
    return text;
  }
  // How many threads there are, once it is `expected`: a thread that was joined is listed a moment longer.
  static std::size_t threads(std::size_t expected) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    std::size_t count = listed();
    while (count != expected && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
      count = listed();
    }
    return count;
  }
  static std::size_t listed() {
    std::size_t count = 0;
    for (const auto& one : std::filesystem::directory_iterator("/proc/self/task")) {
      count += one.is_directory() ? 1 : 0;
    }
    return count;
  }
  int ends[2] = {-1, -1};
};

TEST_F(a_quit_dump, writes_what_it_is_told_to_once_a_signal_on_a_thread_of_its_own) {
  const auto here = std::this_thread::get_id();
  std::atomic<bool> elsewhere{false};
  int times = 0;
  native_quit_dump dump(
      [&] {
        elsewhere = std::this_thread::get_id() != here;
        return "dump " + std::to_string(++times) + "\n";
      },
      ends[1]);
  (void)raise(SIGQUIT);
  EXPECT_EQ(read_text(7), "dump 1\n");
  (void)raise(SIGQUIT);
  EXPECT_EQ(read_text(7), "dump 2\n");
  EXPECT_TRUE(elsewhere);
}

TEST_F(a_quit_dump, says_so_where_the_dump_itself_fails) {
  native_quit_dump dump([]() -> std::string { throw std::runtime_error("no memory"); }, ends[1]);
  (void)raise(SIGQUIT);
  const std::string said = "jacquard: the dump failed\n";
  EXPECT_EQ(read_text(said.size()), said);
}

TEST_F(a_quit_dump, leaves_handler_and_threads_as_they_were) {
  struct sigaction before {};
  (void)sigaction(SIGQUIT, nullptr, &before);
  EXPECT_EQ(before.sa_handler, SIG_DFL) << "nobody has set one who was not asked to";
  std::size_t alone = 0;
  std::thread([&] { alone = listed() - 1; }).join();  // a sanitizer starts one of its own with it
  for (int i = 0; i < 2; ++i) {
    native_quit_dump dump([] { return std::string(); }, ends[1]);
    EXPECT_EQ(threads(alone + 1), alone + 1);
    struct sigaction during {};
    (void)sigaction(SIGQUIT, nullptr, &during);
    EXPECT_NE(during.sa_handler, SIG_DFL);
  }
  struct sigaction after {};
  (void)sigaction(SIGQUIT, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
  EXPECT_EQ(threads(alone), alone);
}

TEST(a_quit_dump_death, a_second_one_at_a_time_stops_the_program) {
  EXPECT_DEATH(
      {
        native_quit_dump one([] { return std::string(); });
        native_quit_dump two([] { return std::string(); });
      },
      "one native_quit_dump at a time");
}

}  // namespace
}  // namespace jacquard
