// SIGQUIT writes a dump, and leaves nothing behind.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
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
  // Sleeps until so much has been written; less where nothing comes for long.
  std::string read_text(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t done = 0; done < size;) {
      pollfd more{.fd = ends[0], .events = POLLIN, .revents = 0};
      if (poll(&more, 1, 10'000) == 0) return text.substr(0, done);
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

TEST_F(a_quit_dump, is_written_once_for_each_signal_though_the_object_ends_right_after_it) {
  for (int i = 0; i < 100; ++i) {
    int dumps = 0;
    {
      native_quit_dump dump(
          [&] {
            ++dumps;
            return std::string("x");
          },
          ends[1]);
      for (int k = 0; k < i % 4; ++k) (void)raise(SIGQUIT);
    }
    ASSERT_EQ(dumps, i % 4);
  }
}

constexpr std::size_t much = 1 << 20;  // more than a pipe takes

TEST_F(a_quit_dump, is_written_whole_to_a_file_that_is_full_for_a_while_and_does_not_block) {
  ASSERT_EQ(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
  native_quit_dump dump([] { return std::string(much, 'x'); }, ends[1]);
  (void)raise(SIGQUIT);
  const std::string got = read_text(much);
  ASSERT_EQ(got.size(), much);
  EXPECT_EQ(got.find_first_not_of('x'), std::string::npos);
}

TEST_F(a_quit_dump, is_written_whole_though_signals_interrupt_it) {
  struct sigaction nothing {};
  nothing.sa_handler = [](int) {};
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGUSR1, &nothing, &before), 0);
  std::atomic<bool> begun{false};
  pthread_t writer{};
  {
    native_quit_dump dump(
        [&] {
          writer = pthread_self();
          begun = true;
          return std::string(much, 'x');
        },
        ends[1]);
    (void)raise(SIGQUIT);
    while (!begun) std::this_thread::yield();
    for (int i = 0; i < 50; ++i) {  // it stands before a full pipe for most of them
      (void)pthread_kill(writer, SIGUSR1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(read_text(much).size(), much);
  }
  (void)sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(a_quit_dump, leaves_the_place_free_where_no_thread_can_be_had_for_it) {
  pthread_attr_t usual, huge;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_attr_init(&huge), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&huge, std::size_t{1} << 50), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  EXPECT_THROW(native_quit_dump([] { return std::string(); }, ends[1]), std::system_error);
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);
  native_quit_dump dump([] { return std::string("here\n"); }, ends[1]);
  (void)raise(SIGQUIT);
  EXPECT_EQ(read_text(5), "here\n");
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
