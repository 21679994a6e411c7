#include <jacquard/bench/perf_line.hpp>

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>

namespace jacquard::bench {

namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '/' || c == ':' || c == '-';
}

bool good_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!name_character(c)) return false;
  }
  return true;
}

bool throughput_name(std::string_view name) { return name.starts_with("throughput_"); }
bool ratio_name(std::string_view name) { return name.ends_with("_ratio"); }

template <class... Numbers>
bool good_numbers(Numbers... numbers) {
  return ((std::isfinite(numbers) && numbers >= 0.0) && ...);
}

// Reads a line from the left. Once something does not fit, nothing fits any more.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  reader& literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return fail();
    rest_.remove_prefix(expected.size());
    return *this;
  }
  reader& name(std::string& into) {
    std::size_t length = 0;
    while (length < rest_.size() && name_character(rest_[length])) ++length;
    if (length == 0) return fail();
    into.assign(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return *this;
  }
  reader& number(double& into) {
    // Digits and one point only: from_chars alone would take exponents, signs and words.
    std::size_t length = 0;
    while (length < rest_.size() &&
           ((rest_[length] >= '0' && rest_[length] <= '9') || rest_[length] == '.')) {
      ++length;
    }
    const char* const first = rest_.data();
    const auto [end, error] =
        std::from_chars(first, first + length, into, std::chars_format::fixed);
    if (length == 0 || rest_[0] == '.' || error != std::errc{} || end != first + length)
      return fail();
    rest_.remove_prefix(length);
    return *this;
  }
  reader& number(std::uint64_t& into) {
    const char* const first = rest_.data();
    const auto [end, error] = std::from_chars(first, first + rest_.size(), into);
    if (error != std::errc{}) return fail();
    rest_.remove_prefix(static_cast<std::size_t>(end - first));
    return *this;
  }
  [[nodiscard]] bool complete() const { return !failed_ && rest_.empty(); }

 private:
  reader& fail() {
    failed_ = true;
    rest_ = {};
    return *this;
  }
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::string plain_decimal(double value) {
  std::array<char, 512> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc{} ? std::string(text.data(), end) : std::string();
}

std::string perf_name(std::string_view name) {
  std::string fitted(name);
  for (char& c : fitted) {
    if (!name_character(c)) c = '_';
  }
  return fitted;
}

std::string format(const perf_line& line) {
  const auto us = [](double value) { return plain_decimal(value) + "us"; };
  if (const auto* latency = std::get_if<latency_line>(&line)) {
    if (!good_name(latency->name) || throughput_name(latency->name) || ratio_name(latency->name) ||
        !good_numbers(latency->median_us, latency->mean_us, latency->min_us, latency->max_us,
                      latency->p95_us, latency->p99_us)) {
      return {};
    }
    return fmt::format("PERF: {} {} (mean: {}, min: {}, max: {}, p95: {}, p99: {}, n: {})",
                       latency->name, us(latency->median_us), us(latency->mean_us),
                       us(latency->min_us), us(latency->max_us), us(latency->p95_us),
                       us(latency->p99_us), latency->n);
  }
  if (const auto* rate = std::get_if<throughput_line>(&line)) {
    if (!good_name(rate->name) || !throughput_name(rate->name) ||
        !good_numbers(rate->calls_per_second, rate->elapsed_ms)) {
      return {};
    }
    return fmt::format("PERF: {} {} calls/sec ({} calls in {}ms)", rate->name,
                       plain_decimal(rate->calls_per_second), rate->calls,
                       plain_decimal(rate->elapsed_ms));
  }
  const auto& ratio = std::get<ratio_line>(line);
  if (!good_name(ratio.name) || throughput_name(ratio.name) || !ratio_name(ratio.name) ||
      !good_numbers(ratio.ratio)) {
    return {};
  }
  return fmt::format("PERF: {} {}x", ratio.name, plain_decimal(ratio.ratio));
}

std::optional<perf_line> parse_perf_line(std::string_view text) {
  std::string name;
  reader head(text);
  head.literal("PERF: ").name(name);

  if (throughput_name(name)) {
    throughput_line rate;
    reader all(text);
    all.literal("PERF: ").name(rate.name).literal(" ").number(rate.calls_per_second);
    all.literal(" calls/sec (").number(rate.calls).literal(" calls in ").number(rate.elapsed_ms);
    if (all.literal("ms)").complete()) return rate;
    return std::nullopt;
  }
  if (ratio_name(name)) {
    ratio_line ratio;
    reader all(text);
    all.literal("PERF: ").name(ratio.name).literal(" ").number(ratio.ratio).literal("x");
    if (all.complete()) return ratio;
    return std::nullopt;
  }
  latency_line latency;
  reader all(text);
  all.literal("PERF: ").name(latency.name).literal(" ").number(latency.median_us);
  all.literal("us (mean: ").number(latency.mean_us).literal("us, min: ").number(latency.min_us);
  all.literal("us, max: ").number(latency.max_us).literal("us, p95: ").number(latency.p95_us);
  all.literal("us, p99: ").number(latency.p99_us).literal("us, n: ").number(latency.n);
  if (all.literal(")").complete()) return latency;
  return std::nullopt;
}

}  // namespace jacquard::bench
