# The scheduler that ships, and its timers, in small worlds.
function(timers_check name world bound)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "ENGINES")
  if(NOT arg_ENGINES)
    set(arg_ENGINES relacy perturbed explore)
  endif()
  jacquard_add_check(NAME scheduler_timers.${name} HEADER checks/scheduler_timers.hpp
                     CLASS "jacquard::checks::scheduler_timers<SYNC, jacquard::checks::timing{${world}}>"
                     CLAIMS I1 I3 I4 SEARCH bound BOUND ${bound} ENGINES ${arg_ENGINES})
endfunction()

timers_check(asleep.1 "" 3)
timers_check(asleep.2 ".workers = 2, .asleep = 2" 1)
timers_check(awake.2 ".workers = 2, .asleep = 1" 1)
timers_check(cancel.1 ".cancelled = true" 2)
timers_check(cancel.2 ".workers = 2, .cancelled = true, .before = true" 1)
timers_check(periodic.1 ".cancelled = true, .periodic = true, .before = true" 3)
timers_check(earlier.1 ".far_before = true" 3)
timers_check(earlier.2 ".workers = 2, .far_before = true, .asleep = 2" 1)
timers_check(two ".workers = 2, .timers = 2, .before = true" 2)
timers_check(task ".workers = 2, .before = true, .makes_tasks = true" 2)
timers_check(by_a_worker.1 ".by_a_worker = true" 3)
timers_check(by_a_worker.2 ".workers = 2, .before = true, .by_a_worker = true" 1)
timers_check(stuck ".workers = 2, .beside_a_stuck = true" 1)
timers_check(tasks ".workers = 2, .timers = 2, .before = true, .makes_tasks = true" 1)
# More executions than a search without a bound ends in, so no search has them: a timer that is cancelled while one of two
# workers fires and renews it (periodic.1 has one worker; after 964,102 executions the explorer had 330 s to go); a task that
# comes when both sleep, and takes away who would have seen to the timer (idle_workers.hand_over has that alone).
timers_check(periodic.2 ".workers = 2, .cancelled = true, .periodic = true, .before = true" 1 ENGINES perturbed)
timers_check(stuck.later ".workers = 2, .before = true, .beside_a_stuck = true, .asleep = 2" 1 ENGINES perturbed)
# With light fences that order nothing among themselves.
jacquard_add_check(NAME scheduler_timers.asymmetric HEADER checks/asymmetric_fences.hpp
                   CLASS "jacquard::model::with_asymmetric_fences<jacquard::checks::scheduler_timers<jacquard::model::asymmetric<SYNC, 2>, jacquard::checks::timing{}>, SYNC>"
                   CLAIMS I4 SEARCH bound BOUND 2 ENGINES relacy explore)
