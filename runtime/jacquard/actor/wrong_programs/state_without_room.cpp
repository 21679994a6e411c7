// says: a state that does not handle every message needs a stash
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

struct open_it {};
struct deposit {
  int cents;
};
struct account {
  using messages = jacquard::messages<open_it, deposit>;
  struct shut {
    void on(jacquard::context<account>&, const open_it&) {}
  };
  struct open {
    void on(jacquard::context<account>&, const deposit&) {}
  };
  using states = jacquard::states<shut, open>;
};

int main() {
  jacquard::native_environment world;
  jacquard::actor_system system(world);
  (void)system.spawn<account>().tell(open_it{});
}
