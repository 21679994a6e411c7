#include <jacquard/sim/history.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace jacquard::sim {

bool operator==(const happening& a, const happening& b) noexcept {
  return a.at == b.at && a.who == b.who && a.detail == b.detail &&
         std::string_view(a.what) == std::string_view(b.what);
}

void history::keep(nanoseconds at, const char* what, std::uint64_t who, std::uint64_t detail) {
  if (events_.size() == events_max) {
    truncated_ = true;
    return;
  }
  events_.push_back({.at = at, .what = what, .who = who, .detail = detail});
}

std::optional<difference> first_difference(const history& left, const history& right) {
  if (left.digest() == right.digest() && left.count() == right.count()) return std::nullopt;

  const std::vector<happening>& a = left.events();
  const std::vector<happening>& b = right.events();
  if (!a.empty() || !b.empty()) {
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t i = 0;
    while (i < shorter && a[i] == b[i]) ++i;
    const bool ended = i == shorter && (left.truncated() || right.truncated());
    if (!ended) {
      difference found{.index = i, .exact = true, .left = {}, .right = {}};
      if (i < a.size()) found.left = a[i];
      if (i < b.size()) found.right = b[i];
      return found;
    }
  }
  const std::vector<std::uint64_t>& c = left.checkpoints();
  const std::vector<std::uint64_t>& d = right.checkpoints();
  std::size_t window = 0;
  while (window < c.size() && window < d.size() && c[window] == d[window]) ++window;
  return difference{
      .index = window * history::checkpoint_every, .exact = false, .left = {}, .right = {}};
}

std::string to_text(const happening& event, const std::string& name) {
  return fmt::format("{} {} at {} (detail {:016x})", event.what, name, to_text(event.at),
                     event.detail);
}

}  // namespace jacquard::sim
