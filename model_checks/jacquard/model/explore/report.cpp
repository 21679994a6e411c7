#include <jacquard/model/explore/report.hpp>

#include <algorithm>
#include <bit>
#include <source_location>
#include <string_view>

namespace jacquard::model::explorer {

namespace {

constexpr std::size_t column = 44;

const char* word_for(order o) {
  switch (o) {
    case order::na:
      return "plain";
    case order::relaxed:
      return "relaxed";
    case order::acquire:
      return "acquire";
    case order::release:
      return "release";
    case order::acq_rel:
      return "acq_rel";
    case order::seq_cst:
      return "seq_cst";
  }
  return "?";
}

const char* word_for(update u) {
  switch (u) {
    case update::none:
      return "load";
    case update::add:
      return "add";
    case update::subtract:
      return "sub";
    case update::bit_or:
      return "or";
    case update::bit_and:
      return "and";
    case update::bit_xor:
      return "xor";
    case update::exchange:
      return "exchange";
    case update::compare:
      return "cas";
  }
  return "?";
}

std::string name_of(location_id where) {
  std::string name(1, static_cast<char>('a' + where % 26));
  return where < 26 ? name : name + std::to_string(where / 26);
}

std::string number(word value) {
  const auto as = static_cast<std::int64_t>(value);
  return as > -1'000'000 && as < 0 ? std::to_string(as) : std::to_string(value);
}

std::string numbered(event_id write) {
  return write < 0 ? std::string("initial") : "#" + std::to_string(write + 1);
}

}  // namespace

// Threads of the check as they are numbered in the columns; none for those that every check has.
static std::string numbers_of(word mask) {
  std::string text;
  if (std::popcount(mask) > 1) return text;
  for (unsigned t = 1; t < threads_max; ++t) {
    if ((mask >> t & 1) != 0) text += " " + std::to_string(t - 1);
  }
  return text;
}

std::string words_of(const graph& g, event_id id) {
  const event& e = g[id];
  switch (e.kind) {
    case event_kind::fence:
      return std::string("fence ") + word_for(e.order);
    case event_kind::spawn:
      return "start the threads" + numbers_of(e.value);
    case event_kind::join:
      return "join the threads" + numbers_of(e.value);
    case event_kind::write:
      return name_of(e.where) + " store " + number(e.value) + " " + word_for(e.order) + " #" +
             std::to_string(id + 1);
    case event_kind::read:
      break;
  }
  std::string text = name_of(e.where) + " " + word_for(e.update) + " ";
  const std::size_t next = static_cast<std::size_t>(e.index) + 1;
  if (e.update == update::compare && e.part == part::whole)
    text += e.spurious ? "fails spuriously " : "fails ";
  text += number(g.value_of(e.where, e.source));
  if (e.part == part::read_part && next < g.length(e.thread)) {
    text += "->" + number(g[g.at(e.thread, next)].value);
  }
  text += std::string(" ") + word_for(e.order) + " <-" + numbered(e.source);
  if (e.part == part::read_part && next < g.length(e.thread)) {
    text += " #" + std::to_string(g.at(e.thread, next) + 1);
  }
  return text;
}

std::string to_string_site(const void* site) {
  if (site == nullptr) return {};
  const auto at = std::bit_cast<std::source_location>(site);
  const std::string_view file = at.file_name();
  const std::size_t slash = file.rfind('/');
  return std::string(slash == std::string_view::npos ? file : file.substr(slash + 1)) + ":" +
         std::to_string(at.line());
}

std::vector<event_id> sequence_of(const graph& g) {
  std::vector<event_id> sequence;
  std::array<std::size_t, threads_max> shown{};
  const auto shows = [&](event_id id) {
    return id < 0 || static_cast<std::size_t>(g[id].index) < shown[g[id].thread];
  };
  const auto ready = [&](unsigned t) {
    if (shown[t] == g.length(t)) return false;
    if (shown[t] == 0 && g.start_of(t) >= 0 && !shows(g.start_of(t))) return false;
    const event& e = g[g.at(t, shown[t])];
    if (e.is_read()) return shows(e.source);
    if (e.kind != event_kind::join) return true;
    for (unsigned other = 0; other < g.threads(); ++other) {
      if ((e.value >> other & 1) != 0 && shown[other] < g.length(other)) return false;
    }
    return true;
  };
  for (bool moved = true; moved;) {
    moved = false;
    for (unsigned t = 0; t < g.threads(); ++t) {
      for (; ready(t); ++shown[t], moved = true) sequence.push_back(g.at(t, shown[t]));
    }
  }
  return sequence;
}

std::string history_of(const graph& g) {
  std::string text;
  const auto pad = [](std::string s) {
    s.resize(std::max(s.size() + 1, column), ' ');
    return s;
  };
  for (unsigned t = 0; t < g.threads(); ++t) {
    text += pad(t == 0 ? "main" : "thread " + std::to_string(t - 1));
  }
  while (text.back() == ' ') text.pop_back();
  text += '\n';
  for (const event_id id : sequence_of(g)) {
    const event& e = g[id];
    if (e.part == part::write_part) continue;
    std::string site = to_string_site(e.site);
    if (!site.empty()) site = " @" + site;
    text += std::string(e.thread * column, ' ') + words_of(g, id) + site + "\n";
  }
  for (location_id l = 0; l < g.locations(); ++l) {
    if (g.at(l).order.size() < 2) continue;
    text += "modification order of " + name_of(l) + ": initial";
    for (const event_id w : g.at(l).order) text += " " + numbered(w);
    text += '\n';
  }
  return text;
}

}  // namespace jacquard::model::explorer
