// jacquard sim diff: the first event in which two traces differ.
#include <fmt/core.h>

#include "sim_command.hpp"

namespace jacquard::sim::tool {

using command::outcome;

namespace {

nlohmann::json read_trace(const std::string& path) {
  const std::string text = read_file(path);
  nlohmann::json read = nlohmann::json::parse(text, nullptr, false);
  if (read.is_discarded() || !read.is_object() || !read.contains("traceEvents") ||
      !read["traceEvents"].is_array()) {
    command::lacks(fmt::format(
        "'{}' is no trace: a JSON object with traceEvents, as `jacquard sim run --trace` writes",
        path));
  }
  return read;
}

}  // namespace

outcome run_diff(const std::string& left, const std::string& right,
                 const command::shared_options& shared) {
  const nlohmann::json a = read_trace(left);
  const nlohmann::json b = read_trace(right);
  const nlohmann::json& events = a["traceEvents"];
  const nlohmann::json& others = b["traceEvents"];

  std::size_t at = 0;
  while (at < events.size() && at < others.size() && events[at] == others[at]) ++at;
  const bool same = at == events.size() && at == others.size();
  const auto side = [](const nlohmann::json& list, std::size_t i) {
    return i < list.size() ? list[i].dump() : std::string("nothing more");
  };

  command::reporter out(shared);
  command::row row{.name = "diff",
                   .verdict = same ? "holds" : "BROKEN",
                   .figure = static_cast<double>(at),
                   .unit = "events equal",
                   .detail = same ? fmt::format("{} and {} show the same run", left, right)
                                  : fmt::format("event {} differs: {} | {}", at, side(events, at),
                                                side(others, at))};
  out.add(row);
  out.finish();
  return same ? outcome::held : outcome::found;
}

}  // namespace jacquard::sim::tool
