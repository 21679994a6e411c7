#include <jacquard/bench/suite/catalogue.hpp>

namespace jacquard::bench::suite {

const std::vector<benchmark>& catalogue() {
  static const std::vector<benchmark> all = [] {
    std::vector<benchmark> joined;
    for (auto* const part :
         {&pingpong_benchmarks, &fan_benchmarks, &contention_benchmarks, &ask_benchmarks,
          &spawn_benchmarks, &skynet_benchmarks, &strand_benchmarks, &high_water_benchmarks,
          &message_benchmarks, &resource_benchmarks, &service_benchmarks, &dispatch_benchmarks,
          &roundtrip_benchmarks, &zeroize_benchmarks, &footprint_benchmarks,
          &diagnostics_benchmarks, &wakeup_benchmarks}) {
      for (benchmark& entry : part()) joined.push_back(std::move(entry));
    }
    return joined;
  }();
  return all;
}

}  // namespace jacquard::bench::suite
