// Memory is out where the process uses one of its pools for the first time: the caller is told, as it is later on. A
// program of its own, for it replaces operator new. Each case has types of its own, so its pools are cold.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/wait_graph.hpp>
#include <jacquard/env/native_environment.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
// The calling thread's: what it asks for is refused, and counted.
thread_local bool out = false;
thread_local int refused = 0;

void* grab(std::size_t size, std::size_t alignment) {
  if (out) {
    ++refused;
    return nullptr;
  }
  const std::size_t step = std::max(alignment, sizeof(void*));
  return std::aligned_alloc(step, (std::max<std::size_t>(size, 1) + step - 1) / step * step);
}
void* grab_or_throw(std::size_t size, std::size_t alignment) {
  void* const room = grab(size, alignment);
  if (room == nullptr) throw std::bad_alloc();
  return room;
}
// Not inlined: the compiler would see free beside a new.
constexpr std::size_t usual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) { return grab_or_throw(size, usual); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t to) {
  return grab_or_throw(size, static_cast<std::size_t>(to));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return grab(size, usual);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t to,
                                     const std::nothrow_t&) noexcept {
  return grab(size, static_cast<std::size_t>(to));
}
[[gnu::noinline]] void operator delete(void* room) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room, std::size_t) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room, std::align_val_t) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room, std::size_t, std::align_val_t) noexcept {
  std::free(room);
}
// A sanitizer has its own of these, which do not call the ones above.
[[gnu::noinline]] void* operator new[](std::size_t size) { return grab_or_throw(size, usual); }
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t to) {
  return grab_or_throw(size, static_cast<std::size_t>(to));
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return grab(size, usual);
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t to,
                                       const std::nothrow_t&) noexcept {
  return grab(size, static_cast<std::size_t>(to));
}
[[gnu::noinline]] void operator delete[](void* room) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete[](void* room, std::size_t) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete[](void* room, std::align_val_t) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete[](void* room, std::size_t, std::align_val_t) noexcept {
  std::free(room);
}

namespace jacquard {
namespace {

using namespace std::chrono_literals;

// What `call` gives where nothing can be allocated on this thread.
template <class F>
auto without_memory(F&& call) {
  out = true;
  auto result = call();
  out = false;
  return result;
}

// Its letters, and its timers' blocks, have sizes that no other test's have.
template <int Case>
struct word {
  std::array<std::byte, 512 + 64 * Case> text{};
};
template <int Case>
struct question : word<Case> {
  using reply = std::array<char, Case + 1>;
};

template <int Case>
struct listener {
  using messages = jacquard::messages<word<Case>, question<Case>>;
  void on(context<listener>&, const word<Case>&) {}
  typename question<Case>::reply on(context<listener>&, const question<Case>&) { return {}; }
};

struct memory_that_is_out_at_a_first : testing::Test {
  memory_that_is_out_at_a_first() { refused = 0; }
  native_environment world;
  actor_system system{world, {.scheduling = {.workers = 1}}};
};

TEST_F(memory_that_is_out_at_a_first, tell_is_busy) {
  const auto who = system.spawn<listener<1>>();
  EXPECT_EQ(without_memory([&] { return who.tell(word<1>{}); }), send_result::busy);
  EXPECT_EQ(refused, 1) << "the blocks, and nothing for their pool";
  EXPECT_EQ(who.tell(word<1>{}), send_result::accepted);
  who.stop();
}

TEST_F(memory_that_is_out_at_a_first, ask_is_an_invalid_future) {
  const auto who = system.spawn<listener<2>>();
  EXPECT_FALSE(without_memory([&] { return who.ask(question<2>{}); }).valid());
  EXPECT_GE(refused, 1);
  EXPECT_EQ(who.ask(question<2>{}).wait(), reply_status::ready);
  who.stop();
}

TEST_F(memory_that_is_out_at_a_first, letter_for_a_question_is_a_refusal) {
  const auto who = system.spawn<listener<3>>();
  (void)future_pool<question<3>::reply>::of_process().make();  // a future there is
  auto answer = without_memory([&] { return who.ask(question<3>{}); });
  ASSERT_TRUE(answer.valid());
  EXPECT_EQ(answer.wait(), reply_status::refused) << "the actor is there";
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(who.ask(question<3>{}).wait(), reply_status::ready);
  who.stop();
}

TEST_F(memory_that_is_out_at_a_first, timer_is_an_invalid_handle) {
  const auto who = system.spawn<listener<4>>();
  EXPECT_FALSE(without_memory([&] { return system.send_after(who, 1h, word<4>{}); }).valid());
  EXPECT_GE(refused, 1);
  EXPECT_TRUE(system.send_after(who, 1h, word<4>{}).valid());
  who.stop();
}

TEST_F(memory_that_is_out_at_a_first, wait_of_a_handler_needs_none) {
  (void)without_memory([] { return &wait_graph::of_process(); });
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace jacquard
