#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

#include <jacquard/bench/perf_line.hpp>

namespace jacquard::bench {
namespace {

const std::regex latency_grammar(
    R"(PERF: [A-Za-z0-9_./:-]+ [0-9]+(\.[0-9]+)?us \(mean: [0-9]+(\.[0-9]+)?us, min: [0-9]+(\.[0-9]+)?us, )"
    R"(max: [0-9]+(\.[0-9]+)?us, p95: [0-9]+(\.[0-9]+)?us, p99: [0-9]+(\.[0-9]+)?us, n: [0-9]+\))");
const std::regex throughput_grammar(
    R"(PERF: throughput_[A-Za-z0-9_./:-]* [0-9]+(\.[0-9]+)? calls/sec \([0-9]+ calls in [0-9]+(\.[0-9]+)?ms\))");
const std::regex ratio_grammar(R"(PERF: [A-Za-z0-9_./:-]*_ratio [0-9]+(\.[0-9]+)?x)");

// Not negative and finite, of every size.
rc::Gen<double> number() {
  return rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
    const double value = std::abs(std::bit_cast<double>(bits));
    return std::isfinite(value) ? value : static_cast<double>(bits >> 12);
  });
}
rc::Gen<std::string> name(const std::string& before, const std::string& after) {
  const std::string letters = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_./:-";
  const auto letter = rc::gen::elementOf(letters);
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::string>(letter)),
                      [=](const std::string& middle) { return before + middle + after; });
}

TEST(PerfLine, IsWrittenExactlyAsTheGrammarSays) {
  EXPECT_EQ(format(latency_line{.name = "mailbox_send",
                                .median_us = 0.5,
                                .mean_us = 0.75,
                                .min_us = 0.25,
                                .max_us = 12,
                                .p95_us = 1.5,
                                .p99_us = 3,
                                .n = 1000}),
            "PERF: mailbox_send 0.5us (mean: 0.75us, min: 0.25us, max: 12us, p95: 1.5us, p99: 3us, "
            "n: 1000)");
  EXPECT_EQ(format(throughput_line{.name = "throughput_sync_serial",
                                   .calls_per_second = 125000.5,
                                   .calls = 1000,
                                   .elapsed_ms = 8}),
            "PERF: throughput_sync_serial 125000.5 calls/sec (1000 calls in 8ms)");
  EXPECT_EQ(format(ratio_line{.name = "future_overhead_ratio", .ratio = 1.25}),
            "PERF: future_overhead_ratio 1.25x");
}

TEST(PerfLine, TinyAndHugeNumbersHaveNoExponent) {
  EXPECT_EQ(plain_decimal(1e-7), "0.0000001");
  EXPECT_EQ(plain_decimal(1e22), "10000000000000000000000");
  EXPECT_EQ(plain_decimal(0.1), "0.1");
}

TEST(PerfLine, WhatDoesNotFitIsNotWritten) {
  EXPECT_EQ(format(ratio_line{.name = "future_overhead", .ratio = 1}), "");
  EXPECT_EQ(format(ratio_line{.name = "a b_ratio", .ratio = 1}), "");
  EXPECT_EQ(format(ratio_line{.name = "x_ratio", .ratio = -1}), "");
  EXPECT_EQ(format(ratio_line{.name = "x_ratio", .ratio = std::nan("")}), "");
  EXPECT_EQ(format(throughput_line{.name = "sync_serial", .calls_per_second = 1}), "");
  EXPECT_EQ(format(latency_line{.name = "", .n = 1}), "");
  EXPECT_EQ(format(latency_line{.name = "x", .max_us = std::numeric_limits<double>::infinity()}),
            "");
  EXPECT_EQ(format(latency_line{.name = "x_ratio"}), "");
}

TEST(PerfLine, WhatIsNotOneLineOfTheGrammarIsNotRead) {
  for (const char* text : {
           "",
           "PERF:",
           "PERF: ",
           "PERF: x",
           "perf: x_ratio 1x",
           "PERF: x_ratio 1",
           "PERF: x_ratio 1x ",
           "PERF: x_ratio -1x",
           "PERF: x_ratio 1e3x",
           "PERF: x_ratio nanx",
           "PERF: x_ratio .5x",
           "PERF:  x_ratio 1x",
           "PERF: x_ratio 1.2.3x",
           "PERF: throughput_x 5 calls/sec (5 calls in 1s)",
           "PERF: throughput_x 5 calls/sec (5.5 calls in 1ms)",
           "PERF: x 1us (mean: 1us)",
           "PERF: x 1us (mean: 1us, min: 1us, max: 1us, p95: 1us, p99: 1us, n: "
           "18446744073709551616)",
           "PERF: x 1us (mean: 1us, min: 1us, max: 1us, p99: 1us, p95: 1us, n: 1)",
       }) {
    EXPECT_FALSE(parse_perf_line(text).has_value()) << text;
  }
}

TEST(PerfLine, AnyNameCanBeMadeToFit) {
  EXPECT_EQ(perf_name("mailbox batch@64"), "mailbox_batch_64");
}

RC_GTEST_PROP(PerfLine, ALatencyLineReadsBackAsItWas, ()) {
  const latency_line line{
      .name = *rc::gen::suchThat(name("m", "s"),
                                 [](const std::string& text) { return !text.ends_with("_ratio"); }),
      .median_us = *number(),
      .mean_us = *number(),
      .min_us = *number(),
      .max_us = *number(),
      .p95_us = *number(),
      .p99_us = *number(),
      .n = *rc::gen::arbitrary<std::uint64_t>()};
  const std::string text = format(line);
  RC_ASSERT(std::regex_match(text, latency_grammar));
  RC_ASSERT(parse_perf_line(text) == std::optional<perf_line>(line));
}

RC_GTEST_PROP(PerfLine, AThroughputLineReadsBackAsItWas, ()) {
  const throughput_line line{.name = *name("throughput_", ""),
                             .calls_per_second = *number(),
                             .calls = *rc::gen::arbitrary<std::uint64_t>(),
                             .elapsed_ms = *number()};
  const std::string text = format(line);
  RC_ASSERT(std::regex_match(text, throughput_grammar));
  RC_ASSERT(parse_perf_line(text) == std::optional<perf_line>(line));
}

RC_GTEST_PROP(PerfLine, ARatioLineReadsBackAsItWas, ()) {
  const ratio_line line{.name = *name("f", "_ratio"), .ratio = *number()};
  const std::string text = format(line);
  RC_ASSERT(std::regex_match(text, ratio_grammar));
  RC_ASSERT(parse_perf_line(text) == std::optional<perf_line>(line));
}

RC_GTEST_PROP(PerfLine, ALineThatLostACharacterIsNotTheSameLine, ()) {
  const ratio_line line{.name = *name("f", "_ratio"), .ratio = *number()};
  std::string text = format(line);
  text.erase(*rc::gen::inRange<std::size_t>(0, text.size()), 1);
  RC_ASSERT(parse_perf_line(text) != std::optional<perf_line>(line));
}

}  // namespace
}  // namespace jacquard::bench
