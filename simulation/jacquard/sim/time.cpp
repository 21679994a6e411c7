#include <jacquard/sim/time.hpp>

#include <array>

namespace jacquard::sim {

namespace {

struct unit {
  std::string_view name;
  nanoseconds size;
};
constexpr std::array units{unit{"m", 60 * second}, unit{"s", second}, unit{"ms", millisecond},
                           unit{"us", microsecond}, unit{"ns", 1}};

std::optional<nanoseconds> size_of(std::string_view name) {
  for (const unit& candidate : units) {
    if (candidate.name == name) return candidate.size;
  }
  return std::nullopt;
}

}  // namespace

std::optional<nanoseconds> parse_time(std::string_view text) {
  const std::size_t digits_end = text.find_first_not_of("0123456789.");
  if (digits_end == std::string_view::npos || digits_end == 0) return std::nullopt;
  const std::optional<nanoseconds> size = size_of(text.substr(digits_end));
  if (!size) return std::nullopt;

  const std::string_view number = text.substr(0, digits_end);
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view{} : number.substr(point + 1);
  if (whole.empty() || whole.size() > 14 || decimals.size() > 9) return std::nullopt;
  if (point != std::string_view::npos && decimals.empty()) return std::nullopt;

  std::int64_t count = 0;
  for (const char c : whole) count = count * 10 + (c - '0');
  if (count > longest / *size) return std::nullopt;
  nanoseconds time = count * *size;

  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  for (const char c : decimals) {
    if (c == '.') return std::nullopt;
    numerator = numerator * 10 + (c - '0');
    denominator *= 10;
  }
  // At most 1e9 * 6e10: inside 64 bits only for whole products, so divide what can be divided first.
  const __int128 scaled = static_cast<__int128>(numerator) * *size;
  if (scaled % denominator != 0) return std::nullopt;
  time += static_cast<nanoseconds>(scaled / denominator);
  return time <= longest ? std::optional{time} : std::nullopt;
}

std::string to_text(nanoseconds time) {
  if (time == 0) return "0s";
  for (const unit& candidate : units) {
    if (time % candidate.size == 0) {
      return std::to_string(time / candidate.size) + std::string(candidate.name);
    }
  }
  return std::to_string(time) + "ns";
}

std::string to_short_text(nanoseconds time) {
  for (const unit& candidate : {units[1], units[2], units[3]}) {
    if (time >= candidate.size) {
      return std::to_string(time / candidate.size) + '.' +
             std::to_string(time % candidate.size * 10 / candidate.size) +
             std::string(candidate.name);
    }
  }
  return std::to_string(time) + "ns";
}

}  // namespace jacquard::sim
