// The text format, read line by line; a line is cut into words and single signs that know their column.
#include <jacquard/model/explore/litmus/program.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace jacquard::model::explorer::litmus {

namespace {

struct token {
  std::string_view text;
  std::size_t column = 0;  // from 1
};

bool is_word_sign(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_name(std::string_view t) {
  return !t.empty() && (std::isalpha(static_cast<unsigned char>(t[0])) != 0 || t[0] == '_') &&
         std::all_of(t.begin(), t.end(), is_word_sign);
}

bool is_register(std::string_view t) {
  return t.size() > 1 && t[0] == 'r' && std::all_of(t.begin() + 1, t.end(), [](char c) {
           return std::isdigit(static_cast<unsigned char>(c)) != 0;
         });
}

enum orders : unsigned {
  for_load = 1,
  for_store = 2,
  for_update = 4,
  for_failure = 8,
  for_fence = 16
};

struct order_word {
  std::string_view text;
  explorer::order order;
  unsigned allowed;
};

constexpr order_word order_words[] = {
    {"na", order::na, for_load | for_store},
    {"rlx", order::relaxed, for_load | for_store | for_update | for_failure | for_fence},
    {"acq", order::acquire, for_load | for_update | for_failure | for_fence},
    {"rel", order::release, for_store | for_update | for_fence},
    {"acq_rel", order::acq_rel, for_update | for_fence},
    {"sc", order::seq_cst, for_load | for_store | for_update | for_failure | for_fence},
};

class parser {
 public:
  parser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::vector<source> programs() {
    for (;;) {
      const bool more = read_line();
      const bool separator = more && is_separator();
      if (!more || separator) {
        close_program();
        if (!more) break;
        continue;
      }
      if (tokens_.empty()) continue;
      program_line();
    }
    if (programs_.empty())
      fail(line_ == 0 ? 1 : line_, 1, "a program (it starts with 'thread:')",
           "the end of the file");
    return std::move(programs_);
  }

 private:
  // ---- lines and tokens
  bool read_line() {
    if (at_ > text_.size() || (at_ == text_.size() && line_ > 0)) return false;
    if (text_.empty()) return false;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    ++line_;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    line = line.substr(0, line.find('#'));
    raw_ = line;
    tokens_.clear();
    next_ = 0;
    for (std::size_t i = 0; i < line.size();) {
      if (std::isspace(static_cast<unsigned char>(line[i])) != 0) {
        ++i;
        continue;
      }
      std::size_t length = 1;
      if (is_word_sign(line[i])) {
        while (i + length < line.size() && is_word_sign(line[i + length])) ++length;
      } else if (i + 1 < line.size() && line[i + 1] == '=' &&
                 std::string_view("=!<>").find(line[i]) != std::string_view::npos) {
        length = 2;
      }
      tokens_.push_back({line.substr(i, length), i + 1});
      i += length;
    }
    end_column_ = line.size() + 1;
    return true;
  }

  bool is_separator() const {
    std::string_view line = raw_;
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0)
      line.remove_suffix(1);
    return line == "---";
  }

  [[noreturn]] void fail(std::size_t line, std::size_t column, const std::string& expected,
                         const std::string& found) const {
    throw parse_error(file_ + ":" + std::to_string(line) + ":" + std::to_string(column) +
                      ": expected " + expected + ", found " + found);
  }
  [[noreturn]] void expected(const std::string& what) const {
    if (next_ < tokens_.size()) {
      fail(line_, tokens_[next_].column, what, "'" + std::string(tokens_[next_].text) + "'");
    }
    fail(line_, end_column_, what, "the end of the line");
  }
  [[nodiscard]] std::string_view peek() const {
    return next_ < tokens_.size() ? tokens_[next_].text : std::string_view();
  }
  bool take(std::string_view text) {
    if (peek() != text || text.empty()) return false;
    ++next_;
    return true;
  }
  void need(std::string_view text) {
    if (!take(text)) expected("'" + std::string(text) + "'");
  }
  void need_end() {
    if (next_ < tokens_.size()) expected("the end of the line");
  }

  // ---- values
  std::optional<std::int64_t> digits(std::string_view t) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), value);
    if (t.empty() || error != std::errc() || end != t.data() + t.size()) return std::nullopt;
    return value;
  }
  std::int64_t integer(const char* what = "an integer of 64 bits") {
    const std::size_t start = next_;
    const bool negative = take("-");
    if (!negative) take("+");
    // The sign belongs to the digits, so that the least integer can be written.
    const std::string text = (negative ? "-" : "") + std::string(peek());
    const auto value = digits(text);
    if (!value || (!peek().empty() && std::isdigit(static_cast<unsigned char>(peek()[0])) == 0)) {
      next_ = start;
      expected(what);
    }
    ++next_;
    return *value;
  }
  int register_number(std::string_view name) {
    std::vector<std::string>& all = thread_->registers;
    const auto found = std::find(all.begin(), all.end(), name);
    if (found != all.end()) return static_cast<int>(found - all.begin());
    all.emplace_back(name);
    return static_cast<int>(all.size()) - 1;
  }
  expression value() {
    expression e;
    if (!is_register(peek())) {
      e.constant = integer("a value (an integer, a register, or a register+integer)");
      return e;
    }
    const std::vector<std::string>& set = thread_->registers;
    if (std::find(set.begin(), set.end(), peek()) == set.end()) {
      expected("a register that this thread has set above");
    }
    e.reg = register_number(tokens_[next_++].text);
    if (peek() == "+" || peek() == "-") e.constant = integer();
    return e;
  }
  condition compared() {
    condition c;
    c.left = value();
    static constexpr std::pair<std::string_view, comparison> signs[] = {
        {"==", comparison::equal},    {"!=", comparison::different}, {"<=", comparison::at_most},
        {">=", comparison::at_least}, {"<", comparison::less},       {">", comparison::greater}};
    const auto sign = std::find_if(std::begin(signs), std::end(signs),
                                   [&](const auto& s) { return s.first == peek(); });
    if (sign == std::end(signs)) expected("a comparison (==, !=, <, <=, > or >=)");
    ++next_;
    c.how = sign->second;
    c.right = value();
    return c;
  }
  location_id place() {
    if (!is_name(peek()) || is_register(peek())) {
      expected("a location (letters, digits and _; not a register)");
    }
    const std::string_view name = tokens_[next_++].text;
    std::vector<std::string>& all = program_.locations;
    const auto found = std::find(all.begin(), all.end(), name);
    if (found != all.end()) return static_cast<location_id>(found - all.begin());
    all.emplace_back(name);
    program_.initial.push_back(0);
    return static_cast<location_id>(all.size() - 1);
  }
  explorer::order memory_order(unsigned use, const char* whose) {
    std::string names;
    for (const order_word& w : order_words) {
      if ((w.allowed & use) == 0) continue;
      if (w.text == peek()) {
        ++next_;
        return w.order;
      }
      names += (names.empty() ? "" : ", ") + std::string(w.text);
    }
    expected("the order of " + std::string(whose) + " (" + names + ")");
  }

  // ---- statements
  void program_line() {
    started_ = true;
    if (thread_ == nullptr && peek() == "name") return name_line();
    if (thread_ == nullptr && peek() == "init") return init_line();
    if (peek() == "thread" && tokens_.size() > 1 && tokens_[1].text == ":") {
      close_thread();
      next_ = 2;
      need_end();
      if (program_.threads.size() == threads_max) {
        next_ = 0;
        expected("at most " + std::to_string(threads_max) + " threads");
      }
      thread_ = &program_.threads.emplace_back();
      return;
    }
    if (thread_ == nullptr) expected("'name:', 'init:' or 'thread:'");
    thread_->code.push_back(statement_line());
    need_end();
    if (thread_->code.back().what == statement::skip_unless) {
      open_.push_back({thread_->code.size() - 1, line_});
    }
    if (closes_) {
      thread_->code.pop_back();
      thread_->code[open_.back().first].target = thread_->code.size();
      open_.pop_back();
      closes_ = false;
    }
    if (thread_->code.size() > events_per_thread_max)
      expected("at most 30000 operations in a thread");
  }

  void name_line() {
    ++next_;
    need(":");
    std::string_view name = raw_.substr(raw_.find(':') + 1);
    while (!name.empty() && std::isspace(static_cast<unsigned char>(name.front())) != 0)
      name.remove_prefix(1);
    while (!name.empty() && std::isspace(static_cast<unsigned char>(name.back())) != 0)
      name.remove_suffix(1);
    if (name.empty()) expected("a name");
    program_.name = name;
  }

  void init_line() {
    ++next_;
    need(":");
    while (next_ < tokens_.size()) {
      const location_id where = place();
      need("=");
      program_.initial[where] = integer();
      take(",");
    }
  }

  instruction access(event_kind kind, update what, int result) {
    instruction i;
    ++next_;
    i.result = result;
    i.op.kind = kind;
    i.op.update = what;
    i.op.where = place();
    if (what == update::compare) i.expected = value();
    if (what != update::none || kind == event_kind::write) i.operand = value();
    if (what != update::none) {
      i.op.order = memory_order(for_update, what == update::compare ? "success" : "an update");
      if (what == update::compare) i.op.failure = memory_order(for_failure, "failure");
    } else if (kind == event_kind::write) {
      i.op.order = memory_order(for_store, "a store");
    } else {
      i.op.order = memory_order(for_load, "a load");
    }
    return i;
  }

  instruction statement_line() {
    instruction i;
    if (peek() == "store") return access(event_kind::write, update::none, -1);
    if (take("fence")) {
      i.op.kind = event_kind::fence;
      i.op.order = memory_order(for_fence, "a fence");
      return i;
    }
    if (take("assume")) {
      i.what = statement::assume;
      i.holds = compared();
      return i;
    }
    if (take("if")) {
      i.what = statement::skip_unless;
      i.holds = compared();
      return i;
    }
    if (peek() == "end") {
      if (open_.empty()) expected("an operation ('end' closes an 'if', and none is open)");
      ++next_;
      closes_ = true;
      return i;
    }
    if (!is_register(peek())) {
      expected(
          "an operation (store, rN = load, rN = fetch_add, rN = exchange, rN = cas, fence, "
          "assume, if, end)");
    }
    const std::string_view name = tokens_[next_++].text;
    need("=");
    if (peek() == "load") {
      i = access(event_kind::read, update::none, -1);
    } else if (peek() == "fetch_add") {
      i = access(event_kind::read, update::add, -1);
    } else if (peek() == "exchange") {
      i = access(event_kind::read, update::exchange, -1);
    } else if (peek() == "cas") {
      i = access(event_kind::read, update::compare, -1);
    } else {
      expected("load, fetch_add, exchange or cas");
    }
    i.result = register_number(name);  // after its operands: a register is set before it is used
    return i;
  }

  void close_thread() {
    if (!open_.empty()) {
      fail(line_, 1, "'end' for the 'if' of line " + std::to_string(open_.back().second),
           tokens_.empty() ? "the end of the program" : "'" + std::string(tokens_[0].text) + "'");
    }
    thread_ = nullptr;
  }

  void close_program() {
    if (!started_) return;
    if (!open_.empty()) {
      tokens_.clear();
      close_thread();
    }
    if (program_.threads.empty()) {
      fail(line_, 1, "'thread:'", "the end of the program");
    }
    thread_ = nullptr;
    if (program_.name.empty()) program_.name = "program " + std::to_string(programs_.size() + 1);
    programs_.push_back(std::move(program_));
    program_ = {};
    started_ = false;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t end_column_ = 1;
  std::string_view raw_;
  std::vector<token> tokens_;
  std::size_t next_ = 0;

  std::vector<source> programs_;
  source program_;
  thread_text* thread_ = nullptr;
  std::vector<std::pair<std::size_t, std::size_t>> open_;  // 'if' instruction, its line
  bool closes_ = false;
  bool started_ = false;
};

}  // namespace

std::vector<source> parse(std::string_view text, const std::string& file) {
  return parser(text, file).programs();
}

}  // namespace jacquard::model::explorer::litmus
