// jacquard/model/explore/litmus/program.hpp: a program written in text, and its interpreter.
//
//   name: SB
//   init: x=0 y=0
//   thread:
//     store x 1 rel
//     r0 = load y acq
//   thread:
//     ...
//
// The whole grammar is in model_checks/litmus/README.md. Registers belong to a thread and start at 0.
#pragma once

#include <jacquard/model/explore/program.hpp>
#include <jacquard/model/explore/search.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace jacquard::model::explorer::litmus {

/// What a text is not: "FILE:LINE:COLUMN: expected ..., found ...".
class parse_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An integer, a register, or a register plus an integer.
struct expression {
  int reg = -1;  // none
  std::int64_t constant = 0;
};

enum class comparison : std::uint8_t { equal, different, less, at_most, greater, at_least };

struct condition {
  expression left;
  comparison how = comparison::equal;
  expression right;
};

/// What they are worth in a thread with these registers. Sums wrap around.
[[nodiscard]] std::int64_t value_of(const expression& e, const std::int64_t* registers) noexcept;
[[nodiscard]] bool is_true(const condition& c, const std::int64_t* registers) noexcept;

enum class statement : std::uint8_t { access, assume, skip_unless };

struct instruction {
  statement what = statement::access;
  operation op;            // access; operand and expected are filled in when it runs
  int result = -1;         // register
  expression operand;      // access
  expression expected;     // access: compare-and-swap
  condition holds;         // assume, skip_unless
  std::size_t target = 0;  // skip_unless: where to go on
  bool aside = false;      // access: other threads go first (search::stand_aside); not in the text
};

struct thread_text {
  std::vector<instruction> code;
  std::vector<std::string> registers;  // in order of appearance
};

struct source {
  std::string name;
  std::vector<std::string> locations;  // in order of appearance
  std::vector<std::int64_t> initial;
  std::vector<thread_text> threads;
};

/// All programs of one text. Throws parse_error. `file` is used in messages only.
[[nodiscard]] std::vector<source> parse(std::string_view text, const std::string& file);

/// Runs a source as the search's program.
class interpreter final : public explorer::program {
 public:
  explicit interpreter(const source& text) : text_(text), state_(text.threads.size()) {}

  [[nodiscard]] unsigned threads() const override {
    return static_cast<unsigned>(text_.threads.size());
  }
  [[nodiscard]] std::uint32_t started() const override {
    return (std::uint32_t{1} << threads()) - 1;
  }
  void restart(search& engine) override;
  void run(search& engine, unsigned thread) override;

  [[nodiscard]] const std::vector<std::int64_t>& registers(unsigned thread) const {
    return state_[thread].registers;
  }

 private:
  struct thread_now {
    std::size_t next = 0;
    std::vector<std::int64_t> registers;
  };
  const source& text_;
  std::vector<thread_now> state_;
};

/// How a program ends: registers of every thread, then memory, both in the order of the source.
using outcome = std::pair<std::vector<std::vector<std::int64_t>>, std::vector<std::int64_t>>;

struct answer {
  counts total;
  std::uint64_t races = 0;  // executions, complete or blocked, that have a data race
  std::map<outcome, std::uint64_t> outcomes;  // of complete executions
};

/// Explores a program. `also` is called at the end of every execution; may be empty. A compare-and-swap that
/// is marked weak (no text does) may fail spuriously `spurious_max` times in each thread.
[[nodiscard]] answer explore(const source& text, memory_model model,
                             const std::function<void(const execution&)>& also = {},
                             std::uint8_t spurious_max = 0);

}  // namespace jacquard::model::explorer::litmus
