// says: an actor lists what it understands: using messages = jacquard::messages<...>;
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

struct account {};

int main() {
  jacquard::native_environment world;
  jacquard::actor_system system(world);
  (void)system.spawn<account>();
}
