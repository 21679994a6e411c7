#include <jacquard/sim/kernel.hpp>

#include <stdexcept>
#include <utility>

namespace jacquard::sim {

namespace {

constexpr unsigned phase_shift = 56;
// Four children a node: half the levels of a binary heap, and one cache line or two a level.
constexpr std::size_t arity = 4;

bool earlier(const event& a, const event& b) noexcept {
  return a.at != b.at ? a.at < b.at : a.order < b.order;
}

}  // namespace

entity_id kernel::add(std::string path, entity& who) {
  const std::uint64_t digest = digest_of(path);
  const auto index = static_cast<std::uint32_t>(entities_.size());
  const auto [known, fresh] = by_digest_.emplace(digest, index);
  if (!fresh) {
    throw std::invalid_argument("entity path '" + path + "' is taken by '" +
                                entities_[known->second].path + "'");
  }
  entities_.push_back({.path = std::move(path), .digest = digest, .who = &who});
  return {.index = index};
}

void kernel::after(nanoseconds delay, entity_id who, const event_kind& kind, std::uint32_t a,
                   std::uint64_t b, phase when) {
  push({.at = now_ + (delay > 0 ? delay : 0),
        .order = (static_cast<std::uint64_t>(when) << phase_shift) | number_++,
        .kind = &kind,
        .target = who.index,
        .a = a,
        .b = b});
}

stop_reason kernel::run(const budget& limit) {
  stopped_ = false;
  const std::uint64_t last = handled_ + limit.events;
  while (!heap_.empty()) {
    if (handled_ == last) return stop_reason::out_of_events;
    if (heap_.front().at > limit.time) return stop_reason::out_of_time;
    const event next = pop();
    now_ = next.at;
    ++handled_;
    const member& who = entities_[next.target];
    history_.add(next.at, next.kind->digest, next.kind->name, who.digest,
                 next.b ^ (std::uint64_t{next.a} << 32));
    who.who->on(*this, next);
    if (stopped_) return stop_reason::stopped;
  }
  return pending_ == 0 ? stop_reason::quiet : stop_reason::deadlock;
}

std::string kernel::path_of(std::uint64_t digest) const {
  const auto known = by_digest_.find(digest);
  return known == by_digest_.end() ? "?" : entities_[known->second].path;
}

std::vector<std::pair<std::uint64_t, std::string>> kernel::names() const {
  std::vector<std::pair<std::uint64_t, std::string>> all;
  for (const member& each : entities_) all.emplace_back(each.digest, each.path);
  return all;
}

void kernel::push(const event& what) {
  std::size_t hole = heap_.size();
  heap_.push_back(what);
  while (hole > 0) {
    const std::size_t above = (hole - 1) / arity;
    if (!earlier(what, heap_[above])) break;
    heap_[hole] = heap_[above];
    hole = above;
  }
  heap_[hole] = what;
}

event kernel::pop() {
  const event first = heap_.front();
  const event moved = heap_.back();
  heap_.pop_back();
  const std::size_t size = heap_.size();
  if (size == 0) return first;
  std::size_t hole = 0;
  for (;;) {
    const std::size_t begin = hole * arity + 1;
    if (begin >= size) break;
    const std::size_t end = begin + arity < size ? begin + arity : size;
    std::size_t least = begin;
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (earlier(heap_[i], heap_[least])) least = i;
    }
    if (!earlier(heap_[least], moved)) break;
    heap_[hole] = heap_[least];
    hole = least;
  }
  heap_[hole] = moved;
  return first;
}

}  // namespace jacquard::sim
