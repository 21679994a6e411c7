// command/campaign_store.hpp: what a campaign has finished, as lines in a folder.
//
// Each process appends to a file of its own and reads all of them. A line stands alone: half a line, left by a
// process that was killed, is no record, and its seed runs again. So a folder can be shared, resumed and
// merged without anybody in charge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <jacquard/sim/run.hpp>

namespace jacquard::sim::tool {

/// Which part of a range of seeds a process takes: those with seed % count == index.
struct shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;
};

/// One finished seed.
struct record {
  std::uint64_t seed = 0;
  std::string scenario;
  std::string hash;
  std::string check;   // empty where it holds; "determinism" where the two runs differed
  std::string detail;  // what the check said
  std::uint64_t events = 0;
  std::uint64_t offered = 0;
  std::uint64_t handled = 0;
  std::uint64_t busy = 0;
  nanoseconds latency_p99 = 0;
  nanoseconds recovered =
      -1;                  // from the end of a burst to the first idle moment; -1: there was none
  std::uint64_t seen = 0;  // the points, as bits
};

[[nodiscard]] record record_of(const plan& what, const verified& result);

/// By seed and scenario: under another filter a seed means another scenario.
using finished_seeds = std::map<std::pair<std::uint64_t, std::string>, record>;

class campaign_store {
 public:
  /// An empty path keeps nothing. Refuses a folder that cannot be made.
  campaign_store(std::string path, const shard& part, std::string broken);

  /// What this very program finished before, in any process.
  finished_seeds load();
  void append(const record& done);
  void flush();
  void save_plan(const plan& what) const;

  /// Records of another build, or of another canary, that `load` left aside.
  [[nodiscard]] std::uint64_t stale() const noexcept { return stale_; }

 private:
  void take(const std::string& line, finished_seeds& found);

  std::string path_;
  std::string broken_;
  std::string build_;  // a digest of the running program
  std::string own_;    // this process's file
  std::string buffer_;
  std::size_t buffered_ = 0;
  bool appended_ = false;
  std::uint64_t stale_ = 0;
};

}  // namespace jacquard::sim::tool
