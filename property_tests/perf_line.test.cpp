// The PERF lines of bench: what is written is read back, and nothing else is read.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <jacquard/bench/perf_line.hpp>
#include <jacquard/property/cases.hpp>
#include <string>

namespace jacquard::property {
namespace {

using namespace bench;

// Everyday figures, and any finite double that is not negative, down to the smallest.
rc::Gen<double> any_figure() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange(0, 1'000'000), [](int n) { return n / 1000.0; }),
      rc::gen::element(0.0, 1e-9, 5e-324, 1.7976931348623157e308, 0.1, 1.0 / 3.0),
      rc::gen::suchThat(
          rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                       [](std::uint64_t bits) { return std::bit_cast<double>(bits >> 1); }),
          [](double d) { return std::isfinite(d); }));
}

rc::Gen<std::string> any_name() {
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::string>(
                          rc::gen::elementOf(std::string("abcdefgXYZ0123456789_./:-")))),
                      [](std::string name) {
                        // The other forms' own marks.
                        while (name.starts_with("throughput_")) name.erase(0, 1);
                        while (name.ends_with("_ratio")) name.pop_back();
                        return name;
                      });
}

rc::Gen<perf_line> any_line() {
  return rc::gen::exec([]() -> perf_line {
    const std::string name = *any_name();
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        return latency_line{.name = name,
                            .median_us = *any_figure(),
                            .mean_us = *any_figure(),
                            .min_us = *any_figure(),
                            .max_us = *any_figure(),
                            .p95_us = *any_figure(),
                            .p99_us = *any_figure(),
                            .n = *rc::gen::arbitrary<std::uint64_t>()};
      case 1:
        return throughput_line{.name = "throughput_" + name,
                               .calls_per_second = *any_figure(),
                               .calls = *rc::gen::arbitrary<std::uint64_t>(),
                               .elapsed_ms = *any_figure()};
      default:
        return ratio_line{.name = name + "_ratio", .ratio = *any_figure()};
    }
  });
}

TEST(perf_line, what_is_written_is_read_back_to_the_last_bit) {
  EXPECT_TRUE(holds("any line", [](const signature_guard& guard) {
    const perf_line line = *any_line();
    const std::string text = format(line);
    RC_TAG(line.index() == 0 ? "latency" : line.index() == 1 ? "throughput" : "ratio");
    guard.require(!text.empty(), "writes", "a line in range is written");
    const auto back = parse_perf_line(text);
    guard.require(back.has_value(), "reads", text);
    guard.require(*back == line, "round trip", text);
  }));
}

TEST(perf_line, a_line_with_one_character_wrong_is_refused_or_is_another_line) {
  EXPECT_TRUE(holds("damaged lines", [](const signature_guard& guard) {
    const perf_line line = *any_line();
    std::string text = format(line);
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, *rc::gen::element(' ', '9', 'x', ',', '.', '\n', '-'));
        break;
      default:
        text[at] = *rc::gen::element(' ', '9', 'x', ',', '.', '\n', '-', 'e');
        break;
    }
    const auto back = parse_perf_line(text);
    RC_TAG(back ? "another line" : "refused");
    if (!back) return;
    const std::string again = format(*back);
    guard.require(!again.empty() && parse_perf_line(again) == back, "canonical", text);
  }));
}

}  // namespace
}  // namespace jacquard::property
