#include <jacquard/model/explore/cycle.hpp>

#include <set>
#include <vector>

#include <jacquard/model/explore/report.hpp>

namespace jacquard::model::explorer {

namespace {

constexpr std::size_t times_min = 100;  // that a round repeats before it counts

// What two steps must share to be the same.
struct step_shape {
  unsigned thread;
  event_kind kind;
  update how;
  location_id where;
  word value;
  const void* site;
  friend bool operator==(const step_shape&, const step_shape&) = default;
};

step_shape shape_of(const event& e, const graph& g) {
  return {.thread = e.thread,
          .kind = e.kind,
          .how = e.update,
          .where = e.where,
          .value = e.is_read() ? g.value_of(e.where, e.source) : e.value,
          .site = e.site};
}

}  // namespace

// The last half of the steps, read backwards, has a shortest period: the one that its longest border leaves.
cycle cycle_of(const graph& g) {
  std::vector<step_shape> shapes;
  shapes.reserve(g.size());
  for (event_id id = 0; id <= g.newest(); ++id) shapes.push_back(shape_of(g[id], g));
  const std::size_t length = shapes.size() / 2;
  if (length == 0) return {};
  const auto at = [&](std::size_t i) { return shapes[shapes.size() - 1 - i]; };
  std::vector<std::size_t> border(length, 0);
  for (std::size_t i = 1; i < length; ++i) {
    std::size_t matched = border[i - 1];
    while (matched > 0 && !(at(i) == at(matched))) matched = border[matched - 1];
    border[i] = matched + (at(i) == at(matched) ? 1 : 0);
  }
  const std::size_t period = length - border.back();
  std::size_t repeated = length;
  while (repeated < shapes.size() && at(repeated) == at(repeated - period)) ++repeated;
  if (length / period < times_min) return {};
  return {.begin = shapes.size() - repeated, .events = period, .times = repeated / period};
}

std::string whereabouts(const graph& g, const cycle& c) {
  std::string text;
  for (unsigned t = 1; t < g.threads(); ++t) {
    std::set<std::string> seen;
    std::string places;
    for (std::size_t i = c.begin; i < c.begin + c.events; ++i) {
      const event& e = g[static_cast<event_id>(i)];
      if (e.thread != t) continue;
      const std::string place = to_string_site(e.site);
      if (place.empty() || !seen.insert(place).second) continue;
      places += (places.empty() ? " at " : ", ") + place;
    }
    if (places.empty()) continue;
    text += (text.empty() ? "thread " : "; thread ") + std::to_string(t - 1) + places;
  }
  return text;
}

}  // namespace jacquard::model::explorer
