# Below the scheduler that ships; caught by the checks of its timers.
function(timers_bug name expect world)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "IDLE;WHEEL;POLICY" "ENGINES")
  set(sync SYNC)
  if(arg_POLICY)
    set(sync "jacquard::bugs::${arg_POLICY}<SYNC>")
  endif()
  set(parts "")
  if(arg_IDLE)
    set(parts ", jacquard::bugs::${arg_IDLE}")
  elseif(arg_WHEEL)
    set(parts ", jacquard::basic_idle_workers, jacquard::bugs::${arg_WHEEL}")
  endif()
  if(NOT arg_ENGINES)
    set(arg_ENGINES relacy explore)
  endif()
  seeded_bug(scheduler_timers.${name} seeded_bugs/broken_schedulers.hpp ${expect}
             "jacquard::checks::scheduler_timers<${sync}, jacquard::checks::timing{${world}}${parts}>"
             ENGINES ${arg_ENGINES} SEARCH bound BOUND 2)
endfunction()

timers_bug(lost_arm deadlock "" IDLE lost_arm)
timers_bug(arm_without_fences deadlock "" POLICY without_fences)
timers_bug(no_second_look deadlock "" IDLE no_second_look_at_timers)
timers_bug(forgotten_earlier_deadline deadlock ".far_before = true" IDLE forgotten_earlier_deadline)
# Relacy finds this one in keeper_without_hand_over: here it does not come to it in a minute.
timers_bug(no_hand_over deadlock ".workers = 2, .before = true, .beside_a_stuck = true, .asleep = 2" IDLE no_hand_over
           ENGINES explore)
timers_bug(cancel_without_mutex data_race ".cancelled = true, .before = true" POLICY open_mutexes)
timers_bug(fires_what_was_cancelled data_race ".cancelled = true, .before = true" WHEEL fires_what_was_cancelled)
timers_bug(forgets_a_cancel_in_a_fire deadlock ".cancelled = true, .periodic = true, .before = true"
           WHEEL forgets_a_cancel_in_a_fire)
