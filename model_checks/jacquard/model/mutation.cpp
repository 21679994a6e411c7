#include <jacquard/model/mutation.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace jacquard::model {
namespace {

/// A file's lines; empty where it cannot be read (an installed program without its sources).
const std::vector<std::string>& lines_of(const std::string& file) {
  static std::map<std::string, std::vector<std::string>> known;
  const auto [at, fresh] = known.try_emplace(file);
  if (fresh) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) at->second.push_back(line);
  }
  return at->second;
}

/// The last line of the call that starts at `line` (both from 1): where its parentheses are balanced.
std::uint32_t last_line_of_call(const order_site& site) {
  const auto& lines = lines_of(site.file);
  int open = 0;
  bool begun = false;
  for (std::uint32_t number = site.line; number <= lines.size() && number < site.line + 8;
       ++number) {
    const std::string& line = lines[number - 1];
    const std::size_t comment = line.find("//");
    std::size_t from = 0;
    if (number == site.line && site.column > 0) {
      // Columns point into the call: at its name or at its closing parenthesis' statement. Start at its '('.
      from = std::min<std::size_t>(site.column - 1, line.size());
    }
    for (std::size_t i = from; i < std::min(comment, line.size()); ++i) {
      if (line[i] == '(') ++open, begun = true;
      if (line[i] == ')') --open;
      if (begun && open <= 0) return number;
    }
  }
  return site.line;
}

bool names_order(const std::string& line) {
  static const std::regex strong(R"(memory_order(::|_)(acquire|release|acq_rel|seq_cst|consume))");
  const std::size_t comment = line.find("//");
  return std::regex_search(line.substr(0, comment), strong);
}

bool checks_of_a_site(const order_site& site, const std::regex& paths) {
  return site.order != std::memory_order::relaxed && std::regex_search(site.file, paths);
}

}  // namespace

std::string edge_label(const order_site& site) {
  static const std::regex label(R"(\b(E\d+)\b)");
  const auto& lines = lines_of(site.file);
  std::uint32_t last = last_line_of_call(site);
  // The comment may stand where the statement ends, a line or two below.
  const auto ends = [&](std::uint32_t number) {
    const std::string& line = lines[number - 1];
    return line.substr(0, line.find("//")).find_first_of(";{") != std::string::npos;
  };
  for (unsigned more = 0; more < 2 && last < lines.size() && last > 0 && !ends(last); ++more)
    ++last;
  const bool second = site.part == order_part::cas_failure;
  std::string found;
  unsigned order = 0;
  for (std::uint32_t number = site.line; number <= last && number <= lines.size(); ++number) {
    const std::string& line = lines[number - 1];
    static const std::regex any(R"(memory_order(::|_)\w+)");
    const std::size_t comment = line.find("//");
    const std::string code = line.substr(0, comment);
    const auto begin = std::sregex_iterator(code.begin(), code.end(), any);
    order += static_cast<unsigned>(std::distance(begin, std::sregex_iterator()));
    const bool mine =
        site.part == order_part::cas_success ? order >= 1 : order >= (second ? 2u : 1u);
    if (comment != std::string::npos && (mine || number == last)) {
      const std::string words = line.substr(comment);
      for (auto it = std::sregex_iterator(words.begin(), words.end(), label);
           it != std::sregex_iterator(); ++it) {
        if (found.find(it->str()) == std::string::npos)
          found += (found.empty() ? "" : ", ") + it->str();
      }
      if (mine && !found.empty()) break;
    }
  }
  return found;
}

mutation_report mutate(const std::vector<const registered_check*>& checks,
                       const run_options& options, const mutation_options& mutation) {
  mutation_report report;
  weakening& cuts = weakening::instance();
  const auto say = [&](const std::string& text) {
    if (mutation.progress) mutation.progress(text);
  };
  // A check's own orders are its own business: what is asked is whether the product's are needed.
  const std::regex paths(mutation.path_filter.empty()
                             ? R"(^(?!.*model_checks/(checks|seeded_bugs)/))"
                             : mutation.path_filter);

  struct executed {
    const registered_check* check;
    double seconds;
  };
  std::map<order_site, std::vector<executed>> by_site;
  for (const registered_check* const check : checks) {
    say("learning " + check->name);
    run_options learning = check->defaults;
    learning.seed = options.seed;
    learning.iterations_max = mutation.record_executions;
    learning.search = check->defaults.search == "random" || check->engine == "relacy"
                          ? "random"
                          : check->defaults.search;
    cuts.record(true);
    const certificate made = check->run(learning);
    cuts.record(false);
    if (made.verdict == verdict::broken) {
      report.broken.push_back(check->name);
      continue;
    }
    for (const order_site& site : cuts.seen()) {
      if (checks_of_a_site(site, paths)) by_site[site].push_back({check, made.seconds});
    }
  }

  std::set<std::pair<std::string, std::uint32_t>> covered;
  std::set<std::string> files;
  std::map<const registered_check*, unsigned> kills;
  for (auto& [site, users] : by_site) {
    files.insert(site.file);
    for (std::uint32_t line = site.line; line <= last_line_of_call(site); ++line)
      covered.insert({site.file, line});
    for (const order_cut& cut : cuts_of(site)) {
      mutant each{.cut = cut, .label = edge_label(site)};
      // Checks that have killed before, and quick ones, first.
      std::ranges::stable_sort(users, [&](const executed& a, const executed& b) {
        if (kills[a.check] != kills[b.check]) return kills[a.check] > kills[b.check];
        return a.seconds < b.seconds;
      });
      for (const executed& user : users) {
        run_options attempt = user.check->defaults;
        attempt.seconds_max = mutation.seconds_each;
        if (!options.search.empty()) attempt.search = options.search;
        say(site.file.substr(site.file.rfind('/') + 1) + ":" + std::to_string(site.line) + " " +
            to_string(site.order) + " -> " + to_string(cut.to) + ": " + user.check->name);
        cuts.cut(cut);
        const certificate made = user.check->run(attempt);
        cuts.restore();
        ++each.runs;
        if (made.verdict == verdict::truncated) ++each.truncated;
        if (made.verdict != verdict::broken) continue;
        each.killer = user.check->name;
        each.kind = made.kind;
        each.what = made.what;
        ++kills[user.check];
        break;
      }
      report.mutants.push_back(std::move(each));
    }
  }

  for (const std::string& file : files) {
    const auto& lines = lines_of(file);
    for (std::uint32_t number = 1; number <= lines.size(); ++number) {
      if (names_order(lines[number - 1]) && !covered.contains({file, number})) {
        report.unexecuted.push_back({.file = file, .line = number});
      }
    }
  }
  return report;
}

std::vector<noticed> notices(const registered_check& check, const run_options& options,
                             double seconds_each) {
  std::vector<noticed> found;
  weakening& policy = weakening::instance();
  for (const sabotage how : sabotages) {
    run_options attempt = options;
    attempt.seconds_max = seconds_each;
    policy.break_all(how);
    const certificate made = check.run(attempt);
    policy.restore();
    if (made.verdict == verdict::broken)
      found.push_back({.how = how, .kind = made.kind, .what = made.what});
  }
  return found;
}

}  // namespace jacquard::model
