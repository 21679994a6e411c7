// Skynet: a strand spawns ten, each of which spawns ten, down to the leaves, which say their number; everybody adds
// up. What it measures is how little a strand costs. With 1,000,000 leaves the sum is 499999500000.
//
//   skynet [LEAVES]     a power of ten in [1, 1000000]; 10000
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/strand.hpp>

namespace {

jacquard::strand<std::uint64_t> skynet(jacquard::executor& where, std::uint64_t first,
                                       std::uint64_t leaves) {
  if (leaves == 1) co_return first;
  std::array<jacquard::spawned<std::uint64_t>, 10> children;
  for (std::uint64_t i = 0; i < children.size(); ++i) {
    children[i] = jacquard::spawn(where, skynet(where, first + i * leaves / 10, leaves / 10));
  }
  std::uint64_t sum = 0;
  for (auto& child : children) sum += co_await child;  // joins
  co_return sum;
}

bool is_power_of_ten(std::uint64_t n) {
  while (n % 10 == 0 && n > 0) n /= 10;
  return n == 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t leaves = 10'000;
  if (argc > 1) {
    const char* const end = argv[1] + std::strlen(argv[1]);
    const auto [stop, error] = std::from_chars(argv[1], end, leaves);
    if (error != std::errc{} || stop != end || leaves > 1'000'000 || !is_power_of_ten(leaves)) {
      std::fprintf(stderr, "LEAVES: %s is not a power of ten in [1, 1000000]\n", argv[1]);
      return 2;
    }
  }
  jacquard::native_environment world;
  jacquard::scheduler workers(world, {.workers = 2});
  const std::uint64_t began = static_cast<std::uint64_t>(world.now());
  const std::uint64_t sum = jacquard::block_on(workers, skynet(workers, 0, leaves));
  const std::uint64_t took = static_cast<std::uint64_t>(world.now()) - began;
  std::printf("skynet of %llu: %llu in %.1f ms\n", static_cast<unsigned long long>(leaves),
              static_cast<unsigned long long>(sum), static_cast<double>(took) / 1e6);
  return sum == leaves * (leaves - 1) / 2 ? 0 : 1;
}
