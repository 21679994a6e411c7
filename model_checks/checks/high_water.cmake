# What is claimed of the alarm of mailboxes, channels and inboxes.
function(water_check name class search bound)
  jacquard_add_check(NAME ${name} HEADER checks/high_water.hpp CLASS "jacquard::checks::${class}"
                     CLAIMS ${ARGN} SEARCH ${search} BOUND ${bound} ENGINES relacy perturbed explore)
endfunction()

# Parameters: senders, letters before, letters taken, high mark, low mark.
foreach(kind IN ITEMS linked:1 locked:3)
  string(REPLACE ":" ";" kind ${kind})
  list(POP_BACK kind bound)
  set(lane jacquard::checks::${kind}_lane)
  water_check(high_water.reached.${kind} "high_water<SYNC, ${lane}, 2, 0, 0, 2, 1>" bound ${bound} I6)
  water_check(high_water.again.${kind} "high_water<SYNC, ${lane}, 2, 1, 2, 2, 0>" bound ${bound} I6)
  water_check(high_water.next_to_low.${kind} "high_water<SYNC, ${lane}, 2, 2, 1, 2, 1>" bound ${bound} I6)
endforeach()
# Relacy needs 1,262,736 executions for context bound 1 of this one; the explorer ends without a bound.
jacquard_add_check(NAME high_water.three.linked HEADER checks/high_water.hpp
                   CLASS "jacquard::checks::high_water<SYNC, jacquard::checks::linked_lane, 3, 0, 0, 2, 1>"
                   CLAIMS I6 ENGINES perturbed explore SEARCH full)
water_check(channel_high_water "channel_high_water<SYNC, 2, 2, 2, 0>" bound 3 I6)
water_check(inbox_high_water.reached "inbox_high_water<SYNC, 3, 0, 2, 1>" bound 2 I5)
water_check(inbox_high_water.again "inbox_high_water<SYNC, 2, 3, 3, 0>" bound 2 I5 E2)
water_check(inbox_high_water.run "inbox_high_water_run<SYNC, 2, 2, 2, 0>" bound 1 I5)
