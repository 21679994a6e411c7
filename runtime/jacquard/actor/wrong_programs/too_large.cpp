// says: a message of more than 4 KiB does not travel by value: send a handle to it
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

struct page {
  char text[5000];
};
struct printer {
  using messages = jacquard::messages<page>;
  void on(jacquard::context<printer>&, const page&) {}
};

int main() {
  jacquard::native_environment world;
  jacquard::actor_system system(world);
  (void)system.spawn<printer>().tell(page{});
}
