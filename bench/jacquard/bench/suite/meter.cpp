#include <jacquard/bench/suite/meter.hpp>

#include <linux/perf_event.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>

namespace jacquard::bench::suite {

namespace {

// The counter's file, or -1 where the kernel refuses.
int open_counter() {
  std::uint64_t id = 0;
  for (const char* const root : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    std::ifstream file(std::string(root) + "/events/raw_syscalls/sys_enter/id");
    if (file >> id) break;
  }
  if (id == 0) return -1;
  perf_event_attr wanted;
  std::memset(&wanted, 0, sizeof wanted);
  wanted.size = sizeof wanted;
  wanted.type = PERF_TYPE_TRACEPOINT;
  wanted.config = id;
  wanted.inherit = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &wanted, 0, -1, -1, 0));
}

int counter() {
  static const int file = open_counter();
  return file;
}

double ns_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
}

std::uint64_t status_kib(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(key, 0) == 0) return std::stoull(line.substr(key.size()));
  }
  return 0;
}

}  // namespace

bool counts_syscalls() { return counter() >= 0; }

usage usage_now() {
  rusage all{};
  (void)getrusage(RUSAGE_SELF, &all);
  usage now{.user_ns = ns_of(all.ru_utime),
            .system_ns = ns_of(all.ru_stime),
            .voluntary_switches = static_cast<std::uint64_t>(all.ru_nvcsw),
            .involuntary_switches = static_cast<std::uint64_t>(all.ru_nivcsw),
            .page_faults = static_cast<std::uint64_t>(all.ru_minflt),
            .syscalls = 0};
  if (counts_syscalls() && read(counter(), &now.syscalls, sizeof now.syscalls) < 0)
    now.syscalls = 0;
  return now;
}

usage operator-(const usage& late, const usage& early) {
  return {.user_ns = late.user_ns - early.user_ns,
          .system_ns = late.system_ns - early.system_ns,
          .voluntary_switches = late.voluntary_switches - early.voluntary_switches,
          .involuntary_switches = late.involuntary_switches - early.involuntary_switches,
          .page_faults = late.page_faults - early.page_faults,
          .syscalls = late.syscalls - early.syscalls};
}

std::uint64_t resident_bytes() { return 1024 * status_kib("VmRSS:"); }
std::uint64_t peak_resident_bytes() { return 1024 * status_kib("VmHWM:"); }

std::uint64_t heap_bytes() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

}  // namespace jacquard::bench::suite
