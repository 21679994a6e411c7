# What is claimed of strands and channels, and bugs in the policy below them that must be caught.
function(strand_check name class search bound)
  string(REGEX MATCH "^[a-z]+_[a-z]+" header ${class})
  if(header MATCHES "^channel")
    set(header channel_exchange)
  endif()
  jacquard_add_check(NAME ${name} HEADER checks/${header}.hpp CLASS "jacquard::checks::${class}"
                     CLAIMS ${ARGN} SEARCH ${search} BOUND ${bound} ENGINES relacy perturbed explore)
endfunction()

strand_check(strand_join.waits "strand_join<SYNC, jacquard::checks::joining::waits>" full 0 I1 I2 E1 E2)
strand_check(strand_join.abandons "strand_join<SYNC, jacquard::checks::joining::abandons>" full 0 I1 E1 E2)
strand_check(strand_join.looks_first "strand_join<SYNC, jacquard::checks::joining::looks_first>" full 0 I1 I2 E1 E2)

strand_check(frame_pool.keeps_one "frame_pool<SYNC, 1, 1>" full 0 I1 I2)
strand_check(frame_pool.keeps_two "frame_pool<SYNC, 2, 2>" bound 2 I1 I2)

strand_check(channel_brief_lock.2 "channel_brief_lock<SYNC, 2>" full 0 I1 E1)
strand_check(channel_brief_lock.3 "channel_brief_lock<SYNC, 3>" full 0 I1 E1)
strand_check(channel_exactly_once.meet "channel_exactly_once<SYNC, 1, 1, 0>" full 0 I1 I3)
strand_check(channel_exactly_once.room "channel_exactly_once<SYNC, 2, 1, 1>" bound 3 I1 I3)
strand_check(channel_exactly_once.two "channel_exactly_once<SYNC, 2, 2, 1>" bound 2 I1 I3)
strand_check(channel_exactly_once.meet_two "channel_exactly_once<SYNC, 2, 2, 0>" bound 2 I1 I3)
strand_check(channel_exactly_once.brief
             "channel_exactly_once<SYNC, 2, 1, 1, jacquard::basic_brief_lock<SYNC>>" bound 2 I1 I3)
strand_check(channel_order.meet "channel_order<SYNC, 0>" bound 4 I1 I2 I3)
strand_check(channel_order.room "channel_order<SYNC, 1>" bound 4 I1 I2 I3)
strand_check(channel_close.meet "channel_close<SYNC, 0>" bound 2 I1 I4)
strand_check(channel_close.room "channel_close<SYNC, 1>" bound 3 I1 I4)
strand_check(channel_deadline.meet "channel_deadline<SYNC, 0>" full 0 I1 I3)
strand_check(channel_deadline.room "channel_deadline<SYNC, 1>" full 0 I1 I3)

function(strand_bug name expect class)
  jacquard_add_check(NAME ${name} HEADER seeded_bugs/broken_channels.hpp EXPECT ${expect} CLASS "${class}"
                     SEARCH bound BOUND 2 ENGINES relacy explore)
endfunction()
strand_bug(channel_without_wake deadlock
           "jacquard::checks::channel_exactly_once<jacquard::bugs::without_wake<SYNC>, 1, 1, 0>")
strand_bug(channel_unordered_unlock data_race
           "jacquard::checks::channel_exactly_once<jacquard::bugs::unordered_stores<SYNC>, 1, 1, 1, jacquard::basic_brief_lock<jacquard::bugs::unordered_stores<SYNC>>>")
strand_bug(channel_lock_that_looks_first data_race
           "jacquard::checks::channel_exactly_once<SYNC, 1, 1, 1, jacquard::bugs::looks_first<SYNC>>")
