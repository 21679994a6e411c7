// report/evidence.hpp: what the page shows: every record, every file that should be there, and what each
// verdict means. What is not there is evidence too, and has its row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gate/records.hpp"

namespace jacquard::report {

/// What a verdict means to a reader, whichever room said it.
enum class standing : std::uint8_t { held, found, undecided, missing, noted };

/// Of a room's own word: "holds", "PASS", "BROKEN", "UNDECIDED", "STALE", "measured", ... A word that no
/// room is known to say is undecided, so that a new one is looked at.
[[nodiscard]] standing standing_of(std::string_view verdict);

/// One line of the page.
struct claim {
  std::string source;
  std::string name;
  std::string verdict;
  standing means = standing::missing;
  std::string figure;  // as it is shown
  std::string unit;
  std::string detail;
  std::string repeat;  // the command that repeats it
  std::string says;    // the claim in a sentence, where the room gives one
};

/// A kind of evidence that a whole run has, and the command that makes it.
struct expected_source {
  std::string name;
  std::string about;
  std::string command;
};

[[nodiscard]] const std::vector<expected_source>& expected_sources();

struct evidence {
  gate::record_set records;
  std::vector<claim> claims;  // in order of expected sources, then as recorded
  std::size_t missing_sources = 0;
};

/// Classifies every row, adds a MISSING line for every expected source without a file and a MALFORMED line
/// for every file that could not be read.
[[nodiscard]] evidence gather(gate::record_set records);

/// "1,234,567", "0.000", "8.123", "-" for none.
[[nodiscard]] std::string shown(std::optional<double> value);

}  // namespace jacquard::report
