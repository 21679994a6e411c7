// jacquard/spec/models.hpp: sequential programs for spec/linearizability.hpp: a register with
// compare-and-swap, a key-value store, and a bounded queue with a mailbox's overflow policies.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <jacquard/mailbox/mailbox.hpp>

namespace jacquard::spec {

/// Mixes a word into a hash.
[[nodiscard]] constexpr std::uint64_t hash_with(std::uint64_t hash, std::uint64_t word) noexcept {
  hash ^= word + 0x9e37'79b9'7f4a'7c15u + (hash << 6) + (hash >> 2);
  hash *= 0xff51'afd7'ed55'8ccdu;
  return hash ^ (hash >> 32);
}

/// One register: read, write, compare-and-swap. Starts at `nil`.
struct register_model {
  static constexpr std::int64_t nil = std::numeric_limits<std::int64_t>::min();

  enum class act : std::uint8_t { read, write, swap };
  enum class answer : std::uint8_t { unknown, done, mismatch };

  struct operation_type {
    act what = act::read;
    answer got = answer::unknown;
    std::int64_t value = nil;     // read: what came back; write: what to store; swap: the new value
    std::int64_t expected = nil;  // swap
    friend bool operator==(const operation_type&, const operation_type&) = default;
  };
  using state_type = std::int64_t;

  [[nodiscard]] state_type initial() const noexcept { return nil; }
  [[nodiscard]] std::uint64_t hash(state_type now) const noexcept {
    return hash_with(1, static_cast<std::uint64_t>(now));
  }
  [[nodiscard]] bool only_observes(const operation_type& op) const noexcept {
    return op.what == act::read || (op.what == act::swap && op.got == answer::mismatch);
  }
  bool step(state_type now, const operation_type& op, state_type& next) const noexcept {
    next = now;
    switch (op.what) {
      case act::read:
        return op.got == answer::unknown || op.value == now;
      case act::write:
        next = op.value;
        return op.got != answer::mismatch;
      case act::swap:
        break;
    }
    const bool fits = now == op.expected;
    if (fits) next = op.value;
    return op.got == answer::unknown || fits == (op.got == answer::done);
  }
};

/// Strings by number. Equal strings have equal numbers; 0 is the empty string.
class string_pool {
 public:
  string_pool() { (void)number(""); }

  std::uint32_t number(std::string_view text) {
    const auto [at, fresh] =
        numbers_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
    if (fresh) texts_.push_back(&at->first);
    return at->second;
  }
  [[nodiscard]] const std::string& text(std::uint32_t number) const { return *texts_[number]; }

  std::uint32_t concatenated(std::uint32_t left, std::uint32_t right) {
    const std::uint64_t pair = (std::uint64_t{left} << 32) | right;
    const auto [at, fresh] = pairs_.try_emplace(pair, 0);
    if (fresh) at->second = number(text(left) + text(right));
    return at->second;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;  // its nodes do not move
  std::vector<const std::string*> texts_;
  std::unordered_map<std::uint64_t, std::uint32_t> pairs_;
};

/// A store of strings: get, put, append. Every key starts empty. Keys and values are numbers of `strings`;
/// keys are dense (0, 1, ...), given out by `key`.
struct kv_model {
  enum class act : std::uint8_t { get, put, append };

  struct operation_type {
    act what = act::get;
    bool answered = true;  // get: `value` came back
    std::uint32_t key = 0;
    std::uint32_t value = 0;  // put, append: the argument
    friend bool operator==(const operation_type&, const operation_type&) = default;
  };
  using state_type = std::vector<std::uint32_t>;

  string_pool strings;

  std::uint32_t key(std::string_view name) {
    return keys_.try_emplace(std::string(name), static_cast<std::uint32_t>(keys_.size()))
        .first->second;
  }

  [[nodiscard]] state_type initial() const { return state_type(keys_.size(), 0); }
  [[nodiscard]] std::uint64_t hash(const state_type& now) const noexcept {
    std::uint64_t sum = 0;  // of terms that do not wait for each other
    for (std::uint64_t i = 0; i < now.size(); ++i) {
      const std::uint64_t term = ((i << 32) + now[i] + 1) * 0x9e37'79b9'7f4a'7c15u;
      sum += (term ^ (term >> 29)) * 0xbf58'476d'1ce4'e5b9u;
    }
    return sum;
  }
  [[nodiscard]] bool only_observes(const operation_type& op) const noexcept {
    return op.what == act::get;
  }
  bool step(const state_type& now, const operation_type& op, state_type& next) {
    if (op.what == act::get && op.answered && now[op.key] != op.value) return false;
    next = now;
    if (op.what == act::put) next[op.key] = op.value;
    if (op.what == act::append) next[op.key] = strings.concatenated(now[op.key], op.value);
    return true;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> keys_;
};

/// One lane of a mailbox, a message at a time. Messages are unique ids; 0 is none.
struct queue_model {
  std::uint32_t capacity = unbounded;
  jacquard::overflow overflow = jacquard::overflow::reject;

  enum class act : std::uint8_t {
    send,     // `id`, answered `result`; drop_oldest may name the `evicted`
    receive,  // `id` was handed out
    empty,    // the mailbox was found to have nothing
    close,    // `first`: it was open
  };

  struct operation_type {
    act what = act::send;
    send_result result = send_result::accepted;
    bool first = false;
    bool answered = true;  // false: pending, `result`, `first` and `evicted` mean nothing
    std::uint64_t id = 0;
    std::uint64_t evicted = 0;
    friend bool operator==(const operation_type&, const operation_type&) = default;
  };
  struct state_type {
    std::vector<std::uint64_t> waiting;
    bool closed = false;
    friend bool operator==(const state_type&, const state_type&) = default;
  };

  [[nodiscard]] state_type initial() const { return {}; }
  [[nodiscard]] std::uint64_t hash(const state_type& now) const noexcept {
    std::uint64_t h = now.closed ? 2 : 1;
    for (const std::uint64_t id : now.waiting) h = hash_with(h, id);
    return h;
  }
  [[nodiscard]] bool only_observes(const operation_type& op) const noexcept {
    if (!op.answered) return false;
    return op.what == act::empty || (op.what == act::close && !op.first) ||
           (op.what == act::send && op.result != send_result::accepted);
  }
  bool step(const state_type& now, const operation_type& op, state_type& next) const {
    switch (op.what) {
      case act::send:
        return send(now, op, next);
      case act::receive:
        if (now.waiting.empty() || now.waiting.front() != op.id) return false;
        next.closed = now.closed;
        next.waiting.assign(now.waiting.begin() + 1, now.waiting.end());
        return true;
      case act::empty:
        next = now;
        return now.waiting.empty();
      case act::close:
        if (op.answered && op.first == now.closed) return false;
        next = now;
        next.closed = true;
        return true;
    }
    return false;
  }

 private:
  bool send(const state_type& now, const operation_type& op, state_type& next) const {
    next = now;
    const bool full = now.waiting.size() >= capacity;
    send_result right = send_result::accepted;
    std::uint64_t evicted = 0;
    if (now.closed) {
      right = send_result::closed;
    } else if (!full) {
      next.waiting.push_back(op.id);
    } else {
      switch (overflow) {
        case overflow::reject:
          right = send_result::busy;
          break;
        case overflow::drop_newest:
          right = send_result::dropped;
          break;
        case overflow::drop_oldest:
          evicted = next.waiting.front();
          next.waiting.erase(next.waiting.begin());
          next.waiting.push_back(op.id);
          break;
        case overflow::block:
          right = op.result == send_result::busy ? send_result::busy : send_result::deadline;
          break;
      }
    }
    return !op.answered || (op.result == right && op.evicted == evicted);
  }
};

}  // namespace jacquard::spec
