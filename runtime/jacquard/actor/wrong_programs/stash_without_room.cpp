// says: an actor that stashes says how much: static constexpr std::uint32_t stash_capacity = ...;
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

struct deposit {
  int cents;
};
struct account {
  using messages = jacquard::messages<deposit>;
  void on(jacquard::context<account>& here, const deposit&) { (void)here.stash(); }
  int cents = 0;
};

int main() {
  jacquard::native_environment world;
  jacquard::actor_system system(world);
  (void)system.spawn<account>().tell(deposit{1});
}
