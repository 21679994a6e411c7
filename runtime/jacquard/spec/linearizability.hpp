// jacquard/spec/linearizability.hpp: could these operations, one at a time, have given these answers?
//
// The search is Wing and Gong's (1993): place an operation that nobody who has returned must precede, step
// the sequential model, go on; where nothing fits, take the last one back. Lowe's (2017) memo ends what was
// tried before. Three rules keep it small, and each changes no verdict:
//
//   at once    An operation that only observes (a read) is placed as soon as the model allows it, without
//              an alternative: in any solution it could be moved here, and nothing else would notice.
//   fewer      A pending operation (no answer, it may still take effect, or never) is placed only where it
//              changes the state; and a configuration that used a superset of the pending operations of one
//              that failed has failed too (configuration_set.hpp).
//   twins      Of equal pending operations the one that was called first is used first.
//
// Checked by property_tests/linearizability.test.cpp: against a search by permutations, without any of the
// three, and against recorded histories whose verdicts are known.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <jacquard/spec/configuration_set.hpp>

namespace jacquard::spec {

/// `returned` of an operation that has not returned: it may take effect at any time after its call, or not
/// at all.
inline constexpr std::int64_t pending = std::numeric_limits<std::int64_t>::max();

/// An operation with the moments of its call and its return, in any monotonic unit. Where a call and a
/// return carry the same moment they overlap: an interval includes both ends.
template <class Operation>
struct timed {
  Operation operation;
  std::int64_t called = 0;
  std::int64_t returned = pending;
};

/// A sequential program. An operation carries its arguments and the answer that was observed, or that the
/// answer is unknown. `step` writes the state that follows to `next`, or returns false where the program
/// would have answered otherwise in state `now`; it must be a function of its arguments. `only_observes` is
/// true of an operation that leaves the state as it is wherever `step` allows it.
template <class M>
concept sequential_model = std::copyable<typename M::state_type> &&
    std::equality_comparable<typename M::state_type> &&
    requires(M& model, const typename M::state_type& now, typename M::state_type& next,
             const typename M::operation_type& operation) {
  { model.initial() } -> std::same_as<typename M::state_type>;
  { model.step(now, operation, next) } -> std::same_as<bool>;
  { model.hash(now) } -> std::same_as<std::uint64_t>;
};

enum class [[nodiscard]] verdict : std::uint8_t{
    legal,    // an order exists, and is given
    illegal,  // no order exists: everything was tried
    unknown,  // a limit was reached first
};

[[nodiscard]] constexpr const char* to_string(verdict v) noexcept {
  switch (v) {
    case verdict::legal:
      return "legal";
    case verdict::illegal:
      return "illegal";
    case verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

/// When to give up.
struct search_limits {
  /// Configurations kept; about 60 bytes each.
  std::uint64_t configurations_max = 20'000'000;
  /// Asked every 1,024 configurations; true ends the search. The place for a clock.
  bool (*stop)(void* who) noexcept = nullptr;
  void* who = nullptr;
};

/// What a search found.
struct [[nodiscard]] linearizability_report {
  spec::verdict verdict = verdict::unknown;
  /// legal: an order of all completed operations and the pending ones that took effect. Otherwise the
  /// longest that was reached. Indices into the history.
  std::vector<std::size_t> order;
  /// Not legal: an operation that had to follow `order` and could not.
  std::size_t stuck = 0;
  std::uint64_t configurations = 0;
};

/// Judges one history. Not thread-safe with respect to the model.
template <sequential_model M>
class linearizability_search {
 public:
  using operation_type = typename M::operation_type;
  using state_type = typename M::state_type;

  linearizability_search(M& model, std::span<const timed<operation_type>> history)
      : model_(model), history_(history), visited_(number_operations()) {
    link_entries();
  }
  linearizability_search(const linearizability_search&) = delete;
  linearizability_search& operator=(const linearizability_search&) = delete;

  linearizability_report run(const search_limits& limits = {}) {
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (history_[i].returned < history_[i].called) {  // no moment lies in its interval
        report_.verdict = verdict::illegal;
        report_.stuck = i;
        return report_;
      }
    }
    state_ = intern(model_.initial());
    if (!advance()) return finish(verdict::illegal);
    std::uint32_t from = entries_[head].next;
    while (left_ > 0) {
      const std::uint32_t choice = next_choice(from);
      if (choice != none) {
        frames_.push_back({.entry = choice, .state = state_, .placed_before = order_.size()});
        place(choice);
        state_ = chosen_state_;
        if (advance()) {
          from = entries_[head].next;
          if ((visited_.size() & 1023) == 0 && out_of(limits)) return finish(verdict::unknown);
          continue;
        }
      }
      if (frames_.empty()) return finish(verdict::illegal);
      const frame& last = frames_.back();
      while (order_.size() > last.placed_before) take_back();
      state_ = last.state;
      from = entries_[last.entry].next;
      frames_.pop_back();
    }
    return finish(verdict::legal);
  }

 private:
  static constexpr std::uint32_t none = 0xffff'ffffu;
  static constexpr std::uint32_t head = 0;

  // The history as a list of calls and returns. A placed operation's entries are unlinked.
  struct entry {
    std::uint32_t operation = none;
    std::uint32_t next = none;
    std::uint32_t previous = none;
    bool is_return = false;
  };
  struct operation_info {
    std::uint32_t call = none;
    std::uint32_t ret = none;   // none: pending
    std::uint32_t bit = 0;      // among the completed, or among the pending
    std::uint32_t twin = none;  // pending: the equal one called just before
    std::uint64_t hash = 0;
    bool only_observes = false;
    bool placed = false;
  };
  struct state_slot {
    std::uint64_t hash = 0;
    std::uint32_t id = none;
  };
  struct frame {
    std::uint32_t entry;
    std::uint32_t state;
    std::size_t placed_before;
  };

  /// Numbers the operations by their calls. Returns the words of a set of pending ones.
  std::size_t number_operations() {
    by_call_.resize(history_.size());
    for (std::uint32_t i = 0; i < by_call_.size(); ++i) by_call_[i] = i;
    std::ranges::stable_sort(by_call_, {}, [&](std::uint32_t i) { return history_[i].called; });
    infos_.resize(history_.size());
    std::uint32_t completed = 0;
    std::uint32_t without_answer = 0;
    std::uint64_t key = 0;
    for (const std::uint32_t i : by_call_) {
      operation_info& info = infos_[i];
      info.hash = splitmix(key += 0x9e37'79b9'7f4a'7c15u);
      info.only_observes = model_.only_observes(history_[i].operation);
      info.bit = history_[i].returned == pending ? without_answer++ : completed++;
    }
    left_ = completed;
    placed_bits_.assign((completed + 63) / 64, 0);
    pending_bits_.assign((without_answer + 63) / 64, 0);
    return pending_bits_.size();
  }

  void link_entries() {
    struct moment {
      std::int64_t at;
      bool is_return;
      std::uint32_t operation;
    };
    std::vector<moment> moments;
    for (const std::uint32_t i : by_call_) {
      moments.push_back({.at = history_[i].called, .is_return = false, .operation = i});
      if (history_[i].returned != pending) {
        moments.push_back({.at = history_[i].returned, .is_return = true, .operation = i});
      }
    }
    std::ranges::stable_sort(moments, [](const moment& a, const moment& b) {
      return a.at != b.at ? a.at < b.at : a.is_return < b.is_return;
    });
    entries_.resize(1);
    for (const moment& m : moments) {
      const auto at = static_cast<std::uint32_t>(entries_.size());
      entries_.push_back(
          {.operation = m.operation, .next = none, .previous = at - 1, .is_return = m.is_return});
      entries_[at - 1].next = at;
      (m.is_return ? infos_[m.operation].ret : infos_[m.operation].call) = at;
    }
    if constexpr (std::equality_comparable<operation_type>) {
      std::vector<std::uint32_t> waiting;
      for (const std::uint32_t i : by_call_) {
        if (history_[i].returned != pending) continue;
        for (const std::uint32_t earlier : waiting) {
          if (history_[earlier].operation == history_[i].operation) infos_[i].twin = earlier;
        }
        waiting.push_back(i);
      }
    }
  }

  /// Places what only observes. False where this configuration was here before.
  bool advance() {
    for (std::uint32_t at = entries_[head].next; at != none && !entries_[at].is_return;) {
      const std::uint32_t i = entries_[at].operation;
      if (infos_[i].ret != none && infos_[i].only_observes &&
          model_.step(states_[state_], history_[i].operation, scratch_)) {
        place(at);
        at = entries_[head].next;  // a return may have gone, and others come into view
      } else {
        at = entries_[at].next;
      }
    }
    if (order_.size() > report_.order.size() || report_.order.empty()) {
      report_.order = order_;
      for (std::uint32_t at = entries_[head].next; at != none; at = entries_[at].next) {
        if (!entries_[at].is_return) continue;
        report_.stuck = entries_[at].operation;
        break;
      }
    }
    const std::uint64_t hash = placed_hash_ ^ splitmix(state_);
    return left_ == 0 || visited_.insert(hash, state_, placed_bits_, pending_bits_);
  }

  /// The next operation, from entry `at`, that may come now and changes the state to chosen_state_.
  std::uint32_t next_choice(std::uint32_t at) {
    for (; at != none && !entries_[at].is_return; at = entries_[at].next) {
      const std::uint32_t i = entries_[at].operation;
      const operation_info& info = infos_[i];
      if (info.twin != none && !infos_[info.twin].placed) continue;
      if (info.only_observes && info.ret != none) continue;  // advance would have placed it
      if (!model_.step(states_[state_], history_[i].operation, scratch_)) continue;
      if (info.ret == none && scratch_ == states_[state_]) continue;  // it would change nothing
      chosen_state_ = intern(scratch_);
      return at;
    }
    return none;
  }

  void place(std::uint32_t at) {
    const std::uint32_t i = entries_[at].operation;
    operation_info& info = infos_[i];
    unlink(info.call);
    if (info.ret != none) {
      unlink(info.ret);
      placed_bits_[info.bit / 64] |= std::uint64_t{1} << (info.bit % 64);
      placed_hash_ ^= info.hash;
      --left_;
    } else {
      pending_bits_[info.bit / 64] |= std::uint64_t{1} << (info.bit % 64);
    }
    info.placed = true;
    order_.push_back(i);
  }

  void take_back() {
    operation_info& info = infos_[order_.back()];
    order_.pop_back();
    info.placed = false;
    if (info.ret != none) {
      relink(info.ret);
      placed_bits_[info.bit / 64] &= ~(std::uint64_t{1} << (info.bit % 64));
      placed_hash_ ^= info.hash;
      ++left_;
    } else {
      pending_bits_[info.bit / 64] &= ~(std::uint64_t{1} << (info.bit % 64));
    }
    relink(info.call);
  }

  void unlink(std::uint32_t at) {
    const entry& e = entries_[at];
    entries_[e.previous].next = e.next;
    if (e.next != none) entries_[e.next].previous = e.previous;
  }
  void relink(std::uint32_t at) {
    const entry& e = entries_[at];
    entries_[e.previous].next = at;
    if (e.next != none) entries_[e.next].previous = at;
  }

  // States by number: an open table of hashes and numbers; the states themselves are compared.
  std::uint32_t intern(const state_type& state) {
    if (4 * (states_.size() + 1) > 3 * state_slots_.size()) grow_states();
    const std::uint64_t hash = model_.hash(state);
    const std::size_t mask = state_slots_.size() - 1;
    std::size_t at = splitmix(hash) & mask;
    for (; state_slots_[at].id != none; at = (at + 1) & mask) {
      const state_slot& slot = state_slots_[at];
      if (slot.hash == hash && states_[slot.id] == state) return slot.id;
    }
    state_slots_[at] = {.hash = hash, .id = static_cast<std::uint32_t>(states_.size())};
    states_.push_back(state);
    return state_slots_[at].id;
  }

  void grow_states() {
    std::vector<state_slot> old(std::max<std::size_t>(64, 2 * state_slots_.size()));
    old.swap(state_slots_);
    const std::size_t mask = state_slots_.size() - 1;
    for (const state_slot& slot : old) {
      if (slot.id == none) continue;
      std::size_t at = splitmix(slot.hash) & mask;
      while (state_slots_[at].id != none) at = (at + 1) & mask;
      state_slots_[at] = slot;
    }
  }

  [[nodiscard]] bool out_of(const search_limits& limits) const {
    return visited_.size() >= limits.configurations_max ||
           (limits.stop != nullptr && limits.stop(limits.who));
  }

  linearizability_report finish(spec::verdict v) {
    report_.verdict = v;
    report_.configurations = visited_.size();
    if (v == verdict::legal) report_.order.assign(order_.begin(), order_.end());
    return report_;
  }

  static std::uint64_t splitmix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebu;
    return z ^ (z >> 31);
  }

  M& model_;
  std::span<const timed<operation_type>> history_;
  std::vector<std::uint32_t> by_call_;
  std::vector<operation_info> infos_;
  std::vector<std::uint64_t> placed_bits_;
  std::vector<std::uint64_t> pending_bits_;
  std::size_t left_ = 0;       // completed operations that are not placed
  configuration_set visited_;  // last of what number_operations() fills
  std::vector<entry> entries_;
  std::vector<state_type> states_;
  std::vector<state_slot> state_slots_;
  std::vector<frame> frames_;
  std::vector<std::size_t> order_;
  linearizability_report report_;
  state_type scratch_{};
  std::uint64_t placed_hash_ = 0;
  std::uint32_t state_ = 0;
  std::uint32_t chosen_state_ = 0;
};

/// Judges one history with one model.
template <sequential_model M>
linearizability_report check_linearizable(
    M& model, std::span<const timed<typename M::operation_type>> history,
    const search_limits& limits = {}) {
  return linearizability_search<M>(model, history).run(limits);
}

/// Judges a history whose operations on different keys do not touch each other (Horn and Kroening 2015):
/// each key alone. Illegal where one is; its indices are those of the whole history.
template <sequential_model M, class KeyOf>
linearizability_report check_linearizable_by_key(
    M& model, std::span<const timed<typename M::operation_type>> history, KeyOf&& key_of,
    const search_limits& limits = {}) {
  using key_type = std::remove_cvref_t<decltype(key_of(history.front().operation))>;
  std::map<key_type, std::vector<std::size_t>> parts;
  for (std::size_t i = 0; i < history.size(); ++i) parts[key_of(history[i].operation)].push_back(i);

  linearizability_report whole{
      .verdict = verdict::legal, .order = {}, .stuck = 0, .configurations = 0};
  for (const auto& [key, indices] : parts) {
    std::vector<timed<typename M::operation_type>> part;
    for (const std::size_t i : indices) part.push_back(history[i]);
    linearizability_report found =
        check_linearizable(model, std::span(std::as_const(part)), limits);
    whole.configurations += found.configurations;
    for (std::size_t& i : found.order) i = indices[i];
    if (found.verdict == verdict::illegal) {
      found.stuck = indices[found.stuck];
      found.configurations = whole.configurations;
      return found;
    }
    if (found.verdict == verdict::unknown) {
      whole.verdict = verdict::unknown;
      whole.stuck = indices[found.stuck];
    }
    whole.order.insert(whole.order.end(), found.order.begin(), found.order.end());
  }
  return whole;
}

}  // namespace jacquard::spec
