// ops/op.hpp: one audited operation, and the list of them that a program holds.
//
// The same operations are linked into two programs: jacquard-audit-ops, which runs under DHAT and has
// nothing interposed, and jacquard-audit-native, which counts by itself. Both print `ops_done N`.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jacquard::audit {

/// Performs the operation n times, after whatever set-up it needs, and returns how often it really did
/// (counted, not echoed). Set-up cancels in the slope, so it need not be subtracted.
struct op {
  std::string name;
  std::uint64_t (*run)(std::uint64_t n);
};

/// Every operation linked into this program.
[[nodiscard]] std::vector<op>& ops();

/// Registers an operation before main.
struct registered {
  registered(std::string name, std::uint64_t (*run)(std::uint64_t n)) {
    ops().push_back({.name = std::move(name), .run = run});
  }
};

/// Ends the program where an operation did not do what its name says: an audit of something else would
/// be worth nothing.
void must(bool holds, const char* claim) noexcept;

/// Parses `--list`, `--op NAME --n N` or `--serve` and runs. `before` and `report` are called before and after an
/// operation. `--serve` takes a request a line from standard input, `OUTPUT<tab>ERRORS<tab>NAME<tab>N`, until it ends:
/// for each the program forks, says `began PID`, and does in the child what `--op NAME --n N` does, with its
/// standard streams in those two files; then it says `ended STATUS`, as waitpid gave it.
int ops_main(int argc, char** argv, void (*before)(), void (*report)());

}  // namespace jacquard::audit
