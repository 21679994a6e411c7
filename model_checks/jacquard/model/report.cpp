#include <jacquard/model/report.hpp>

#include <fmt/format.h>

namespace jacquard::model {

command::row row_of(const registered_check& check, const certificate& made,
                    const std::string& repeat) {
  command::row result;
  result.name = check.name;
  result.verdict = to_string(made.verdict);
  result.figure = static_cast<double>(made.executions);
  result.unit = "executions";
  if (made.verdict == verdict::broken) {
    result.detail = fmt::format("{}: {}: {} [{}] {:.2f} s", check.engine, to_string(made.kind),
                                made.what, made.search, made.seconds);
  } else {
    result.detail =
        fmt::format("{}: {}{}, {} blocked, {} truncated; bounds: {}; {:.2f} s", check.engine,
                    made.search, check.claims.empty() ? "" : " of " + check.claims, made.blocked,
                    made.truncated, made.bounds, made.seconds);
  }
  result.more = {
      {"engine", check.engine},  {"claims", check.claims},    {"kind", to_string(made.kind)},
      {"what", made.what},       {"where", made.where},       {"search", made.search},
      {"bounds", made.bounds},   {"blocked", made.blocked},   {"truncated", made.truncated},
      {"seconds", made.seconds}, {"schedule", made.schedule}, {"repeat", repeat}};
  return result;
}

namespace {

// `name` as a regular expression that matches nothing else.
std::string filter_of(const std::string& name) {
  std::string exact = "^";
  for (const char c : name) exact += c == '.' ? std::string("\\.") : std::string(1, c);
  return exact + "$";
}

}  // namespace

std::string explained(const certificate& made, const std::string& repeat,
                      const std::string& debugger) {
  std::string text = fmt::format("  {}: {}\n", to_string(made.kind), made.what);
  if (!made.where.empty()) text += "  at " + made.where + "\n";
  if (!made.history.empty()) text += made.history;
  if (!repeat.empty()) text += "  repeat: " + repeat + "\n";
  if (!debugger.empty()) text += "  debug: " + debugger + "\n";
  return text;
}

std::string repeat_of(const registered_check& check, const certificate& made,
                      const std::string& prefix) {
  if (made.schedule.empty()) return {};
  return fmt::format("{} --engine {} --filter '{}' --schedule '{}'", prefix, check.engine,
                     filter_of(check.name), made.schedule);
}

std::string debugger_of(const registered_check& check, const certificate& made,
                        const std::string& program) {
  if (check.engine != "explore" || made.schedule.empty()) return {};
  return fmt::format(
      "gdb -ex 'break jacquard_explore_failing_step' -ex run -ex bt --args {} --filter '{}' "
      "--schedule '{}'",
      program, filter_of(check.name), made.schedule);
}

}  // namespace jacquard::model
