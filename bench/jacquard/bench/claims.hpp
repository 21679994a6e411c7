// jacquard/bench/claims.hpp: what the project promises about time, and whether this run bears it out.
//
// A ratio is judged by its bounds: PASS where the upper bound is within the limit, MISSED where the lower
// bound is beyond it, UNDECIDED between. A figure in nanoseconds passes where three blocks in four are
// within, and is MISSED where three in four are not. VOID: the second copy of the candidate differs from the first by more than 2 %, so this run cannot tell; or, for the open loop,
// the sender itself was late by a tenth of the limit. N/A: this machine cannot run it.
#pragma once

#include <string>
#include <vector>

#include <jacquard/bench/runner.hpp>

namespace jacquard::bench {

struct claim_verdict {
  std::string name;     // "claim.pair_over_two_rmw_ring"
  std::string verdict;  // PASS, MISSED, UNDECIDED, VOID, N/A
  double figure = 0.0;
  std::string unit;
  std::string detail;
  double limit = 0.0;
  double low = 0.0;
  double high = 0.0;
};

/// The claims that the outcomes have something to say about. A claim whose benchmark did not run is not
/// in the list.
[[nodiscard]] std::vector<claim_verdict> judge_claims(const std::vector<bench_outcome>& outcomes);

/// One ratio claim, by itself: subject over reference against a limit, with the control's figures.
[[nodiscard]] claim_verdict judge_ratio(const std::string& name, const std::vector<double>& subject,
                                        const std::vector<double>& reference,
                                        const std::vector<double>& control, double limit);

/// One absolute claim: figures of blocks against a limit that they should not exceed, or by a share of `tie` at most.
[[nodiscard]] claim_verdict judge_limit(const std::string& name, const std::vector<double>& figures,
                                        double limit, const std::string& unit, double tie = 0.0);

/// True where any claim is MISSED.
[[nodiscard]] bool any_missed(const std::vector<claim_verdict>& verdicts);

}  // namespace jacquard::bench
