// Relacy for five to nine threads, in a source of its own because each number compiles three schedulers.
#include <jacquard/model/relacy/suite.hpp>

#include <cstdlib>

namespace jacquard::model::relacy_detail {

rl::test_result_e search_with_many_threads(unsigned threads, rl::test_params& params,
                                           std::ostream& state, bool again) {
  switch (threads) {
    case 5:
      return search<5>(params, state, again);
    case 6:
      return search<6>(params, state, again);
    case 7:
      return search<7>(params, state, again);
    case 8:
      return search<8>(params, state, again);
    case 9:
      return search<9>(params, state, again);
    default:
      std::abort();  // the engine lets no other number through
  }
}

}  // namespace jacquard::model::relacy_detail
