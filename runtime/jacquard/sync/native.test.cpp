// Which fences the light and the heavy one are: as the kernel serves them, and where it refuses.
#include <gtest/gtest.h>

#include <jacquard/sync/native.hpp>

#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace jacquard {
namespace {

TEST(a_light_fence, costs_nothing_where_the_kernel_serves_the_heavy_one) {
  const long served = ::syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
  EXPECT_EQ(sync::native::fences_are_asymmetric(),
            served > 0 && (served & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0);
  sync::native::fence_light();
  sync::native::fence_heavy();
}

// From here on membarrier(2) fails with EPERM, in this process and the programs that it becomes.
bool refuse_membarrier() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = 4, .filter = program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// The test below runs itself again, in a process in which the kernel refuses.
constexpr const char* refused = "JACQUARD_TEST_KERNEL_REFUSES";

TEST(a_kernel_that_refuses, is_noticed_before_main_and_both_sides_have_a_fence_of_their_own) {
  if (std::getenv(refused) != nullptr) {
    ASSERT_FALSE(sync::native::fences_are_asymmetric());
    sync::native::fence_light();
    sync::native::fence_heavy();  // asks the kernel no more
    return;
  }
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!refuse_membarrier() || ::setenv(refused, "1", 1) != 0) ::_exit(2);
    ::execl("/proc/self/exe", "native_test", "--gtest_filter=a_kernel_that_refuses.*",
            static_cast<char*>(nullptr));
    ::_exit(3);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "2: no seccomp here, 3: it could not run itself, 1: red";
}

// There is nothing to fall back on: threads have left their own fence out already.
TEST(a_kernel_that_refuses_only_later_death, stops_the_program_and_the_line_says_what_to_do) {
  const auto refused_later = [] {
    if (!refuse_membarrier()) ::_exit(2);
    sync::native::fence_heavy();
    ::_exit(0);
  };
  if (sync::native::fences_are_asymmetric()) {
    EXPECT_EXIT(refused_later(), testing::KilledBySignal(SIGABRT),
                "broken: membarrier, which was served at the start, is refused now: a sandbox "
                "allows it, or is there before the program starts");
  } else {
    EXPECT_EXIT(refused_later(), testing::ExitedWithCode(0), "");  // it is not asked
  }
}

}  // namespace
}  // namespace jacquard
