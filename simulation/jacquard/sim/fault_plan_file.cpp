// Reading a plan from TOML. Everything is looked at: a key that nobody reads is a mistake, and a value is
// refused with the range that it missed.
#include <fmt/core.h>
#include <toml++/toml.h>

#include <charconv>
#include <limits>
#include <string>
#include <vector>

#include <jacquard/sim/fault_plan.hpp>
#include <jacquard/sim/scenario.hpp>

namespace jacquard::sim {

namespace {

// Thrown and caught in this file only.
struct refusal {
  std::string why;
};

[[noreturn]] void refuse(std::string why) { throw refusal{std::move(why)}; }

std::string shown(const toml::node& value) {
  if (const auto* text = value.as_string()) return fmt::format("\"{}\"", text->get());
  if (const auto* number = value.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = value.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
  return value.is_table() ? "a table" : value.is_array() ? "an array" : "a date or a time";
}

// One table of the file, which knows what it is called in an error.
class section {
 public:
  section(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

  void allows(const std::vector<std::string_view>& keys) const {
    for (const auto& [key, value] : table_) {
      bool known = false;
      std::string list;
      for (const std::string_view allowed : keys) {
        known = known || allowed == key.str();
        list += fmt::format(" {}", allowed);
      }
      if (!known) {
        refuse(fmt::format("{}{} = {}: unknown key; allowed here:{}", name_, key.str(),
                           shown(value), list));
      }
    }
  }

  [[nodiscard]] const toml::node* find(std::string_view key) const { return table_.get(key); }

  [[nodiscard]] const toml::node& must(std::string_view key, std::string_view allowed) const {
    const toml::node* const value = find(key);
    if (value == nullptr) refuse(fmt::format("{}{}: missing; must be {}", name_, key, allowed));
    return *value;
  }

  [[nodiscard]] std::string text(std::string_view key, std::string_view allowed) const {
    const toml::node& value = must(key, allowed);
    if (!value.is_string()) wrong(key, value, allowed);
    return value.as_string()->get();
  }

  [[nodiscard]] std::uint32_t number(std::string_view key, std::uint32_t low,
                                     std::uint32_t high) const {
    const std::string allowed = fmt::format("a whole number in [{}, {}]", low, high);
    const toml::node& value = must(key, allowed);
    if (!value.is_integer()) wrong(key, value, allowed);
    const std::int64_t count = value.as_integer()->get();
    if (count < low || count > high) wrong(key, value, allowed);
    return static_cast<std::uint32_t>(count);
  }

  [[nodiscard]] nanoseconds time(std::string_view key, nanoseconds low) const {
    const std::string allowed =
        fmt::format("a time in [{}, {}], written like \"250us\"", to_text(low), to_text(longest));
    const toml::node& value = must(key, allowed);
    if (!value.is_string()) wrong(key, value, allowed);
    const std::optional<nanoseconds> read = parse_time(value.as_string()->get());
    if (!read || *read < low) wrong(key, value, allowed);
    return *read;
  }

  [[noreturn]] void wrong(std::string_view key, const toml::node& value,
                          std::string_view allowed) const {
    refuse(fmt::format("{}{} = {}: must be {}", name_, key, shown(value), allowed));
  }

 private:
  const toml::table& table_;
  std::string name_;
};

std::uint64_t seed_of(const section& root) {
  constexpr std::string_view allowed =
      "a whole number in [0, 18446744073709551615], as a number or like \"0x9f3a\"";
  const toml::node& value = root.must("seed", allowed);
  if (const auto* number = value.as_integer()) {
    if (number->get() < 0) root.wrong("seed", value, allowed);
    return static_cast<std::uint64_t>(number->get());
  }
  if (!value.is_string()) root.wrong("seed", value, allowed);
  const std::string& text = value.as_string()->get();
  const bool hex = text.starts_with("0x");
  std::uint64_t seed = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + (hex ? 2 : 0), end, seed, hex ? 16 : 10);
  if (error != std::errc{} || stop != end) root.wrong("seed", value, allowed);
  return seed;
}

overflow overflow_of(const section& root) {
  constexpr std::string_view allowed = "one of: reject drop_newest drop_oldest block";
  const std::string name = root.text("overflow", allowed);
  for (const overflow policy :
       {overflow::reject, overflow::drop_newest, overflow::drop_oldest, overflow::block}) {
    if (name == to_string(policy)) return policy;
  }
  root.wrong("overflow", *root.find("overflow"), allowed);
}

fault_kind kind_of(const section& table) {
  std::string allowed = "one of:";
  for (std::size_t i = 0; i < fault_kind_count; ++i) {
    allowed += fmt::format(" {}", to_string(static_cast<fault_kind>(i)));
  }
  const std::string name = table.text("kind", allowed);
  for (std::size_t i = 0; i < fault_kind_count; ++i) {
    if (to_string(static_cast<fault_kind>(i)) == name) return static_cast<fault_kind>(i);
  }
  table.wrong("kind", *table.find("kind"), allowed);
}

fault fault_of(const toml::table& raw, std::size_t index) {
  const section table(raw, fmt::format("fault[{}].", index));
  fault read;
  read.kind = kind_of(table);

  std::vector<std::string_view> keys{"id", "kind", "at"};
  if (!is_instant(read.kind)) keys.push_back("for");
  switch (read.kind) {
    case fault_kind::slow:
      keys.push_back("factor");
      break;
    case fault_kind::stall:
      keys.insert(keys.end(), {"count", "producer"});
      break;
    case fault_kind::burst:
      keys.push_back("percent");
      break;
    case fault_kind::delay:
      keys.insert(keys.end(), {"extra", "producer"});
      break;
    case fault_kind::late:
      keys.push_back("extra");
      break;
    case fault_kind::loss:
    case fault_kind::duplicate:
      keys.insert(keys.end(), {"percent", "producer"});
      break;
    case fault_kind::pause:
      keys.push_back("worker");
      break;
    case fault_kind::crash:
    case fault_kind::kill:
    case fault_kind::stop:
      keys.push_back("actor");
      break;
    case fault_kind::restart:
    case fault_kind::close:
      break;
  }
  table.allows(keys);

  read.id = fmt::format("f{}", index);
  if (table.find("id") != nullptr) {
    constexpr std::string_view allowed = "1 to 64 of the characters a-z A-Z 0-9 _ . -";
    read.id = table.text("id", allowed);
    const bool plain = read.id.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789_.-") == std::string::npos;
    if (!plain || read.id.empty() || read.id.size() > 64)
      table.wrong("id", *table.find("id"), allowed);
  }
  read.at = table.time("at", 0);
  if (!is_instant(read.kind)) read.lasts = table.time("for", 1);
  if (read.kind == fault_kind::slow) read.factor = table.number("factor", 2, 1000);
  if (read.kind == fault_kind::stall) read.count = table.number("count", 1, 1000);
  if (read.kind == fault_kind::delay || read.kind == fault_kind::late)
    read.extra = table.time("extra", 1);
  if (read.kind == fault_kind::burst) read.percent = table.number("percent", 1, 1000);
  if (read.kind == fault_kind::loss || read.kind == fault_kind::duplicate) {
    read.percent = table.number("percent", 1, 100);
  }
  const std::string_view whom = whom_key(read.kind);
  if (table.find(whom) != nullptr) read.producer = table.number(whom, 0, 63);
  if (hits_an_actor(read.kind)) (void)table.must("actor", "an actor's number");
  if (read.kind == fault_kind::stall && read.producer == every_producer) {
    (void)table.must("producer", "a producer's number: a stall has one");
  }
  return read;
}

plan plan_of(const toml::table& raw) {
  const section root(raw, "");
  root.allows({"schema", "scenario", "seed", "messages", "producers", "capacity", "batch",
               "overflow", "fault"});
  (void)root.number("schema", 1, 1);
  plan read;
  read.scenario = root.text("scenario", "a scenario's name; `jacquard sim --list` has them");
  read.seed = seed_of(root);
  if (root.find("messages") != nullptr) read.messages = root.number("messages", 1, 100'000);
  if (root.find("producers") != nullptr) read.producers = root.number("producers", 1, 64);
  if (root.find("capacity") != nullptr) read.capacity = root.number("capacity", 1, capacity_max);
  if (root.find("batch") != nullptr) read.batch = root.number("batch", 1, batch_max);
  if (root.find("overflow") != nullptr) read.overflow = overflow_of(root);
  const toml::node* const faults = root.find("fault");
  if (faults == nullptr) return read;
  if (!faults->is_array_of_tables()) root.wrong("fault", *faults, "[[fault]] tables");
  for (const toml::node& entry : *faults->as_array()) {
    read.faults.push_back(fault_of(*entry.as_table(), read.faults.size()));
  }
  return read;
}

}  // namespace

tl::expected<plan, std::string> parse_plan(std::string_view text) {
  try {
    plan read = plan_of(toml::parse(text));
    if (auto wrong = problem(read)) return tl::make_unexpected(std::move(*wrong));
    return read;
  } catch (const toml::parse_error& error) {
    return tl::make_unexpected(fmt::format("line {}, column {}: {}", error.source().begin.line,
                                           error.source().begin.column, error.description()));
  } catch (refusal& found) {
    return tl::make_unexpected(std::move(found.why));
  }
}

namespace {

// A fault that its story cannot have.
std::optional<std::string> misplaced(const fault& f, std::size_t i, const scenario& story) {
  const bool of_actors = hits_an_actor(f.kind) || f.kind == fault_kind::late;
  const bool of_mailbox = f.kind == fault_kind::restart || f.kind == fault_kind::stall;
  if (story.has_actors() ? of_mailbox : of_actors) {
    return fmt::format("fault[{}].kind = \"{}\": not for {}: it is a story about {}", i,
                       to_string(f.kind), story.name,
                       story.has_actors() ? "actors" : "one mailbox");
  }
  if (f.producer == every_producer || hits_an_actor(f.kind)) {
    return std::nullopt;
  }
  const bool pause = f.kind == fault_kind::pause;
  if (pause && !story.has_actors()) {
    return fmt::format("fault[{}].worker = {}: not for {}: it has one consumer and no workers", i,
                       f.producer, story.name);
  }
  const std::uint32_t count = pause ? story.workers : story.producers;
  if (f.producer < count) return std::nullopt;
  return fmt::format("fault[{}].{} = {}: must be a whole number in [0, {}]", i, whom_key(f.kind),
                     f.producer, count - 1);
}

}  // namespace

std::optional<std::string> problem(const plan& what) {
  const scenario* const story = scenario_named(what.scenario);
  if (story == nullptr) {
    return fmt::format("scenario = \"{}\": unknown; `jacquard sim --list` names the {} there are",
                       what.scenario, scenarios().size());
  }
  if (what.faults.size() > faults_max) {
    return fmt::format("fault: {} of them; allowed: at most {}", what.faults.size(), faults_max);
  }
  if (what.capacity && (*what.capacity < 1 || *what.capacity > capacity_max)) {
    return fmt::format("capacity = {}: must be a whole number in [1, {}]", *what.capacity,
                       capacity_max);
  }
  if (what.batch && (*what.batch < 1 || *what.batch > batch_max)) {
    return fmt::format("batch = {}: must be a whole number in [1, {}]", *what.batch, batch_max);
  }
  const scenario shaped = adjusted(*story, what);
  if (shaped.overflow == overflow::drop_oldest && shaped.kind == mailbox_kind::linked) {
    return fmt::format(
        "overflow = \"drop_oldest\": not for {}: a linked mailbox evicts nothing; allowed: reject "
        "drop_newest block",
        what.scenario);
  }
  for (std::size_t i = 0; i < what.faults.size(); ++i) {
    const fault& f = what.faults[i];
    if (auto wrong = misplaced(f, i, shaped)) return wrong;
    if (f.kind == fault_kind::stall && story->kind == mailbox_kind::locked) {
      return fmt::format(
          "fault[{}].kind = \"stall\": not for {}: a stalled sender would hold the mutex, and one "
          "simulated thread cannot wait for another's",
          i, what.scenario);
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (what.faults[j].id == f.id) {
        return fmt::format("fault[{}].id = \"{}\": must be unique; fault[{}] has it too", i, f.id,
                           j);
      }
    }
  }
  return std::nullopt;
}

}  // namespace jacquard::sim
