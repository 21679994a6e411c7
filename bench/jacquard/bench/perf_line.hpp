// jacquard/bench/perf_line.hpp: the PERF lines on standard error, written and read back.
//
//   PERF: <name> <median>us (mean: <mean>us, min: <min>us, max: <max>us, p95: <p95>us, p99:
//   <p99>us, n: <n>) PERF: <throughput_name> <per_second> calls/sec (<calls> calls in <elapsed>ms)
//   PERF: <name_ratio> <ratio>x
//
// Names are [A-Za-z0-9_./:-]+, begin with `throughput_` in the second form and end in `_ratio` in
// the third. Numbers are finite, not negative, and written in plain decimals with as many digits as
// it takes to read the same double back: no exponents, so `[0-9.]+` matches each of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace jacquard::bench {

struct latency_line {
  std::string name;
  double median_us = 0, mean_us = 0, min_us = 0, max_us = 0, p95_us = 0, p99_us = 0;
  std::uint64_t n = 0;
  friend bool operator==(const latency_line&, const latency_line&) = default;
};

struct throughput_line {
  std::string name;  // throughput_...
  double calls_per_second = 0;
  std::uint64_t calls = 0;
  double elapsed_ms = 0;
  friend bool operator==(const throughput_line&, const throughput_line&) = default;
};

struct ratio_line {
  std::string name;  // ..._ratio
  double ratio = 0;
  friend bool operator==(const ratio_line&, const ratio_line&) = default;
};

using perf_line = std::variant<latency_line, throughput_line, ratio_line>;

/// The line without a newline. Empty where the name or a number does not fit the grammar.
[[nodiscard]] std::string format(const perf_line& line);

/// The line that `format` wrote; nothing where the text is not exactly one PERF line.
[[nodiscard]] std::optional<perf_line> parse_perf_line(std::string_view text);

/// Makes a name fit: every other character becomes '_'.
[[nodiscard]] std::string perf_name(std::string_view name);

/// A number in plain decimals that reads back as the same double.
[[nodiscard]] std::string plain_decimal(double value);

}  // namespace jacquard::bench
