// says: ’ to ‘void (*)(void*, const jacquard::high_water_alarm&) noexcept’
#include <jacquard/actor/actor_system.hpp>

void may_throw(void*, const jacquard::high_water_alarm&) { throw 1; }

int main() {
  jacquard::high_water_alarm_hook told;
  told.call = &may_throw;
}
