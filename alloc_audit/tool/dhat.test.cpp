// DHAT's profile: stacks that read the same are the same, hostile text is refused, slopes are exact.
#include "tool/dhat.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tool/slope.hpp"

namespace jacquard::audit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Written in the shape of Valgrind 3.19's dh_main.c; addresses differ between runs, stacks do not.
std::string profile_text(std::uint64_t blocks, const std::string& at) {
  const std::string count = std::to_string(blocks);
  const std::string rest =
      R"j(,"tl":1,"mb":8,"mbk":1,"gb":8,"gbk":1,"eb":0,"ebk":0,"rb":0,"wb":0)j";
  return R"j({"dhatFileVersion":2,"mode":"heap","verb":"Allocated","bklt":true,"bkacc":true,)j"
         R"j("tu":"instrs","Mtu":"Minstr","tuth":500,"cmd":"x","pid":1,"te":9,"tg":5,"pps":[)j"
         R"j({"tb":)j" +
         count + R"j(,"tbk":)j" + count + rest + R"j(,"fs":[1,2,3,4]},)j" +
         R"j({"tb":72704,"tbk":1)j" + rest + R"j(,"fs":[1,5]}],"ftbl":["[root]",")j" + at +
         R"j(: operator new(unsigned long) (in /usr/libexec/valgrind/vgpreload_dhat-amd64-linux.so)",")j" +
         at + R"j(: allocate (/usr/include/c++/12/bits/new_allocator.h:137)",")j" + at +
         R"j(: push(int) (./runtime/jacquard/queue/q.hpp:16)",")j" + at +
         R"j(: main (./alloc_audit/ops/op.cpp:8)","0x1FFF0009BE: ???"]})j";
}

TEST(dhat, reads_a_stack_without_addresses_and_plumbing) {
  const auto read = parse_dhat(profile_text(10, "0x1111"));
  ASSERT_TRUE(read.has_value()) << read.error();
  const auto at = read->points.find(
      "push(int) (runtime/jacquard/queue/q.hpp:16)\nmain (alloc_audit/ops/op.cpp:8)");
  ASSERT_NE(at, read->points.end());
  EXPECT_EQ(at->second.blocks, 10u);
  EXPECT_EQ(read->total().blocks, 11u);
}

TEST(dhat, the_same_stack_at_other_addresses_is_the_same_point) {
  const auto a = parse_dhat(profile_text(10, "0x1111"));
  const auto b = parse_dhat(profile_text(10, "0x2222"));
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->points.size(), b->points.size());
  EXPECT_TRUE(std::equal(a->points.begin(), a->points.end(), b->points.begin(),
                         [](const auto& x, const auto& y) { return x.first == y.first; }));
}

TEST(dhat, the_first_frame_of_the_project_leads) {
  EXPECT_THAT(
      leading_frames("memcpy (string/../sysdeps/m.c:3)\ncreate (/usr/include/c++/12/m.h:2)\n"
                     "push (runtime/q.hpp:16)\nmain (alloc_audit/op.cpp:8)",
                     6),
      ElementsAre("push (runtime/q.hpp:16)", "main (alloc_audit/op.cpp:8)"));
  EXPECT_TRUE(is_ours("push (runtime/q.hpp:16)"));
  EXPECT_FALSE(is_ours("call_init (elf/./elf/dl-init.c:74)"));
  EXPECT_FALSE(is_ours("printf (stdio-common/../sysdeps/p.c:1)"));
}

TEST(dhat, refuses_what_is_no_profile_in_one_line) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"dhatFileVersion":3,"mode":"heap"})",
        R"({"dhatFileVersion":2,"mode":"copy"})", R"({"dhatFileVersion":2,"mode":"heap"})",
        R"({"dhatFileVersion":2,"mode":"heap","ftbl":[],"pps":[{"fs":[7]}]})",
        R"({"dhatFileVersion":2,"mode":"heap","ftbl":[],"pps":[{"fs":[],"tb":-1}]})"}) {
    const auto read = parse_dhat(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().find('\n'), std::string::npos) << read.error();
  }
  EXPECT_THAT(parse_dhat(R"({"dhatFileVersion":3,"mode":"heap"})").error(),
              HasSubstr("3 is not 2"));
}

std::array<profile, 3> three(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return {*parse_dhat(profile_text(a, "0x1")), *parse_dhat(profile_text(b, "0x2")),
          *parse_dhat(profile_text(c, "0x3"))};
}

TEST(slope, set_up_cancels) {
  const cost spent = cost_of(three(100 + 4096, 100 + 2 * 4096, 100 + 3 * 4096), 4096);
  EXPECT_DOUBLE_EQ(spent.allocations.early, 1.0);
  EXPECT_DOUBLE_EQ(spent.allocations.late, 1.0);
  EXPECT_TRUE(spent.allocations.linear(0.001));
  ASSERT_EQ(spent.stacks.size(), 1u) << "what does not grow is no cost of the operation";
  EXPECT_THAT(spent.stacks[0].frames[0], HasSubstr("runtime/jacquard/queue/q.hpp:16"));
}

TEST(slope, one_allocation_in_sixty_four_is_seen_sharp) {
  const cost spent = cost_of(three(64, 128, 192), 4096);
  EXPECT_DOUBLE_EQ(spent.allocations.worst(), 1.0 / 64.0);
}

TEST(slope, a_cost_that_begins_late_is_not_linear) {
  const cost spent = cost_of(three(5, 5, 5 + 2000), 4096);
  EXPECT_FALSE(spent.allocations.linear(0.001));
  EXPECT_GT(spent.allocations.worst(), 0.4);
}

TEST(slope, a_count_that_falls_does_not_wrap) {
  EXPECT_DOUBLE_EQ(slope_of(4096, 0, 0, 4096).early, -1.0);
}

}  // namespace
}  // namespace jacquard::audit
