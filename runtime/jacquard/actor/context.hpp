// jacquard/actor/context.hpp: what a handler sees. tidy allows cards: it is a view; cell.hpp has the card.
#pragma once

#include <atomic>
#include <string>

#include <jacquard/actor/actor_ref.hpp>
#include <jacquard/actor/cell.hpp>

namespace jacquard {

/// What a handler may do besides its own work. Lives while the handler runs.
template <class A>
class context {
 public:
  [[nodiscard]] actor_ref<A> self() const noexcept { return {home_, home_.generation()}; }
  [[nodiscard]] actor_system& system() const noexcept {
    return *home_.system_.load(std::memory_order::relaxed);  // the running actor's own
  }
  [[nodiscard]] const std::string& name() const noexcept { return home_.name(); }
  /// Ends this actor after what it has accepted.
  void stop() noexcept { home_.draining_ = true; }

 private:
  friend class actor_cell<A>;
  explicit context(actor_cell<A>& home) noexcept : home_(home) {}
  actor_cell<A>& home_;
};

}  // namespace jacquard
