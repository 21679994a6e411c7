// The stories with actors, and on how many workers each is told.
#include <fmt/core.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include <jacquard/sim/scenario.hpp>
#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

scenario usual() {
  scenario story;
  story.producers = 3;
  story.messages = 60;
  story.gap = {.floor = 4 * microsecond, .jitter_mean = 8 * microsecond};
  story.link = {.floor = 5 * microsecond,
                .jitter_mean = 5 * microsecond,
                .tail = tail::pareto,
                .tail_per_million = 5'000,
                .tail_scale = 20 * microsecond,
                .cap = 500 * microsecond};
  story.service = {.floor = 1 * microsecond,
                   .jitter_mean = 1 * microsecond,
                   .tail = tail::lognormal,
                   .tail_per_million = 5'000,
                   .tail_scale = 20 * microsecond,
                   .cap = 200 * microsecond};
  story.handled_per_mille_min = 500;
  return story;
}

class teller {
 public:
  // One story for each of these numbers of workers.
  void tell(std::string_view name, std::string_view summary, world_maker* make,
            std::initializer_list<std::uint32_t> worker_counts,
            const std::function<void(scenario&)>& change) {
    for (const std::uint32_t workers : worker_counts) {
      scenario story = usual();
      story.name = fmt::format("{}.{}", name, workers);
      story.summary = summary;
      story.workers = workers;
      story.make = make;
      change(story);
      told_.push_back(std::move(story));
    }
  }
  std::vector<scenario> take() { return std::move(told_); }

 private:
  std::vector<scenario> told_;
};

}  // namespace

std::vector<scenario> actor_stories() {
  teller t;
  t.tell("ping_pong", "pairs over slow, lossy links; a ping is sent again until it is answered",
         make_ping_pong, {1, 2}, [](scenario& s) {
           s.messages = 40;
           s.faults = {{fault_kind::loss, 0, 2},
                       {fault_kind::duplicate, 0, 2},
                       {fault_kind::delay, 0, 2},
                       {fault_kind::late, 0, 1},
                       {fault_kind::pause, 0, 1}};
           s.sometimes = {point::lost_on_link, point::duplicated_on_link};
           s.handled_per_mille_min = 1000;
         });
  t.tell(
      "fan", "one hands out work to many, one collects; workers stall", make_fan, {1, 2, 4},
      [](scenario& s) {
        s.gap = {.floor = 6 * microsecond, .jitter_mean = 10 * microsecond};
        s.messages = 30;
        s.faults = {{fault_kind::pause, 0, 3}, {fault_kind::slow, 0, 1}, {fault_kind::burst, 0, 1}};
        s.sometimes = {point::stalled_in_handler, point::time_yield};
        if (s.workers > 1) s.sometimes.push_back(point::stolen);
        s.handled_per_mille_min = 15'000;
      });
  t.tell("bank", "money moves by questions while accounts are killed, stopped and crash", make_bank,
         {1, 2}, [](scenario& s) {
           s.faults = {{fault_kind::kill, 0, 2},
                       {fault_kind::stop, 0, 1},
                       {fault_kind::crash, 0, 2},
                       {fault_kind::slow, 0, 1},
                       {fault_kind::pause, 0, 2}};
           s.sometimes = {
               point::answer_ready,        point::answer_timed_out, point::answer_cancelled,
               point::answer_target_down,  point::answer_failed,    point::answer_continued,
               point::answer_late,         point::crashed,          point::expired,
               point::killed_with_backlog, point::name_reused};
           s.handled_per_mille_min = 300;
         });
  for (const overflow policy :
       {overflow::reject, overflow::drop_newest, overflow::drop_oldest, overflow::block}) {
    t.tell(fmt::format("pipeline.{}", to_string(policy)),
           "three bounded stages; one keeps what the next has no room for", make_pipeline, {2},
           [&](scenario& s) {
             s.capacity = 4;
             s.overflow = policy;
             s.faults = {
                 {fault_kind::slow, 0, 2}, {fault_kind::burst, 1, 1}, {fault_kind::pause, 0, 2}};
             // A plan may drown the slow stages.
             s.handled_per_mille_min = 25;
             s.sometimes = {point::full};
             if (policy != overflow::drop_oldest) s.sometimes.push_back(point::expired);
             if (policy == overflow::drop_newest) s.sometimes.push_back(point::dropped_newest);
             if (policy == overflow::drop_oldest) s.sometimes.push_back(point::evicted_oldest);
             if (policy == overflow::reject || policy == overflow::block)
               s.sometimes.push_back(point::held_back);
             if (policy == overflow::reject) s.sometimes.push_back(point::busy);
             if (policy == overflow::block) s.sometimes.push_back(point::deadline);
           });
  }
  t.tell("timers", "clocks tick, alarms are set and cancelled; workers stall, timers are late",
         make_timers, {1, 3}, [](scenario& s) {
           s.messages = 50;
           // Thirty times that is still short beside what a clock may be silent.
           s.service = {
               .floor = 1 * microsecond, .jitter_mean = 1 * microsecond, .cap = 8 * microsecond};
           s.faults = {{fault_kind::pause, 0, 3},
                       {fault_kind::late, 0, 2},
                       {fault_kind::slow, 0, 1},
                       {fault_kind::kill, 0, 1}};
           s.sometimes = {point::tick_late, point::timer_cancelled};
           s.handled_per_mille_min = 100;
         });
  t.tell("chat", "a room says everything to everybody; members come and go", make_chat, {1, 4},
         [](scenario& s) {
           s.messages = 40;
           s.faults = {{fault_kind::kill, 0, 2},      {fault_kind::stop, 0, 2},
                       {fault_kind::crash, 0, 2},     {fault_kind::loss, 0, 1},
                       {fault_kind::duplicate, 0, 1}, {fault_kind::pause, 0, 2}};
           s.sometimes = {point::crashed, point::killed_with_backlog, point::refused_closed,
                          point::name_reused};
           s.handled_per_mille_min = 1000;
         });
  t.tell("strands", "strands send and receive over a channel that closes", make_strands, {1, 4},
         [](scenario& s) {
           s.capacity = 3;
           s.faults = {{fault_kind::close, 0, 1}, {fault_kind::pause, 0, 2}};
           s.sometimes = {point::strand_waited, point::told_of_close, point::drained_at_close};
           s.handled_per_mille_min = 0;
         });
  t.tell(
      "shutdown", "a busy system is shut down, with a deadline", make_shutdown, {1, 2},
      [](scenario& s) {
        s.faults = {{fault_kind::slow, 0, 2}, {fault_kind::pause, 0, 2}, {fault_kind::burst, 0, 1}};
        s.sometimes = {point::ended_in_time, point::stuck_at_deadline, point::refused_closed};
        s.handled_per_mille_min = 25;
      });
  // 1,250 calls of each of 4 senders, one in 480 us, and each makes another: 10,000 messages in 0.6 s.
  t.tell("ten_thousand", "10,000 actors at a million messages a minute, for 0.6 s; some fail",
         make_ten_thousand, {4}, [](scenario& s) {
           s.producers = 4;
           s.messages = 1'250;
           s.gap = {.floor = 240 * microsecond, .jitter_mean = 240 * microsecond};
           s.faults = {{fault_kind::pause, 0, 3}, {fault_kind::slow, 0, 1},
                       {fault_kind::burst, 0, 1}, {fault_kind::crash, 0, 2},
                       {fault_kind::kill, 0, 2},  {fault_kind::stop, 0, 2}};
           s.sometimes = {point::stolen, point::crashed, point::refused_closed};
           s.handled_per_mille_min = 1'980;
         });
  return t.take();
}

}  // namespace jacquard::sim
