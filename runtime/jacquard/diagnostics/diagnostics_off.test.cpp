// A program that was built with JACQUARD_DIAGNOSTICS=0: a registry of strands is spawn, and nothing else.
#include <gtest/gtest.h>

#include <type_traits>

#include <jacquard/actor/scheduler.hpp>
#include <jacquard/diagnostics/strand_registry.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>

namespace jacquard {
namespace {

static_assert(std::is_same_v<default_diagnostics, diagnostics_off>);
static_assert(std::is_empty_v<strand_registry>, "it holds nothing");

strand<int> wait_for(channel<int>& source) { co_return *(co_await source.receive()); }

TEST(without_diagnostics, a_registry_spawns_and_lists_nothing) {
  native_environment world;
  scheduler workers(world, {.workers = 1});
  strand_registry strands(world);
  channel<int> source({.capacity = 1});
  auto waiting = strands.spawn(workers, "waiting", wait_for(source));
  EXPECT_TRUE(strands.list().empty());
  ASSERT_EQ(source.try_send(7), send_result::accepted);
  EXPECT_EQ(waiting.wait(), 7);
}

}  // namespace
}  // namespace jacquard
