// bench/field.cpp: every contender there is, in the order in which tables show them.
#include <jacquard/bench/contender.hpp>

namespace jacquard::bench {

const std::vector<contender>& field() {
  static const std::vector<contender> all = [] {
    std::vector<contender> joined;
    for (auto* const part : {&our_contenders, &reference_contenders
#ifndef JACQUARD_BENCH_WITHOUT_PEERS
                             ,
                             &boost_contenders, &moodycamel_contenders, &tbb_contenders
#endif
         }) {
      for (contender& entry : part()) joined.push_back(std::move(entry));
    }
    return joined;
  }();
  return all;
}

}  // namespace jacquard::bench
