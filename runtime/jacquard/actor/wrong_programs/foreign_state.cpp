// says: become names one of the actor's states
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

struct close_it {};
struct nowhere {};
struct account {
  using messages = jacquard::messages<close_it>;
  struct open {
    void on(jacquard::context<account>& here, const close_it&) { here.become<nowhere>(); }
  };
  using states = jacquard::states<open>;
};

int main() {
  jacquard::native_environment world;
  jacquard::actor_system system(world);
  (void)system.spawn<account>().tell(close_it{});
}
