#include <jacquard/model/relacy/history.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <sstream>

namespace jacquard::model {
namespace {

/// Gives addresses short names, in order of appearance.
class names {
 public:
  std::string of(const std::string& address) {
    const auto [at, fresh] = known_.try_emplace(address, "");
    if (fresh) at->second = "#" + std::to_string(known_.size());
    return at->second;
  }

 private:
  std::map<std::string, std::string> known_;
};

/// Long numbers are addresses or packed words; hexadecimal shows their parts.
std::string value_of(const std::string& text) {
  if (text.size() < 7 || text.find_first_not_of("0123456789") != std::string::npos) return text;
  std::ostringstream hex;
  hex << "0x" << std::hex << std::stoull(text);
  return hex.str();
}

std::optional<std::string> in_words(const std::string& event, names& objects) {
  static const std::regex load(
      R"(<(\S+)> atomic load, value=(\S+?)( \[NOT CURRENT\])?, order=(\w+))");
  static const std::regex store(
      R"(<(\S+)> atomic store, value=(\S+), \(prev value=(\S+)\), order=(\w+))");
  static const std::regex cas(
      R"(<(\S+)> CAS (succ|fail) (\[SPURIOUSLY\] )?(?:\[ABA\] )?orig=(\S+), cmp=(\S+), xchg=(\S+), order=(\w+))");
  static const std::regex rmw(R"(<(\S+)> (\w+) , prev=(\S+), arg=(\S+), new=(\S+), order=(\w+))");
  static const std::regex plain(R"(<(\S+)> (load|store), value=\S+)");
  static const std::regex mutex(R"(<(\S+)> mutex: (.+))");
  static const std::regex freed(R"(<(\S+)> access to freed memory)");
  std::smatch m;
  if (std::regex_match(event, m, load)) {
    return "load " + m.str(4) + " " + objects.of(m[1]) + " = " + value_of(m[2]) +
           (m[3].matched ? " (stale)" : "");
  }
  if (std::regex_match(event, m, store)) {
    return "store " + m.str(4) + " " + objects.of(m[1]) + " = " + value_of(m[2]);
  }
  if (std::regex_match(event, m, cas)) {
    return "cas " + m.str(7) + " " + objects.of(m[1]) + " " + value_of(m[5]) + "->" +
           value_of(m[6]) +
           (m.str(2) == "succ" ? " ok"
            : m[3].matched     ? " fails spuriously"
                               : " fails: " + value_of(m[4]));
  }
  if (std::regex_match(event, m, rmw)) {
    return m.str(2) + " " + m.str(6) + " " + objects.of(m[1]) + " " + value_of(m[3]) + "->" +
           value_of(m[5]);
  }
  if (std::regex_match(event, m, plain)) {
    return (m.str(2) == "load" ? "read cell " : "write cell ") + objects.of(m[1]);
  }
  if (std::regex_match(event, m, mutex)) return "mutex " + objects.of(m[1]) + " " + m.str(2);
  if (std::regex_match(event, m, freed)) return "uses destroyed object " + objects.of(m[1]);
  if (event.starts_with("[")) return std::nullopt;  // Relacy's own marks
  return event;
}

}  // namespace

std::string short_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::vector<history_step> parsed_history(const std::string& relacy_output) {
  // "[12] 1: <event>, in <function>, <file>(<line>)"; the whole history comes first, then each thread's again.
  static const std::regex line_of(R"(\[(\d+)\] (-?\d+): (.*), in (.*), ([^,]*)\((\d+)\))");
  std::vector<history_step> steps;
  names objects;
  std::istringstream lines(relacy_output);
  std::size_t expected = 0;
  bool after_wait = false;
  for (std::string line; std::getline(lines, line);) {
    std::smatch m;
    if (!std::regex_match(line, m, line_of) || std::stoull(m[1]) != expected) continue;
    ++expected;
    const std::string event = m[3];
    // Everything up to here was construction and before().
    if (event == "[BEFORE END]") steps.clear();
    const std::optional<std::string> words = in_words(event, objects);
    const bool compare_of_wait = after_wait && event.find(" CAS fail ") != std::string::npos;
    after_wait = event == "wait";
    if (!words || compare_of_wait || std::stoi(m[2]) < 0) continue;
    const std::string file = m[5];
    const bool ours = !file.empty() && file.find("/relacy/") == std::string::npos;
    steps.push_back({.thread = static_cast<unsigned>(std::stoul(m[2])),
                     .what = *words,
                     .where = ours ? file + ":" + m.str(6) : ""});
  }
  return steps;
}

std::string columns_of(const std::vector<history_step>& steps, unsigned threads) {
  std::vector<std::size_t> width(threads, 0);
  const auto text_of = [](const history_step& step) {
    return step.where.empty() ? step.what : step.what + "  " + short_path(step.where);
  };
  for (const history_step& step : steps) {
    if (step.thread < threads)
      width[step.thread] = std::max(width[step.thread], text_of(step).size());
  }
  std::ostringstream out;
  const auto cell = [&](std::size_t thread, const std::string& text) {
    out << text << std::string(width[thread] + 2 - std::min(width[thread] + 2, text.size()), ' ');
  };
  out << "  step  ";
  for (unsigned thread = 0; thread < threads; ++thread) {
    width[thread] = std::max<std::size_t>(width[thread], 8);
    cell(thread, "thread " + std::to_string(thread));
  }
  out << "\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::string number = std::to_string(i);
    out << std::string(6 - std::min<std::size_t>(6, number.size()), ' ') << number << "  ";
    for (unsigned thread = 0; thread < steps[i].thread && thread < threads; ++thread)
      cell(thread, "");
    out << text_of(steps[i]) << "\n";
  }
  return out.str();
}

}  // namespace jacquard::model
