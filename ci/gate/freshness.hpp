// gate/freshness.hpp: is a record of this tree, and of now? A file's modification time says neither.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gate/budgets.hpp"
#include "gate/records.hpp"

namespace jacquard::gate {

using utc_time = std::chrono::sys_seconds;

/// "2026-11-21T03:46:00Z" and nothing else; none where the text is no such time.
[[nodiscard]] std::optional<utc_time> parse_utc(std::string_view text);

/// What freshness is judged against. Everything is handed in, so that tests can hand in their own.
struct present {
  utc_time now{};
  std::chrono::seconds age_max{24 * 3600};
  std::chrono::seconds future_max{300};
  /// The digest of the program of this name that stands there now; empty: there is none. Null: programs
  /// are not compared.
  std::function<std::string(const std::string& program)> program_digest;
  /// The digest of the sources now; empty: not compared.
  std::string source_digest;
};

/// Empty where the source's records are fresh; otherwise the reason. Every file must hold an env record,
/// at most `age_max` old, at most `future_max` ahead, written by the programs and sources of now.
[[nodiscard]] std::string stale_because(const source_records& source, const present& against);

/// The digest that `jacquard bench` records: SHA-256 over the lines "<sha256>  <path>" of every *.hpp in
/// runtime/jacquard/{sync,queue,memory,mailbox} below `tree`, sorted by path. Empty where there is none.
[[nodiscard]] std::string tree_digest(const std::filesystem::path& tree);

}  // namespace jacquard::gate
