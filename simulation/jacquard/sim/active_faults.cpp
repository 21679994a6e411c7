#include <jacquard/sim/active_faults.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace jacquard::sim {

namespace {

constexpr event_kind fault_begins{"fault begins"};
constexpr event_kind fault_ends{"fault ends"};

}  // namespace

void active_faults::schedule(kernel& clock, entity_id who) {
  for (std::uint32_t i = 0; i < planned_.size(); ++i) {
    const fault& f = planned_[i];
    clock.after(f.at, who, fault_begins, i, 0, phase::fault);
    clock.after(f.at + f.lasts, who, fault_ends, i, 0, phase::fault);
    end_ = std::max(end_, f.at + f.lasts);
  }
}

const fault* active_faults::begins(const event& what) {
  if (*what.kind != fault_begins) return nullptr;
  active_.push_back(&planned_[what.a]);
  return active_.back();
}

const fault* active_faults::ends(const event& what) {
  if (*what.kind != fault_ends) return nullptr;
  const fault* const over = &planned_[what.a];
  std::erase(active_, over);
  return over;
}

std::uint32_t active_faults::slow_factor() const noexcept {
  std::uint32_t factor = 1;
  for (const fault* const f : active_) {
    if (f->kind == fault_kind::slow) factor = std::max(factor, f->factor);
  }
  return factor;
}

std::uint32_t active_faults::burst_percent() const noexcept {
  std::uint32_t percent = 0;
  for (const fault* const f : active_) {
    if (f->kind == fault_kind::burst) percent += f->percent;
  }
  return percent;
}

nanoseconds active_faults::lateness() const noexcept {
  nanoseconds late = 0;
  for (const fault* const f : active_) {
    if (f->kind == fault_kind::late) late = std::max(late, f->extra);
  }
  return late;
}

link_faults active_faults::on_link(std::uint32_t producer) const noexcept {
  link_faults sum;
  for (const fault* const f : active_) {
    if (f->producer != every_producer && f->producer != producer) continue;
    if (f->kind == fault_kind::delay) sum.extra += f->extra;
    if (f->kind == fault_kind::loss) sum.loss_percent += f->percent;
    if (f->kind == fault_kind::duplicate) sum.duplicate_percent += f->percent;
  }
  return sum;
}

void draw(trace& picture, const fault& what, nanoseconds now) {
  if (what.lasts > 0) {
    picture.slice(fault_track, fmt::format("{} ({})", what.id, to_string(what.kind)), now,
                  now + what.lasts);
  }
  picture.instant(fault_track, fmt::format("{} {}", to_string(what.kind), what.id), now);
}

}  // namespace jacquard::sim
