#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <jacquard/property/recorded_history.hpp>
#include <map>
#include <sstream>

namespace jacquard::property {
namespace {

using spec::kv_model;
using spec::pending;
using spec::register_model;

// An empty history is legal; a file of another format must not become one.
constexpr const char* no_operations = "no line is an operation in this format";

std::string_view next_word(std::string_view& line) {
  const std::size_t from = line.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return line = {};
  line.remove_prefix(from);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

// Calls `each(line_number, line)` until it returns false.
template <class F>
void for_each_line(std::string_view text, F&& each) {
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (!each(number, text.substr(0, end))) return;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::string unexpected(std::int64_t line, std::string_view what) {
  return "line " + std::to_string(line) + ": " + std::string(what);
}

// The value of `:name` in an EDN map of flat values; strings lose their quotes.
std::string_view edn_field(std::string_view map, std::string_view name) {
  const std::string key = ":" + std::string(name) + " ";
  const std::size_t at = map.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = map.substr(at + key.size());
  if (rest.starts_with('"')) {
    rest.remove_prefix(1);
    return rest.substr(0, rest.find('"'));
  }
  return rest.substr(0, rest.find_first_of(",}"));
}

}  // namespace

parsed_history<register_model> parse_register_history(std::string_view text) {
  parsed_history<register_model> history;
  std::map<std::int64_t, std::size_t> open;  // process -> its operation
  std::vector<bool> void_operation;          // failed writes never were
  for_each_line(text, [&](std::int64_t number, std::string_view line) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) return true;
    line.remove_prefix(dash + 3);
    std::int64_t process = 0;
    if (!read_number(next_word(line), process)) return true;  // a nemesis, or other chatter
    const std::string_view type = next_word(line);
    const std::string_view what = next_word(line);
    if (type != ":invoke" && type != ":ok" && type != ":fail" && type != ":info") {
      history.problem = unexpected(number, "a type that is not :invoke, :ok, :fail or :info");
      return false;
    }
    register_model::operation_type op;
    if (what == ":read") {
      const std::string_view value = next_word(line);
      op.what = register_model::act::read;
      if (value != "nil" && !read_number(value, op.value) && type == ":ok") {
        history.problem = unexpected(number, "a read without a value");
        return false;
      }
    } else if (what == ":write") {
      op.what = register_model::act::write;
      if (!read_number(next_word(line), op.value) && type == ":invoke") {
        history.problem = unexpected(number, "a write without a value");
        return false;
      }
    } else if (what == ":cas") {
      op.what = register_model::act::swap;
      const std::string_view from = next_word(line);
      const std::string_view to = next_word(line);
      if (type == ":invoke" &&
          (from.size() < 2 || to.size() < 2 || !read_number(from.substr(1), op.expected) ||
           !read_number(to.substr(0, to.size() - 1), op.value))) {
        history.problem = unexpected(number, "a :cas without [expected new]");
        return false;
      }
    } else {
      history.problem = unexpected(number, "an operation that is not :read, :write or :cas");
      return false;
    }
    if (type == ":invoke") {
      if (!open.emplace(process, history.operations.size()).second) {
        history.problem = unexpected(number, "a process that calls before it has returned");
        return false;
      }
      history.operations.push_back({.operation = op, .called = number, .returned = pending});
      void_operation.push_back(false);
      return true;
    }
    const auto at = open.find(process);
    if (at == open.end()) {
      history.problem = unexpected(number, "a return without a call");
      return false;
    }
    spec::timed<register_model::operation_type>& called = history.operations[at->second];
    if (type == ":ok") {
      called.operation.got = register_model::answer::done;
      if (op.what == register_model::act::read) called.operation.value = op.value;
      called.returned = number;
    } else if (type == ":fail") {
      called.returned = number;
      if (op.what == register_model::act::swap) {
        called.operation.got = register_model::answer::mismatch;
      }
      if (op.what == register_model::act::write) void_operation[at->second] = true;
    }
    open.erase(at);
    return true;
  });
  if (history.ok() && history.operations.empty()) history.problem = no_operations;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    if (!void_operation[i]) history.operations[kept++] = history.operations[i];
  }
  history.operations.resize(kept);
  return history;
}

parsed_history<kv_model> parse_kv_history(std::string_view text, kv_model& model) {
  parsed_history<kv_model> history;
  std::map<std::int64_t, std::size_t> open;
  for_each_line(text, [&](std::int64_t number, std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return true;
    std::int64_t process = 0;
    if (!read_number(edn_field(line, "process"), process)) {
      history.problem = unexpected(number, "no :process");
      return false;
    }
    const std::string_view type = edn_field(line, "type");
    const std::string_view what = edn_field(line, "f");
    if (type == ":invoke") {
      kv_model::operation_type op;
      if (what == ":get") {
        op.what = kv_model::act::get;
        op.answered = false;
      } else if (what == ":put" || what == ":append") {
        op.what = what == ":put" ? kv_model::act::put : kv_model::act::append;
        op.value = model.strings.number(edn_field(line, "value"));
      } else {
        history.problem = unexpected(number, "an operation that is not :get, :put or :append");
        return false;
      }
      op.key = model.key(edn_field(line, "key"));
      if (!open.emplace(process, history.operations.size()).second) {
        history.problem = unexpected(number, "a process that calls before it has returned");
        return false;
      }
      history.operations.push_back({.operation = op, .called = number, .returned = pending});
      return true;
    }
    const auto at = open.find(process);
    if (at == open.end() || (type != ":ok" && type != ":info")) {
      history.problem = unexpected(number, "a return without a call, or of no known type");
      return false;
    }
    if (type == ":ok") {
      spec::timed<kv_model::operation_type>& called = history.operations[at->second];
      called.returned = number;
      if (called.operation.what == kv_model::act::get) {
        called.operation.answered = true;
        called.operation.value = model.strings.number(edn_field(line, "value"));
      }
    }
    open.erase(at);
    return true;
  });
  if (history.ok() && history.operations.empty()) history.problem = no_operations;
  return history;
}

std::optional<std::filesystem::path> histories_folder() {
  std::filesystem::path folder;
  if (const char* const told = std::getenv("JACQUARD_HISTORIES")) {
    folder = told;
  } else {
    folder = std::filesystem::path(JACQUARD_SOURCE_DIR).parent_path() / "shared" / "data" /
             "linearizability";
  }
  std::error_code unreadable;
  if (!std::filesystem::exists(folder / "verdicts.tsv", unreadable)) return std::nullopt;
  return folder;
}

std::vector<known_verdict> known_verdicts(const std::filesystem::path& folder) {
  std::vector<known_verdict> rows;
  std::istringstream table(text_of(folder / "verdicts.tsv"));
  std::string line;
  std::getline(table, line);  // names of the columns
  while (std::getline(table, line)) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    const std::string word = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
    rows.push_back({.file = line.substr(0, tab), .linearizable = word == "linearizable"});
  }
  return rows;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace jacquard::property
