#include <jacquard/model/explore/schedule.hpp>

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace jacquard::model::explorer {

namespace {
constexpr char prefix[] = "explore:";
constexpr std::string_view step_digits = "0123456789abcdef";
static_assert(step_digits.size() == threads_max);
}  // namespace

schedule schedule_of(const graph& g, bool in_order) {
  schedule s;
  s.threads.resize(g.threads());
  for (unsigned t = 0; t < g.threads(); ++t) {
    for (std::size_t i = 0; i < g.length(t); ++i) {
      const event& e = g[g.at(t, i)];
      scheduled_event made{.kind = e.kind};
      if (e.is_read() && e.source >= 0) {
        made.source_thread = g[e.source].thread;
        made.source_index = g[e.source].index;
      }
      if (e.is_write()) made.rank = e.position;
      made.spurious = e.spurious;
      s.threads[t].push_back(made);
    }
  }
  for (event_id id = 0; in_order && id <= g.newest(); ++id) {
    if (g[id].part != part::write_part) s.steps.push_back(g[id].thread);
  }
  return s;
}

std::string to_string(const schedule& s) {
  std::string text = prefix;
  for (std::size_t t = 0; t < s.threads.size(); ++t) {
    if (t > 0) text += '/';
    for (std::size_t i = 0; i < s.threads[t].size(); ++i) {
      const scheduled_event& e = s.threads[t][i];
      if (i > 0) text += ',';
      switch (e.kind) {
        case event_kind::read:
          text += e.spurious ? 'x' : 'r';
          text += e.source_thread < 0
                      ? "-"
                      : std::to_string(e.source_thread) + "." + std::to_string(e.source_index);
          break;
        case event_kind::write:
          text += "w" + std::to_string(e.rank);
          break;
        case event_kind::fence:
          text += 'f';
          break;
        case event_kind::spawn:
          text += 's';
          break;
        case event_kind::join:
          text += 'j';
          break;
      }
    }
  }
  if (!s.steps.empty()) text += ';';
  for (const unsigned t : s.steps) text += step_digits[t];
  return text;
}

schedule schedule_from(const std::string& text) {
  std::size_t at = sizeof(prefix) - 1;
  const auto refuse = [&](const char* wanted) {
    throw std::invalid_argument("schedule: at character " + std::to_string(at + 1) + ": expected " +
                                wanted);
  };
  if (!text.starts_with(prefix)) {
    at = 0;
    refuse("'explore:'");
  }
  const auto number = [&] {
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (error != std::errc() || value < 0) refuse("a number");
    at = static_cast<std::size_t>(end - text.data());
    return value;
  };
  schedule s;
  s.threads.resize(1);
  while (at < text.size()) {
    const char c = text[at];
    if (c == '/') {
      if (s.threads.size() == threads_max) refuse("at most 16 threads");
      s.threads.emplace_back();
      ++at;
      continue;
    }
    if (c == ';') {
      while (++at < text.size()) {
        const std::size_t thread = step_digits.find(text[at]);
        if (thread >= s.threads.size()) refuse("one of the threads (0 to f)");
        s.steps.push_back(static_cast<unsigned>(thread));
      }
      break;
    }
    ++at;
    scheduled_event e;
    if (c == 'r' || c == 'x') {
      e.kind = event_kind::read;
      e.spurious = c == 'x';
      if (at < text.size() && text[at] == '-') {
        ++at;
      } else {
        e.source_thread = number();
        if (at >= text.size() || text[at] != '.') refuse("'.'");
        ++at;
        e.source_index = number();
        if (e.source_thread >= static_cast<std::int32_t>(threads_max)) refuse("a thread below 16");
      }
    } else if (c == 'w') {
      e.kind = event_kind::write;
      e.rank = number();
    } else if (c == 's') {
      e.kind = event_kind::spawn;
    } else if (c == 'j') {
      e.kind = event_kind::join;
    } else if (c != 'f') {
      --at;
      refuse("an event (r, x, w, f, s or j)");
    }
    s.threads.back().push_back(e);
    if (at < text.size() && text[at] == ',') ++at;
  }
  return s;
}

}  // namespace jacquard::model::explorer
