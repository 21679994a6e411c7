# In the way of a letter from its sender to a worker's turn; caught by the check of the whole of it.
function(machine_bug name expect world)
  cmake_parse_arguments(PARSE_ARGV 3 arg "PERTURBED" "FLAW;INBOX;IDLE;POLICY" "")
  set(flaw "")
  if(arg_FLAW)
    set(flaw ", jacquard::checks::machine_flaw::${arg_FLAW}")
  elseif(arg_INBOX)
    set(flaw ", jacquard::checks::machine_flaw::none, jacquard::bugs::${arg_INBOX}")
  elseif(arg_IDLE)
    set(flaw ", jacquard::checks::machine_flaw::none, jacquard::basic_inbox, jacquard::bugs::${arg_IDLE}")
  endif()
  set(sync SYNC)
  if(arg_POLICY)
    set(sync "jacquard::bugs::${arg_POLICY}<SYNC>")
  endif()
  set(engines relacy explore)
  set(tries "")
  if(arg_PERTURBED)
    list(APPEND engines perturbed)
    set(tries ITERATIONS 200000)  # real threads meet by chance: after a few thousand of them, at times
  endif()
  seeded_bug(machine.${name} seeded_bugs/broken_machines.hpp ${expect}
             "jacquard::checks::scheduling_state_machine<${sync}, jacquard::checks::machine{${world}}${flaw}>"
             ENGINES ${engines} SEARCH bound BOUND 2 ${tries})
endfunction()

machine_bug(schedules_twice claim ".writes_on = true" FLAW schedules_twice PERTURBED)
machine_bug(schedules_before_it_pushes deadlock "" FLAW schedules_before_it_pushes)
machine_bug(goes_on_after_its_share data_race ".workers = 2, .writes_on = true" FLAW goes_on_after_its_share)
machine_bug(forgets_after_its_share deadlock ".letters = 2" FLAW forgets_after_its_share)
machine_bug(compares_no_generation claim ".orders = 1" FLAW compares_no_generation PERTURBED)
machine_bug(takes_orders_of_others claim ".senders = 0, .orders = 2" FLAW takes_orders_of_others)
machine_bug(drains_before_it_closes deadlock ".orders = 1, .kills = true" FLAW drains_before_it_closes)
machine_bug(sleeps_without_a_look deadlock "" IDLE no_second_look_at_work)
machine_bug(lost_call deadlock "" IDLE lost_call)
machine_bug(gives_up_blindly deadlock ".letters = 2, .batch = 2" INBOX gives_up_blindly)
machine_bug(takes_both_ways claim ".orders = 1" INBOX takes_both_ways PERTURBED)
# In the largest world as it is cut for a search without a bound.
machine_bug(steal.sleeps_without_a_look deadlock ".workers = 2, .habits = {.asleep = 2, .goes_at_once = true}"
            IDLE no_second_look_at_work)
machine_bug(steal.without_fences deadlock ".workers = 2, .habits = {.asleep = 2, .goes_at_once = true}"
            POLICY without_fences)
