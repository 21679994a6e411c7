#include "tool/dhat.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace jacquard::audit {

namespace {

using nlohmann::json;

std::vector<std::string> lines_of(const std::string& key) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  while (start < key.size()) {
    const std::size_t end = std::min(key.find('\n', start), key.size());
    lines.push_back(key.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

// "function (file:line)" -> "file"; empty where there is none.
std::string_view file_of(std::string_view frame) {
  const std::size_t open = frame.rfind('(');
  const std::size_t colon = frame.rfind(':');
  if (open == std::string_view::npos || colon == std::string_view::npos || colon < open) return {};
  return frame.substr(open + 1, colon - open - 1);
}

std::uint64_t count(const json& point, const char* field) {
  const auto at = point.find(field);
  if (at == point.end() || !at->is_number_unsigned()) {
    throw std::runtime_error(fmt::format("a program point lacks the count '{}'", field));
  }
  return at->get<std::uint64_t>();
}

std::string key_of(const json& point, const std::vector<std::string>& frames) {
  std::string key;
  for (const json& index : point.at("fs")) {
    const auto number = index.get<std::size_t>();
    if (number >= frames.size()) throw std::runtime_error("a stack points outside the frame table");
    const std::string& frame = frames[number];
    if (frame.empty()) continue;
    if (!key.empty()) key += '\n';
    key += frame;
  }
  return key;
}

}  // namespace

program_point profile::total() const {
  program_point sum;
  for (const auto& [key, point] : points) {
    sum.blocks += point.blocks;
    sum.bytes += point.bytes;
    sum.live_bytes += point.live_bytes;
    sum.live_blocks += point.live_blocks;
    sum.peak_bytes += point.peak_bytes;
  }
  return sum;
}

std::string readable_frame(std::string_view frame) {
  if (frame.starts_with("0x")) {
    const std::size_t colon = frame.find(": ");
    if (colon != std::string_view::npos) frame.remove_prefix(colon + 2);
  }
  std::string text{frame};
  const std::size_t place = text.rfind("(./");
  if (place != std::string::npos) text.erase(place + 1, 2);
  return text;
}

bool is_plumbing(std::string_view frame) {
  // "???" frames hold whatever lay on the stack: they differ with argv.
  if (frame.find("vgpreload_dhat") != std::string_view::npos || frame.starts_with("???"))
    return true;
  constexpr std::array<std::string_view, 6> wrappers{
      "bits/new_allocator.h", "bits/allocator.h",    "bits/alloc_traits.h",
      "ext/alloc_traits.h",   "ext/new_allocator.h", "bits/allocated_ptr.h"};
  const std::string_view file = file_of(frame);
  return std::any_of(wrappers.begin(), wrappers.end(),
                     [&](std::string_view wrapper) { return file.ends_with(wrapper); });
}

bool is_ours(std::string_view frame) {
  const std::string_view file = file_of(frame);
  // glibc's frames read "elf/./elf/dl-init.c" and "misc/../sysdeps/...".
  return !file.empty() && !file.starts_with('/') && file.find("/./") == std::string_view::npos &&
         file.find("/../") == std::string_view::npos && file.find('/') != std::string_view::npos;
}

std::vector<std::string> leading_frames(const std::string& key, std::size_t frames_max) {
  std::vector<std::string> lines = lines_of(key);
  const auto first = std::find_if(lines.begin(), lines.end(),
                                  [](const std::string& line) { return is_ours(line); });
  if (first != lines.end()) lines.erase(lines.begin(), first);
  if (lines.size() > frames_max) lines.resize(frames_max);
  return lines;
}

tl::expected<profile, std::string> parse_dhat(std::string_view text) {
  try {
    const json root = json::parse(text);
    if (!root.is_object()) return tl::unexpected(std::string("the profile is no JSON object"));
    if (const int version = root.value("dhatFileVersion", 0); version != 2) {
      return tl::unexpected(fmt::format("dhatFileVersion {} is not 2", version));
    }
    if (const std::string mode = root.value("mode", ""); mode != "heap") {
      return tl::unexpected(fmt::format("mode '{}' is not 'heap'", mode));
    }
    std::vector<std::string> frames;
    for (const json& entry : root.at("ftbl")) {
      const std::string frame = readable_frame(entry.get<std::string>());
      frames.push_back(is_plumbing(frame) ? std::string{} : frame);
    }
    profile read;
    for (const json& point : root.at("pps")) {
      program_point& sum = read.points[key_of(point, frames)];
      sum.blocks += count(point, "tbk");
      sum.bytes += count(point, "tb");
      sum.live_bytes += count(point, "eb");
      sum.live_blocks += count(point, "ebk");
      sum.peak_bytes += count(point, "gb");
    }
    return read;
  } catch (const std::exception& error) {
    return tl::unexpected(std::string(error.what()));
  }
}

}  // namespace jacquard::audit
