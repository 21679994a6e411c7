// says: a message is moved into its letter, and that move must not throw
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

struct deposit {
  deposit() = default;
  deposit(deposit&&) {}  // not noexcept
  deposit& operator=(deposit&&) = default;
};
struct account {
  using messages = jacquard::messages<deposit>;
  void on(jacquard::context<account>&, const deposit&) {}
};

int main() {
  jacquard::native_environment world;
  jacquard::actor_system system(world);
  (void)system.spawn<account>().tell(deposit{});
}
