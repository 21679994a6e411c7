#include <jacquard/model/check.hpp>

#include <array>
#include <stdexcept>
#include <utility>

namespace jacquard::model {
namespace {

constexpr std::array kinds = {
    failure_kind::none,        failure_kind::claim,
    failure_kind::data_race,   failure_kind::deadlock,
    failure_kind::lost_wakeup, failure_kind::livelock,
    failure_kind::leak,        failure_kind::use_after_free,
    failure_kind::double_free, failure_kind::uninitialised_read,
    failure_kind::bad_access,  failure_kind::nondeterminism,
    failure_kind::limit,
};

}  // namespace

const char* to_string(verdict v) noexcept {
  switch (v) {
    case verdict::holds:
      return "holds";
    case verdict::broken:
      return "BROKEN";
    case verdict::truncated:
      return "truncated";
  }
  return "unknown";
}

const char* to_string(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::none:
      return "none";
    case failure_kind::claim:
      return "claim";
    case failure_kind::data_race:
      return "data_race";
    case failure_kind::deadlock:
      return "deadlock";
    case failure_kind::lost_wakeup:
      return "lost_wakeup";
    case failure_kind::livelock:
      return "livelock";
    case failure_kind::leak:
      return "leak";
    case failure_kind::use_after_free:
      return "use_after_free";
    case failure_kind::double_free:
      return "double_free";
    case failure_kind::uninitialised_read:
      return "uninitialised_read";
    case failure_kind::bad_access:
      return "bad_access";
    case failure_kind::nondeterminism:
      return "nondeterminism";
    case failure_kind::limit:
      return "limit";
  }
  return "unknown";
}

failure_kind failure_kind_named(const std::string& name) {
  if (name.empty()) return failure_kind::none;
  std::string known;
  for (const failure_kind kind : kinds) {
    if (name == to_string(kind)) return kind;
    known += std::string(known.empty() ? "" : ", ") + to_string(kind);
  }
  throw std::invalid_argument("'" + name + "' is no kind of failure; the kinds are: " + known);
}

std::vector<registered_check>& checks() {
  static std::vector<registered_check> all;
  return all;
}

bool add_check(registered_check check) {
  checks().push_back(std::move(check));
  return true;
}

bool matches(failure_kind expected, failure_kind found) noexcept {
  const auto sleeps_for_ever = [](failure_kind kind) {
    return kind == failure_kind::deadlock || kind == failure_kind::lost_wakeup;
  };
  return expected == found || (sleeps_for_ever(expected) && sleeps_for_ever(found));
}

}  // namespace jacquard::model
