#include "ops/op.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace jacquard::audit {

std::vector<op>& ops() {
  static std::vector<op> all;
  return all;
}

void must(bool holds, const char* claim) noexcept {
  if (holds) return;
  std::fprintf(stderr, "audited operation: broken: %s\n", claim);
  std::exit(1);
}

int ops_main(int argc, char** argv, void (*before)(), void (*report)()) {
  std::sort(ops().begin(), ops().end(), [](const op& a, const op& b) { return a.name < b.name; });
  if (argc == 2 && std::string_view(argv[1]) == "--list") {
    for (const op& each : ops()) std::printf("%s\n", each.name.c_str());
    return 0;
  }
  const std::string_view usage = "--list, or --op NAME --n N with N in [1, 100000000]";
  std::uint64_t n = 0;
  if (argc != 5 || std::string_view(argv[1]) != "--op" || std::string_view(argv[3]) != "--n") {
    std::fprintf(stderr, "%s: takes %s\n", argv[0], usage.data());
    return 2;
  }
  const std::string_view count = argv[4];
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), n);
  if (error != std::errc{} || end != count.data() + count.size() || n == 0 || n > 100'000'000) {
    std::fprintf(stderr, "%s: --n '%s' is not in [1, 100000000]\n", argv[0], argv[4]);
    return 2;
  }
  for (const op& each : ops()) {
    if (each.name != argv[2]) continue;
    if (before != nullptr) before();
    const std::uint64_t done = each.run(n);
    if (report != nullptr) report();
    std::printf("ops_done %llu\n", static_cast<unsigned long long>(done));
    return std::fflush(stdout) == 0 ? 0 : 1;
  }
  std::fprintf(stderr, "%s: --op '%s' is unknown; --list names them\n", argv[0], argv[2]);
  return 2;
}

}  // namespace jacquard::audit
