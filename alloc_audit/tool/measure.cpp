#include "tool/measure.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tool/child.hpp"

namespace jacquard::audit {

namespace {

std::string last_line(const std::string& text) {
  std::string last;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

// Empty where the run did what it was asked for.
std::string why_unusable(const child_result& run, std::uint64_t asked) {
  if (!run.clean()) {
    return fmt::format("ended with {}; {}", run.ending(), last_line(run.errors));
  }
  const std::string wanted = fmt::format("ops_done {}\n", asked);
  if (run.output.size() < wanted.size() || !run.output.ends_with(wanted)) {
    const std::string said = last_line(run.output);
    return fmt::format("said '{}' instead of 'ops_done {}'", said, asked);
  }
  return {};
}

}  // namespace

void measure_dhat(const laboratory& lab, dhat_server& server, measurement& into) {
  std::array<profile, 3> runs;
  for (std::uint64_t k = 1; k <= 3; ++k) {
    const std::uint64_t n = k * lab.n;
    const std::filesystem::path file = lab.scratch / fmt::format("{}.{}N.json", into.operation, k);
    const child_result run = server.run(into.operation, n, file);
    if (!run.started) {
      into.error = fmt::format("{} {}: apt-get install valgrind", lab.valgrind, run.ending());
      return;
    }
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    tl::expected<profile, std::string> read = parse_dhat(text);
    into.profile_well_formed = read.has_value();
    into.error = why_unusable(run, n);
    if (into.error.empty() && !read) into.error = "DHAT's profile: " + read.error();
    if (!into.error.empty()) {
      into.error = fmt::format("under DHAT, n = {}: {}", n, into.error);
      return;
    }
    runs[k - 1] = std::move(*read);
  }
  into.dhat = cost_of(runs, lab.n);
}

void measure_native(const laboratory& lab, measurement& into) {
  std::array<std::uint64_t, 3> allocations{};
  std::array<std::uint64_t, 3> live{};
  for (std::uint64_t k = 1; k <= 3; ++k) {
    const std::uint64_t n = k * lab.n;
    const child_result run = run_child(
        {lab.native_program.string(), "--op", into.operation, "--n", fmt::format("{:09}", n)},
        lab.time_max);
    into.error = why_unusable(run, n);
    std::istringstream words(run.output);
    std::string word;
    std::uint64_t frees = 0;
    if (into.error.empty() &&
        (!(words >> word >> allocations[k - 1] >> frees) || word != "tally")) {
      into.error = "said no 'tally ALLOCATIONS FREES BYTES'";
    }
    if (!into.error.empty()) {
      into.error = fmt::format("natively, n = {}: {}", n, into.error);
      return;
    }
    live[k - 1] = allocations[k - 1] - frees;
  }
  into.native = {.allocations = slope_of(allocations[0], allocations[1], allocations[2], lab.n),
                 .live_blocks = slope_of(live[0], live[1], live[2], lab.n)};
}

tl::expected<std::vector<std::string>, std::string> list_operations(
    const std::filesystem::path& program) {
  const child_result run = run_child({program.string(), "--list"}, std::chrono::seconds(30));
  if (!run.clean()) {
    return tl::unexpected(fmt::format("'{} --list' {}", program.string(), run.ending()));
  }
  std::vector<std::string> names;
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  if (names.empty())
    return tl::unexpected(fmt::format("'{}' lists no operation", program.string()));
  return names;
}

std::string disagreement(const cost& dhat, const native_cost& native, double tolerance) {
  const auto apart = [tolerance](const slope& a, const slope& b) {
    return std::abs(a.early - b.early) > tolerance || std::abs(a.late - b.late) > tolerance;
  };
  std::string what;
  if (apart(dhat.allocations, native.allocations)) {
    what = fmt::format("DHAT counts {:.4f} allocs/op, the interposer {:.4f}",
                       dhat.allocations.worst(), native.allocations.worst());
  }
  if (apart(dhat.live_blocks, native.live_blocks)) {
    if (!what.empty()) what += "; ";
    what += fmt::format("DHAT sees {:.4f} blocks/op left, the interposer {:.4f}",
                        dhat.live_blocks.worst(), native.live_blocks.worst());
  }
  return what;
}

}  // namespace jacquard::audit
