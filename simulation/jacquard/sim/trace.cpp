#include <jacquard/sim/trace.hpp>

#include <fmt/core.h>

namespace jacquard::sim {

namespace {

// Microseconds with three decimals, written without floating point.
std::string stamp(nanoseconds at) { return fmt::format("{}.{:03}", at / 1000, at % 1000); }

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

trace::trace(std::string_view title) {
  add(fmt::format(R"({{"ph":"M","pid":1,"tid":0,"name":"process_name","args":{{"name":{}}}}})",
                  quoted(title)));
}

void trace::add(std::string_view event) {
  if (!events_.empty()) events_ += ",\n";
  events_ += event;
}

void trace::names_track(std::uint32_t track, std::string_view name) {
  add(fmt::format(R"({{"ph":"M","pid":1,"tid":{},"name":"thread_name","args":{{"name":{}}}}})",
                  track, quoted(name)));
  add(fmt::format(
      R"({{"ph":"M","pid":1,"tid":{0},"name":"thread_sort_index","args":{{"sort_index":{0}}}}})",
      track));
}

void trace::slice(std::uint32_t track, std::string_view name, nanoseconds begin, nanoseconds end) {
  add(fmt::format(R"({{"ph":"X","pid":1,"tid":{},"ts":{},"dur":{},"name":{},"cat":"run"}})", track,
                  stamp(begin), stamp(end - begin), quoted(name)));
}

void trace::counter(std::string_view name, nanoseconds at, std::uint64_t value) {
  add(fmt::format(R"({{"ph":"C","pid":1,"ts":{},"name":{},"args":{{"messages":{}}}}})", stamp(at),
                  quoted(name), value));
}

void trace::arrow_from(std::uint32_t track, nanoseconds at, std::uint64_t id) {
  add(fmt::format(R"({{"ph":"s","pid":1,"tid":{},"ts":{},"id":{},"name":"letter","cat":"letter"}})",
                  track, stamp(at), id));
}

void trace::arrow_to(std::uint32_t track, nanoseconds at, std::uint64_t id) {
  add(fmt::format(
      R"({{"ph":"f","bp":"e","pid":1,"tid":{},"ts":{},"id":{},"name":"letter","cat":"letter"}})",
      track, stamp(at), id));
}

void trace::instant(std::uint32_t track, std::string_view name, nanoseconds at) {
  add(fmt::format(R"({{"ph":"i","s":"p","pid":1,"tid":{},"ts":{},"name":{},"cat":"fault"}})", track,
                  stamp(at), quoted(name)));
}

std::string trace::to_json(std::uint64_t seed, std::uint64_t digest) const {
  return fmt::format(
      "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"seed\":\"0x{:x}\",\"digest\":\"{:016x}\"}},\n"
      "\"traceEvents\":[\n{}\n]}}\n",
      seed, digest, events_);
}

}  // namespace jacquard::sim
