// jacquard/model/explore/litmus/check.hpp: a program written in text as a check, for any engine.
//
// The interpreter of program.hpp asks the explorer's search directly. This one goes through a sync policy,
// so that the same text runs under Relacy, on real threads and through the explorer's own policy, and what
// they see can be compared.
//
// What differs from the text's own meaning: a plain access is a relaxed one (four of the programs that come
// with the project have any); a thread at a false `assume` ends, and its execution has no outcome.
#pragma once

#include <jacquard/model/body.hpp>
#include <jacquard/model/explore/litmus/program.hpp>
#include <jacquard/sync/policy.hpp>

#include <array>
#include <atomic>
#include <optional>
#include <set>

namespace jacquard::model::explorer::litmus {

/// What the executions of a text check add up to. One engine at a time writes it.
struct recording {
  const source* text = nullptr;
  std::set<outcome> outcomes = {};
  std::uint64_t complete = 0;  // executions with an outcome
};

/// The recording that text checks write to; set before an engine is started, one engine at a time.
inline recording* recording_now = nullptr;

/// Runs `recording_now->text`. How many threads it has is said by operations_for, not by the class.
template <sync::policy Sync>
class text_check {
 public:
  static constexpr unsigned thread_count = 1;
  static constexpr std::size_t locations_max = 16;
  static constexpr std::size_t registers_max = 16;  // of one thread

  text_check() : text_(*recording_now->text) {
    for (std::size_t l = 0; l < text_.locations.size(); ++l) words_[l].emplace(text_.initial[l]);
  }

  void thread(unsigned index) {
    std::int64_t* const registers = registers_[index].data();
    const std::vector<instruction>& code = text_.threads[index].code;
    for (std::size_t next = 0; next < code.size();) {
      const instruction& i = code[next++];
      if (i.what == statement::access) {
        const std::int64_t result = perform(i, registers);
        if (i.result >= 0) registers[i.result] = result;
      } else if (!is_true(i.holds, registers)) {
        if (i.what == statement::assume) return;
        next = i.target;
      }
    }
    finished_[index] = true;
  }

  void after() {
    outcome end;
    for (std::size_t t = 0; t < text_.threads.size(); ++t) {
      if (!finished_[t]) return;
      const std::int64_t* const first = registers_[t].data();
      end.first.emplace_back(first, first + text_.threads[t].registers.size());
    }
    for (std::size_t l = 0; l < text_.locations.size(); ++l) {
      end.second.push_back(words_[l]->load(std::memory_order::relaxed));
    }
    ++recording_now->complete;
    recording_now->outcomes.insert(std::move(end));
  }

 private:
  static constexpr std::memory_order in_cpp(order o) noexcept {
    switch (o) {
      case order::na:
      case order::relaxed:
        return std::memory_order::relaxed;
      case order::acquire:
        return std::memory_order::acquire;
      case order::release:
        return std::memory_order::release;
      case order::acq_rel:
        return std::memory_order::acq_rel;
      case order::seq_cst:
        break;
    }
    return std::memory_order::seq_cst;
  }

  std::int64_t perform(const instruction& i, const std::int64_t* registers) {
    const std::memory_order order = in_cpp(i.op.order);
    if (i.op.kind == event_kind::fence) {
      Sync::fence(order);
      return 0;
    }
    sync::atomic<Sync, std::int64_t>& word = *words_[i.op.where];
    const std::int64_t operand = value_of(i.operand, registers);
    if (i.op.kind == event_kind::write) {
      word.store(operand, order);
      return 0;
    }
    switch (i.op.update) {
      case update::add:
        return word.fetch_add(operand, order);
      case update::exchange:
        return word.exchange(operand, order);
      case update::compare: {
        std::int64_t seen = value_of(i.expected, registers);
        (void)word.compare_exchange_strong(seen, operand, order, in_cpp(i.op.failure));
        return seen;
      }
      default:
        return word.load(order);
    }
  }

  const source& text_;
  std::array<std::optional<sync::atomic<Sync, std::int64_t>>, locations_max> words_;
  // Each is written by one thread and read in after().
  std::array<std::array<std::int64_t, registers_max>, threads_max> registers_{};
  std::array<bool, threads_max> finished_{};
};

/// How an engine runs `text` through the policy `Sync`. Throws std::invalid_argument where the text has more
/// locations or registers than a text check has room for.
template <sync::policy Sync>
[[nodiscard]] body_operations operations_for(const source& text) {
  using check = text_check<Sync>;
  const auto fits = [&](const char* what, std::size_t count, std::size_t most) {
    if (count <= most) return;
    throw std::invalid_argument("litmus program '" + text.name + "': " + std::to_string(count) +
                                " " + what + "; a check has room for " + std::to_string(most));
  };
  fits("locations", text.locations.size(), check::locations_max);
  for (const thread_text& t : text.threads) {
    fits("registers in a thread", t.registers.size(), check::registers_max);
  }
  body_operations made = operations_of<check>();
  made.threads = static_cast<unsigned>(text.threads.size());
  return made;
}

}  // namespace jacquard::model::explorer::litmus
