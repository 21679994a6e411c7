#include "campaign_store.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim_command.hpp"

namespace jacquard::sim::tool {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t flush_every = 64;

}  // namespace

record record_of(const plan& what, const verified& result) {
  const run_result& run = result.first;
  record done{.seed = what.seed,
              .scenario = what.scenario,
              .hash = fmt::format("{:016x}", run.digest),
              .check = result.divergence ? "determinism" : signature(result),
              .detail = {},
              .events = run.events,
              .offered = run.sums.offered,
              .handled = run.sums.handled,
              .busy = run.sums.busy,
              .latency_p99 = run.latency_p99,
              .recovered = run.recovered_in.value_or(-1),
              .seen = run.seen.to_ullong()};
  if (result.divergence) {
    done.detail = *result.divergence;
  } else if (run.broken) {
    done.detail = run.broken->detail;
  }
  return done;
}

campaign_store::campaign_store(std::string path, const shard& part, std::string broken)
    : path_(std::move(path)), broken_(std::move(broken)) {
  if (path_.empty()) return;
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (failed) command::refuse(fmt::format("--out: cannot make '{}': {}", path_, failed.message()));
  build_ = fmt::format("{:016x}", digest_of(read_file("/proc/self/exe")));
  own_ = fmt::format("{}/seeds.{}-of-{}.jsonl", path_, part.index, part.count);
}

finished_seeds campaign_store::load() {
  finished_seeds found;
  if (path_.empty()) return found;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("seeds.") || !name.ends_with(".jsonl")) continue;
    std::istringstream lines(read_file(entry.path().string()));
    for (std::string line; std::getline(lines, line);) take(line, found);
  }
  return found;
}

void campaign_store::take(const std::string& line, finished_seeds& found) {
  const nlohmann::json read = nlohmann::json::parse(line, nullptr, false);
  if (read.is_discarded() || !read.is_object()) return;
  try {
    if (read.at("build") != build_ || read.at("canary") != broken_) {
      ++stale_;
      return;
    }
    record done{.seed = read.at("seed"),
                .scenario = read.at("scenario"),
                .hash = read.at("hash"),
                .check = read.at("check"),
                .detail = read.at("detail"),
                .events = read.at("events"),
                .offered = read.at("offered"),
                .handled = read.at("handled"),
                .busy = read.at("busy"),
                .latency_p99 = read.at("latency_p99_ns"),
                .recovered = read.at("recovered_ns"),
                .seen = read.at("seen")};
    std::pair key{done.seed, done.scenario};
    found.emplace(std::move(key), std::move(done));
  } catch (const nlohmann::json::exception&) {
    // No record: its seed runs again.
  }
}

void campaign_store::append(const record& done) {
  if (path_.empty()) return;
  const nlohmann::json line{{"seed", done.seed},
                            {"scenario", done.scenario},
                            {"hash", done.hash},
                            {"check", done.check},
                            {"detail", done.detail},
                            {"events", done.events},
                            {"offered", done.offered},
                            {"handled", done.handled},
                            {"busy", done.busy},
                            {"latency_p99_ns", done.latency_p99},
                            {"recovered_ns", done.recovered},
                            {"seen", done.seen},
                            {"canary", broken_},
                            {"build", build_}};
  buffer_ += line.dump() + "\n";
  if (++buffered_ >= flush_every) flush();
}

void campaign_store::flush() {
  if (buffer_.empty()) return;
  std::ofstream out(own_, std::ios::binary | std::ios::app);
  // A line that a killed process left unfinished must not swallow the next record.
  if (!appended_ && fs::exists(own_) && !read_file(own_).empty() &&
      !read_file(own_).ends_with('\n')) {
    out << '\n';
  }
  appended_ = true;
  out << buffer_;
  if (!out.flush()) command::refuse(fmt::format("--out: cannot write '{}'", own_));
  buffer_.clear();
  buffered_ = 0;
}

void campaign_store::save_plan(const plan& what) const {
  if (path_.empty()) return;
  write_file(fmt::format("{}/{}-0x{:x}.toml", path_, what.scenario, what.seed), to_toml(what));
}

}  // namespace jacquard::sim::tool
