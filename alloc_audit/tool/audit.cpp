// jacquard audit: allocations per operation, as exact slopes. Each operation runs N, 2N and 3N times under
// DHAT and, in a separate program, under our own interposer; the two must agree and keep the budget.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>

#include <jacquard/command/command.hpp>

#include "tool/budgets.hpp"
#include "tool/canary.hpp"
#include "tool/measure.hpp"

namespace {

namespace fs = std::filesystem;
namespace audit = jacquard::audit;
using namespace jacquard::command;

struct settings {
  shared_options shared;
  std::string op;
  std::uint64_t n = 4096;
  std::string budgets;
  std::string ops_program;
  std::string native_program;
  std::string keep;
  bool native_only = false;
  unsigned jobs = 0;
};

fs::path beside_me(const char* name) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return self.parent_path() / name;
}

fs::path default_budgets() {
  if (const fs::path source = JACQUARD_AUDIT_BUDGETS; fs::exists(source)) return source;
  return beside_me("").parent_path().parent_path().parent_path() /
         "share/jacquard/alloc_audit/budgets.toml";
}

// A folder that goes away with the command, or the one that --keep names.
class scratch_folder {
 public:
  explicit scratch_folder(const std::string& keep) : kept_(!keep.empty()) {
    if (kept_) {
      path_ = keep;
      std::error_code error;
      fs::create_directories(path_, error);
      if (error)
        refuse(fmt::format("--keep: cannot make the folder '{}': {}", keep, error.message()));
      return;
    }
    std::string name = (fs::temp_directory_path() / "jacquard-audit-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) refuse(fmt::format("cannot make a folder like {}", name));
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  bool kept_;
  fs::path path_;
};

audit::budgets read_budgets(const fs::path& file) {
  std::ifstream in(file);
  if (!in) refuse(fmt::format("--budgets: cannot read '{}'", file.string()));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto read = audit::parse_budgets(text, file.string());
  if (!read) refuse("--budgets: " + read.error());
  return *read;
}

std::string repeat(const settings& set, const std::string& operation) {
  std::vector<std::string> words{"audit", "--n", fmt::format("{}", set.n)};
  // Canaries run whatever is asked for.
  if (!operation.starts_with("canary.")) words.insert(words.end(), {"--op", operation});
  if (set.native_only) words.push_back("--native-only");
  if (!set.budgets.empty()) words.insert(words.end(), {"--budgets", set.budgets});
  if (!set.ops_program.empty()) {
    words.insert(words.end(), {"--ops", set.ops_program, "--native-ops", set.native_program});
  }
  return repeat_line(words);
}

nlohmann::json frames_json(const audit::cost& spent) {
  nlohmann::json stacks = nlohmann::json::array();
  for (const audit::stack_cost& stack : spent.stacks) {
    stacks.push_back({{"allocs_per_op", stack.allocations.worst()},
                      {"bytes_per_op", stack.bytes.worst()},
                      {"frames", stack.frames}});
  }
  return stacks;
}

nlohmann::json more_of(const settings& set, const audit::measurement& seen) {
  nlohmann::json more{{"kind", "alloc"}, {"n", set.n}, {"repeat", repeat(set, seen.operation)}};
  if (seen.dhat) {
    more["bytes_per_op"] = seen.dhat->bytes.worst();
    more["live_bytes_per_op"] = seen.dhat->live_bytes.worst();
    more["peak_bytes_per_op"] = seen.dhat->peak_bytes.worst();
    more["stacks"] = frames_json(*seen.dhat);
  }
  if (seen.native) more["native_allocs_per_op"] = seen.native->allocations.worst();
  return more;
}

// What the text of a failure shows below its first line.
std::string stacks_text(const audit::cost& spent) {
  std::string text;
  for (std::size_t i = 0; i < spent.stacks.size() && i < 4; ++i) {
    const audit::stack_cost& stack = spent.stacks[i];
    text +=
        fmt::format("  {:.4f}/op {:>8.1f} B/op  {}\n", stack.allocations.worst(),
                    stack.bytes.worst(), stack.frames.empty() ? "(no frames)" : stack.frames[0]);
    for (std::size_t f = 1; f < stack.frames.size(); ++f) {
      text += fmt::format("{:24}<- {}\n", "", stack.frames[f]);
    }
  }
  return text;
}

// Measures every operation on a few threads, the order of results being the order of `names`.
std::vector<audit::measurement> measure_all(const settings& set, const audit::laboratory& lab,
                                            const std::vector<std::string>& names,
                                            const std::set<std::string>& dhat_only, reporter& out) {
  std::vector<audit::measurement> all(names.size());
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  const auto work = [&](bool speaks) {
    audit::dhat_server server(lab.valgrind, lab.dhat_program, lab.scratch, lab.time_max);
    for (std::size_t i = next++; i < names.size(); i = next++) {
      all[i].operation = names[i];
      if (!set.native_only) measure_dhat(lab, server, all[i]);
      if (all[i].error.empty() && !dhat_only.contains(names[i])) measure_native(lab, all[i]);
      ++done;
      if (speaks)
        out.progress(fmt::format("audit: {} of {} operations", done.load(), names.size()));
    }
  };
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const unsigned jobs = set.jobs != 0 ? set.jobs : std::min(cores, 4u);
  std::vector<std::thread> helpers;
  for (unsigned i = 1; i < jobs; ++i) helpers.emplace_back(work, false);
  work(true);
  for (std::thread& helper : helpers) helper.join();
  return all;
}

// The canaries come first. Natively only, the three traps that are DHAT's own do not apply.
bool all_canaries_seen(const settings& set, const audit::laboratory& lab, double tolerance,
                       reporter& out) {
  std::vector<std::string> names;
  std::set<std::string> dhat_only;
  for (const audit::canary& each : audit::canaries()) {
    if (set.native_only && !each.native_too) continue;
    names.push_back(each.operation);
    if (!each.native_too) dhat_only.insert(each.operation);
  }
  const auto seen = measure_all(set, lab, names, dhat_only, out);
  bool every = true;
  for (const audit::canary& each : audit::canaries()) {
    const auto at = std::find_if(seen.begin(), seen.end(), [&](const audit::measurement& m) {
      return m.operation == each.operation;
    });
    if (at == seen.end()) continue;
    std::string missed;
    double figure = 0.0;
    if (set.native_only) {
      const double wanted = each.operation == "canary.three" ? 3.0 : 1.0;
      figure = at->native ? at->native->allocations.worst() : 0.0;
      missed = at->error;
      if (missed.empty() && std::abs(figure - wanted) > tolerance)
        missed = "the interposer is blind";
    } else {
      figure = at->dhat ? at->dhat->allocations.worst() : 0.0;
      missed = each.missed(*at, tolerance);
    }
    every = every && missed.empty();
    out.add({.name = each.operation,
             .verdict = missed.empty() ? "SEEN" : "NOT SEEN",
             .figure = figure,
             .unit = "allocs/op",
             .detail = missed.empty() ? each.expects
                                      : fmt::format("expected {}; {}", each.expects, missed),
             .more = more_of(set, *at)});
  }
  return every;
}

const audit::measurement* find(const std::vector<audit::measurement>& all,
                               const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const audit::measurement& m) { return m.operation == name; });
  return at == all.end() ? nullptr : &*at;
}

// Judged against the limit, less what a baseline operation costs. `text` is what a failure shows below.
row judged(const settings& set, const audit::measurement& seen, const audit::measurement* baseline,
           const audit::budget& limit, double tolerance, std::string& text) {
  row result{.name = seen.operation,
             .verdict = "PASS",
             .figure = 0.0,
             .unit = "allocs/op",
             .detail = {},
             .more = more_of(set, seen)};
  result.more["limit"] = limit.allocs_per_op_max;
  const std::string less = baseline == nullptr ? "" : fmt::format(", less {}", baseline->operation);
  if (set.native_only) {
    audit::slope counted = seen.native->allocations;
    if (baseline != nullptr) {
      counted.early -= baseline->native->allocations.early;
      counted.late -= baseline->native->allocations.late;
    }
    result.figure = counted.worst();
    if (counted.worst() > limit.allocs_per_op_max + tolerance || !counted.linear(tolerance)) {
      result.verdict = "FAIL";
    }
    result.detail = fmt::format("limit {:.4f}{}; natively only", limit.allocs_per_op_max, less);
    return result;
  }
  const audit::cost spent =
      baseline == nullptr ? *seen.dhat : audit::beyond(*seen.dhat, *baseline->dhat);
  result.figure = spent.allocations.worst();
  std::string broken = broken_by(spent, limit, tolerance);
  const std::string apart = audit::disagreement(*seen.dhat, *seen.native, tolerance);
  if (!apart.empty()) broken += (broken.empty() ? "" : "; ") + apart;
  const std::string shown =
      fmt::format("{:.1f} B/op; live {:.1f} B/op; native {:.4f}{}", spent.bytes.worst(),
                  spent.live_bytes.worst(), seen.native->allocations.worst(), less);
  if (broken.empty()) {
    result.detail = fmt::format("limit {:.4f}; {}", limit.allocs_per_op_max, shown);
    return result;
  }
  result.verdict = "FAIL";
  result.detail = fmt::format("{} ({})", broken, shown);
  text = stacks_text(*seen.dhat) + "  repeat: " + repeat(set, seen.operation);
  return result;
}

// Every operation has a budget and every budget an operation; a renamed one is not a passed one.
bool same_names(const std::vector<std::string>& operations, const audit::budgets& limits,
                reporter& out) {
  bool same = true;
  const auto missing = [&](const std::string& name, const std::string& why) {
    same = false;
    out.add({.name = name,
             .verdict = "MISSING",
             .figure = std::nan(""),
             .unit = "allocs/op",
             .detail = why});
  };
  const std::set<std::string> known(operations.begin(), operations.end());
  for (const std::string& name : operations) {
    if (!limits.operations.contains(name)) missing(name, "the budgets file does not name it");
  }
  for (const auto& [name, limit] : limits.operations) {
    if (!known.contains(name)) missing(name, "a budget for an operation that does not exist");
  }
  return same;
}

outcome body(const settings& set) {
  if (set.n < 4096 || set.n > 1'048'576 || set.n % 4096 != 0) {
    refuse(fmt::format("--n: {} is not a multiple of 4096 in [4096, 1048576]", set.n));
  }
  if (set.jobs > 64) refuse(fmt::format("--jobs: {} is not in [0, 64]", set.jobs));
  if (set.ops_program.empty() != set.native_program.empty()) {
    refuse("--ops and --native-ops go together: the same operations, without and with the counter");
  }
  audit::laboratory lab{.dhat_program = set.ops_program.empty() ? beside_me("jacquard-audit-ops")
                                                                : fs::path(set.ops_program),
                        .native_program = set.native_program.empty()
                                              ? beside_me("jacquard-audit-native")
                                              : fs::path(set.native_program),
                        .scratch = {},
                        .n = set.n};
  const auto listed = audit::list_operations(lab.dhat_program);
  if (!listed) refuse(listed.error());
  const auto native_listed = audit::list_operations(lab.native_program);
  if (!native_listed) refuse(native_listed.error());
  if (*listed != *native_listed) lacks("the two programs do not list the same operations");

  std::vector<std::string> operations;
  for (const std::string& name : *listed) {
    if (!name.starts_with("canary.")) operations.push_back(name);
  }
  std::vector<std::string> chosen = select(operations, set.shared.filter, "operations");
  if (!set.op.empty()) {
    if (std::find(operations.begin(), operations.end(), set.op) == operations.end()) {
      refuse(fmt::format("--op: '{}' is unknown; --list names the {} operations", set.op,
                         operations.size()));
    }
    chosen = {set.op};
  }
  if (set.shared.list) {
    for (const std::string& name : chosen) fmt::print("{}\n", name);
    return outcome::held;
  }

  const fs::path budgets_file = set.budgets.empty() ? default_budgets() : fs::path(set.budgets);
  const audit::budgets limits = read_budgets(budgets_file);
  const scratch_folder scratch(set.keep);
  lab.scratch = scratch.path();
  reporter out(set.shared);
  nlohmann::json env = environment_record();
  for (const fs::path& program : {lab.dhat_program, lab.native_program}) {
    env["programs"][program.filename().string()] = file_digest(program);
  }
  env["n"] = set.n;
  out.record(env);

  if (!all_canaries_seen(set, lab, limits.tolerance, out)) {
    out.finish();
    lacks("a canary was not seen: this audit cannot fail, so it says nothing");
  }
  const bool census = same_names(operations, limits, out);
  std::vector<std::string> wanted;
  for (const std::string& name : chosen) {
    const auto limit = limits.operations.find(name);
    if (limit == limits.operations.end()) continue;
    wanted.push_back(name);
    if (!limit->second.baseline.empty()) wanted.push_back(limit->second.baseline);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const auto measured = measure_all(set, lab, wanted, {}, out);
  std::size_t kept = 0;
  std::size_t failed = 0;
  for (const std::string& name : chosen) {
    const audit::measurement* const seen = find(measured, name);
    if (seen == nullptr) continue;  // no budget: said above
    const audit::budget& limit = limits.operations.at(name);
    const audit::measurement* const baseline =
        limit.baseline.empty() ? nullptr : find(measured, limit.baseline);
    const bool no_baseline =
        !limit.baseline.empty() && (baseline == nullptr || !baseline->error.empty());
    if (!seen->error.empty() || no_baseline) {
      out.add({.name = name,
               .verdict = "MISSING",
               .figure = std::nan(""),
               .unit = "allocs/op",
               .detail = seen->error.empty()
                             ? fmt::format("its baseline '{}' was not measured", limit.baseline)
                             : seen->error,
               .more = more_of(set, *seen)});
      continue;
    }
    std::string text;
    const row result = judged(set, *seen, baseline, limit, limits.tolerance, text);
    out.add(result);
    if (!text.empty()) out.say(text);
    ++(result.verdict == "PASS" ? kept : failed);
  }
  const std::size_t unmeasured = chosen.size() - kept - failed;
  out.say(
      fmt::format("audit: {} operations, {} kept their budget, {} broke it, {} not measured; "
                  "N = {}; canaries seen",
                  chosen.size(), kept, failed, unmeasured, set.n));
  out.finish();
  if (!census || unmeasured != 0) return outcome::missing;
  return failed == 0 ? outcome::held : outcome::found;
}

}  // namespace

int main(int argc, char** argv) {
  settings set;
  CLI::App app{
      "Allocations per operation, exactly: slopes over N, 2N and 3N operations under DHAT, and\n"
      "the same numbers from our own interposer in a separate run.",
      "jacquard audit"};
  add_shared_options(app, set.shared);
  app.add_option("--op", set.op, "Only this operation")->type_name("NAME");
  app.add_option("--n", set.n,
                 "Operations of the shortest run; a multiple of 4096 [4096, 1048576]");
  app.add_option("--budgets", set.budgets, "What each operation may cost (TOML)")
      ->type_name("FILE");
  app.add_flag("--native-only", set.native_only, "Without DHAT: counts only, no stacks, no bytes");
  app.add_option("--keep", set.keep, "Keep DHAT's profiles in DIR")->type_name("DIR");
  app.add_option("--jobs", set.jobs, "Runs at once; 0: one per core, 4 at most [0, 64]");
  app.add_option("--ops", set.ops_program, "Another program of operations, nothing interposed")
      ->type_name("PROGRAM");
  app.add_option("--native-ops", set.native_program,
                 "The same operations with jacquard::alloc_audit")
      ->type_name("PROGRAM");
  return run(app, argc, argv, [&] { return body(set); });
}
