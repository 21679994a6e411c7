#include "gate/freshness.hpp"

#include <fmt/core.h>
#include <sha2.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

namespace jacquard::gate {

namespace {

std::string sha256(std::string_view text) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> hex{};
  SHA256Data(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), hex.data());
  return hex.data();
}

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

std::string span(std::chrono::seconds length) {
  const auto hours = length.count() / 3600;
  return fmt::format("{} h {:02} min {:02} s", hours, length.count() / 60 % 60,
                     length.count() % 60);
}

std::string stale_programs(const nlohmann::json& env, const present& against) {
  const auto programs = env.find("programs");
  if (!against.program_digest || programs == env.end() || !programs->is_object()) return {};
  for (const auto& [name, digest] : programs->items()) {
    const std::string now = against.program_digest(name);
    if (now.empty()) return fmt::format("the program '{}' that wrote it is not here", name);
    if (!digest.is_string() || digest.get<std::string>() != now) {
      return fmt::format("'{}' has been built anew since: {} then, {} now", name, digest.dump(),
                         now);
    }
  }
  return {};
}

std::string stale_record(const nlohmann::json& env, const present& against) {
  const std::string said = text_of(env, "generated_at");
  const std::optional<utc_time> at = parse_utc(said);
  if (!at) return fmt::format("generated_at '{}' is no time like 2026-11-21T03:46:00Z", said);
  const std::chrono::seconds age = against.now - *at;
  if (age > against.age_max) {
    return fmt::format("generated at {}, {} ago; at most {}", said, span(age),
                       span(against.age_max));
  }
  if (-age > against.future_max) {
    return fmt::format("generated at {}, {} in the future; at most {}", said, span(-age),
                       span(against.future_max));
  }
  if (text_of(env, "config_hash").empty()) return "its config_hash is empty";
  const std::string digest = text_of(env, "source_digest");
  if (!against.source_digest.empty() && !digest.empty() && digest != against.source_digest) {
    return fmt::format("measured on the sources {:.12}, and the tree is {:.12}", digest,
                       against.source_digest);
  }
  return stale_programs(env, against);
}

}  // namespace

std::optional<utc_time> parse_utc(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00Z";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !digit : text[i] != shape[i]) return std::nullopt;
  }
  const auto number = [&text](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char digit : text.substr(from, count)) value = value * 10 + (digit - '0');
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

std::string stale_because(const source_records& source, const present& against) {
  if (!source.files_without_environment.empty()) {
    return fmt::format("{}: no env record, so its age is unknown",
                       source.files_without_environment.front());
  }
  for (const nlohmann::json& env : source.environments) {
    const std::string why = stale_record(env, against);
    if (!why.empty()) return why;
  }
  return source.environments.empty() ? "no env record" : "";
}

std::string tree_digest(const std::filesystem::path& tree) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  for (const char* folder : {"sync", "queue", "memory", "mailbox"}) {
    const fs::path below = fs::path("runtime/jacquard") / folder;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(tree / below, error)) {
      if (entry.path().extension() == ".hpp") {
        paths.push_back((below / entry.path().filename()).string());
      }
    }
  }
  if (paths.empty()) return {};
  std::sort(paths.begin(), paths.end());
  std::string lines;
  for (const std::string& path : paths) {
    std::ifstream in(tree / path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    lines += fmt::format("{}  {}\n", sha256(text), path);
  }
  return sha256(lines);
}

}  // namespace jacquard::gate
