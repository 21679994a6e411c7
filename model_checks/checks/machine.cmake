# The whole way of a letter, in small worlds.
function(machine_check name world)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "BOUND" "ENGINES")
  if(NOT arg_ENGINES)
    set(arg_ENGINES relacy perturbed explore)
  endif()
  jacquard_add_check(NAME scheduling_state_machine.${name} HEADER checks/scheduling_state_machine.hpp
                     CLASS "jacquard::checks::scheduling_state_machine<SYNC, jacquard::checks::machine{${world}}>"
                     CLAIMS I1 I2 I3 SEARCH bound BOUND ${arg_BOUND} ENGINES ${arg_ENGINES})
endfunction()

machine_check(outside ".letters = 2" BOUND 2)
machine_check(outside.batch ".letters = 2, .batch = 2" BOUND 2)
machine_check(outside.two ".senders = 2" BOUND 1)
machine_check(self ".letters = 2, .writes_on = true" BOUND 2)
machine_check(stop ".orders = 1" BOUND 1)
machine_check(stop.self ".orders = 1, .writes_on = true" BOUND 1)
machine_check(kill ".orders = 1, .kills = true" BOUND 1)
machine_check(stop.kill ".senders = 0, .orders = 2" BOUND 2)
machine_check(steal ".workers = 2, .senders = 0, .batch = 8, .spreads = 2" BOUND 1)
machine_check(hand_on ".workers = 2, .senders = 0, .spreads = 1" BOUND 1)
# Cut by `habits` so that a search without a bound ends. Real threads run the whole ones too.
machine_check(steal.answered ".workers = 2, .senders = 0, .batch = 8, .spreads = 2, .answers = true, \
.habits = {.first_waits = true}" BOUND 1)
machine_check(steal.outside ".workers = 2, .habits = {.asleep = 2, .goes_at_once = true}" BOUND 2)
machine_check(steal.answered.whole ".workers = 2, .senders = 0, .batch = 8, .spreads = 2, .answers = true" BOUND 1
              ENGINES perturbed)
machine_check(steal.outside.whole ".workers = 2" BOUND 1 ENGINES perturbed)
