# What is claimed of the actor runtime's concurrent parts.
function(actor_check name header class search bound)
  jacquard_add_check(NAME ${name} HEADER checks/${header}.hpp CLASS "jacquard::checks::${class}"
                     CLAIMS ${ARGN} SEARCH ${search} BOUND ${bound} ENGINES relacy perturbed explore)
endfunction()

actor_check(work_stealing_deque.1 work_stealing_deque "work_stealing_deque<SYNC, 1, 1, 1>" full 0 I1 E1 E2)
actor_check(work_stealing_deque.2 work_stealing_deque "work_stealing_deque<SYNC, 2, 1, 2>" bound 3 I1 E1 E2)
actor_check(work_stealing_deque.3 work_stealing_deque "work_stealing_deque<SYNC, 2, 2, 1>" bound 2 I1 E1 E2)
actor_check(idle_workers.1 idle_workers "idle_workers<SYNC, 1, 1>" bound 3 I1 I2 E1)
actor_check(idle_workers.2 idle_workers "idle_workers<SYNC, 2, 1>" bound 1 I1 I2 E1)
actor_check(inbox inbox "inbox<SYNC, 2>" bound 2 I1 I2 I3 E1 E3)
actor_check(inbox.order inbox "inbox_order<SYNC>" bound 2 I1 I3 E3 E4)
actor_check(inbox.reopened inbox "inbox_reopened<SYNC>" full 0 I1 I4 E3)
actor_check(future.reply future "future_reply_vs_timeout<SYNC, false, 1>" bound 3 I1 I3 E1 E2)
actor_check(future.reply_vs_timeout future "future_reply_vs_timeout<SYNC, true, 1>" bound 3 I1 I3 E1 E2)
actor_check(future.reply_vs_failure future "future_reply_vs_timeout<SYNC, true, 2>" bound 1 I1 I3 E1 E2)
actor_check(future.reuse future "future_reuse<SYNC>" bound 3 I2 I4)
actor_check(slab slab "slab<SYNC>" bound 3 I1)
