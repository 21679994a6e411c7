// says: this actor does not list that message in its `messages`
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

struct deposit {
  int cents;
};
struct account {
  using messages = jacquard::messages<deposit>;
  void on(jacquard::context<account>&, const deposit& m) { cents += m.cents; }
  int cents = 0;
};

int main() {
  jacquard::native_environment world;
  jacquard::actor_system system(world);
  (void)system.spawn<account>().tell(7);
}
