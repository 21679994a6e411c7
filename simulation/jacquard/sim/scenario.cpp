// The stories, and for which mailboxes each is told. A story's numbers are near saturation: four producers
// emit a message every 2 us on average and the consumer needs 1.8 us for one, so every fault makes a queue.
#include <jacquard/sim/scenario.hpp>

#include <array>
#include <functional>
#include <string>

namespace jacquard::sim {

namespace {

constexpr std::array<std::string_view, point_count> point_names{"full",
                                                                "busy",
                                                                "dropped_newest",
                                                                "evicted_oldest",
                                                                "blocked_then_sent",
                                                                "deadline",
                                                                "too_large",
                                                                "refused_closed",
                                                                "head_of_line",
                                                                "claim_across_close",
                                                                "eviction_stood_back",
                                                                "control_overtook",
                                                                "backlog_at_pause",
                                                                "lost_at_restart",
                                                                "lost_on_link",
                                                                "duplicated_on_link",
                                                                "alarm",
                                                                "drained_at_close",
                                                                "recovered",
                                                                "stolen",
                                                                "stalled_in_handler",
                                                                "time_yield",
                                                                "crashed",
                                                                "killed_with_backlog",
                                                                "expired",
                                                                "answer_ready",
                                                                "answer_timed_out",
                                                                "answer_cancelled",
                                                                "answer_target_down",
                                                                "answer_failed",
                                                                "answer_late",
                                                                "tick_late",
                                                                "timer_cancelled",
                                                                "held_back",
                                                                "strand_waited",
                                                                "told_of_close",
                                                                "ended_in_time",
                                                                "stuck_at_deadline",
                                                                "answer_continued",
                                                                "name_reused"};

using enum overflow;
using kinds = std::vector<mailbox_kind>;

const kinds all{mailbox_kind::ring, mailbox_kind::linked, mailbox_kind::locked};
const kinds evicting{mailbox_kind::ring, mailbox_kind::locked};  // linked has no drop_oldest
const kinds unlocked{mailbox_kind::ring, mailbox_kind::linked};  // a stalled sender holds no lock
const kinds ring_only{mailbox_kind::ring};
const kinds linked_only{mailbox_kind::linked};

scenario usual() {
  scenario story;
  story.gap = {.floor = 4 * microsecond, .jitter_mean = 4 * microsecond};
  story.link = {.floor = 2 * microsecond,
                .jitter_mean = 2 * microsecond,
                .tail = tail::pareto,
                .tail_per_million = 5'000,
                .tail_scale = 10 * microsecond,
                .cap = 300 * microsecond};
  story.service = {.floor = 1 * microsecond,
                   .jitter_mean = 800,
                   .tail = tail::lognormal,
                   .tail_per_million = 2'000,
                   .tail_scale = 5 * microsecond,
                   .cap = 100 * microsecond};
  story.wake = {.floor = 300, .jitter_mean = 700};
  return story;
}

class teller {
 public:
  // One story for each of these mailboxes.
  void tell(std::string_view name, std::string_view summary, const kinds& boxes,
            const std::function<void(scenario&)>& change) {
    for (const mailbox_kind kind : boxes) {
      scenario story = usual();
      story.name = std::string(name) + "." + to_string(kind);
      story.summary = summary;
      story.kind = kind;
      change(story);
      told_.push_back(std::move(story));
    }
  }
  std::vector<scenario> take() { return std::move(told_); }

 private:
  std::vector<scenario> told_;
};

std::vector<scenario> tell_all() {
  teller t;

  t.tell("steady", "the usual load, a link that is late now and then", all, [](scenario& s) {
    s.capacity = 64;
    s.faults = {{fault_kind::delay, 0, 1}};
    s.handled_per_mille_min = 900;
  });
  t.tell("burst_reject", "a burst of 25 % or more above steady; busy is returned", all,
         [](scenario& s) {
           s.capacity = 16;
           s.faults = {{fault_kind::burst, 1, 2}};
           s.sometimes = {point::full, point::busy, point::recovered};
           s.handled_per_mille_min = 25;
         });
  t.tell("burst_drop_newest", "a burst; what does not fit is dropped", all, [](scenario& s) {
    s.capacity = 16;
    s.overflow = drop_newest;
    s.faults = {{fault_kind::burst, 1, 2}};
    s.sometimes = {point::full, point::dropped_newest, point::recovered};
    s.handled_per_mille_min = 25;
  });
  t.tell("burst_drop_oldest", "a burst; what waited longest makes room", evicting, [](scenario& s) {
    s.capacity = 16;
    s.overflow = drop_oldest;
    s.faults = {{fault_kind::burst, 1, 2}};
    s.sometimes = {point::full, point::evicted_oldest, point::recovered};
    s.handled_per_mille_min = 25;
  });
  t.tell("burst_block", "a burst; senders wait for room, some until their deadline", all,
         [](scenario& s) {
           s.capacity = 8;
           s.overflow = block;
           s.block_for = 40 * microsecond;
           s.faults = {{fault_kind::burst, 1, 2}, {fault_kind::slow, 0, 1}};
           s.sometimes = {point::full, point::blocked_then_sent, point::deadline};
         });
  t.tell("slow_consumer", "the consumer becomes 2 to 30 times as slow", all, [](scenario& s) {
    s.faults = {{fault_kind::slow, 1, 2}};
    s.sometimes = {point::full, point::busy};
  });
  t.tell("slow_block", "a slow consumer, and senders that wait", all, [](scenario& s) {
    s.capacity = 4;
    s.overflow = block;
    s.faults = {{fault_kind::slow, 1, 2}};
    s.sometimes = {point::blocked_then_sent, point::deadline};
  });
  t.tell("pause_restart", "the consumer pauses, or comes back without what it had in hand", all,
         [](scenario& s) {
           s.faults = {{fault_kind::pause, 0, 2}, {fault_kind::restart, 1, 2}};
           s.sometimes = {point::backlog_at_pause, point::lost_at_restart, point::busy};
         });
  t.tell("head_of_line", "producers stop between claim and publish", unlocked, [](scenario& s) {
    s.capacity = 16;
    s.faults = {{fault_kind::stall, 1, 4}, {fault_kind::burst, 0, 1}};
    // A linked mailbox has no place to hold up: a message exists when its push does.
    if (s.kind == mailbox_kind::ring) s.sometimes = {point::head_of_line, point::busy};
  });
  t.tell("stalled_eviction", "the oldest message is claimed and unpublished, and the ring is full",
         ring_only, [](scenario& s) {
           s.capacity = 4;
           s.overflow = drop_oldest;
           s.faults = {{fault_kind::stall, 1, 4}, {fault_kind::slow, 0, 1}};
           s.sometimes = {point::head_of_line, point::eviction_stood_back, point::evicted_oldest};
         });
  t.tell("stalled_block", "senders wait for room behind one that is stalled", unlocked,
         [](scenario& s) {
           s.capacity = 4;
           s.overflow = block;
           s.faults = {{fault_kind::stall, 1, 4}};
           s.sometimes = {point::blocked_then_sent};
           if (s.kind == mailbox_kind::ring) s.sometimes.push_back(point::head_of_line);
         });
  t.tell("close_under_load", "closed in the middle; nothing accepted is lost", all,
         [](scenario& s) {
           s.faults = {{fault_kind::close, 1, 1}, {fault_kind::slow, 0, 1}};
           if (s.kind != mailbox_kind::locked) s.faults.push_back({fault_kind::stall, 0, 4});
           s.sometimes = {point::refused_closed, point::drained_at_close};
           if (s.kind != mailbox_kind::locked) s.sometimes.push_back(point::claim_across_close);
           s.handled_per_mille_min = 0;
         });
  t.tell("close_blocked", "closed while senders wait for room", all, [](scenario& s) {
    s.capacity = 2;
    s.overflow = block;
    s.faults = {{fault_kind::close, 1, 1}, {fault_kind::slow, 1, 1}};
    s.sometimes = {point::blocked_then_sent, point::refused_closed};
    s.handled_per_mille_min = 0;
  });
  t.tell("control_mixed", "control messages among a slow consumer's letters", all, [](scenario& s) {
    s.capacity = 16;
    s.orders = 40;
    s.faults = {{fault_kind::slow, 0, 2}, {fault_kind::pause, 0, 1}};
    s.sometimes = {point::control_overtook, point::busy};
  });
  t.tell("control_eviction", "eviction never touches a control message", evicting, [](scenario& s) {
    s.capacity = 8;
    s.overflow = drop_oldest;
    s.orders = 40;
    s.faults = {{fault_kind::burst, 1, 2}, {fault_kind::slow, 0, 1}};
    s.sometimes = {point::control_overtook, point::evicted_oldest};
  });
  t.tell("lossy_link", "links lose, repeat and delay", all, [](scenario& s) {
    s.faults = {{fault_kind::loss, 1, 2}, {fault_kind::duplicate, 1, 2}, {fault_kind::delay, 0, 2}};
    s.sometimes = {point::lost_on_link, point::duplicated_on_link};
    s.handled_per_mille_min = 25;
  });
  t.tell("capacity_one", "one place; senders wait for it", all, [](scenario& s) {
    s.capacity = 1;
    s.batch = 1;
    s.overflow = block;
    s.faults = {{fault_kind::pause, 0, 1}, {fault_kind::burst, 0, 1}};
    if (s.kind != mailbox_kind::locked) s.faults.push_back({fault_kind::stall, 0, 1});
    s.sometimes = {point::full, point::blocked_then_sent};
  });
  t.tell("growth", "an unbounded mailbox grows past its alarm depth, and comes back", linked_only,
         [](scenario& s) {
           s.capacity = unbounded;
           s.alarm_depth = 64;
           s.faults = {{fault_kind::slow, 1, 2}, {fault_kind::burst, 0, 2}};
           s.sometimes = {point::alarm};
           s.handled_per_mille_min = 1000;
         });
  t.tell("too_large", "some letters exceed what the mailbox takes", all, [](scenario& s) {
    s.too_large_per_million = 30'000;
    s.sometimes = {point::too_large};
    s.handled_per_mille_min = 800;
  });
  t.tell("wide", "many producers, little room, batches of 64", all, [](scenario& s) {
    s.producers = 32;
    s.messages = 15;
    s.batch = batch_max;
    s.capacity = 8;
    s.gap = {.floor = 20 * microsecond, .jitter_mean = 40 * microsecond};
    s.faults = {{fault_kind::burst, 0, 1}, {fault_kind::pause, 0, 1}};
    s.sometimes = {point::busy};
  });
  t.tell("storm", "everything at once", all, [](scenario& s) {
    s.capacity = 8;
    s.orders = 20;
    s.too_large_per_million = 5'000;
    s.faults = {{fault_kind::slow, 0, 2},      {fault_kind::pause, 0, 2},
                {fault_kind::restart, 0, 2},   {fault_kind::burst, 0, 2},
                {fault_kind::delay, 0, 2},     {fault_kind::loss, 0, 2},
                {fault_kind::duplicate, 0, 2}, {fault_kind::close, 0, 1}};
    if (s.kind != mailbox_kind::locked) s.faults.push_back({fault_kind::stall, 0, 4});
    s.sometimes = {point::full,
                   point::busy,
                   point::refused_closed,
                   point::control_overtook,
                   point::lost_at_restart,
                   point::drained_at_close};
    s.handled_per_mille_min = 0;
  });
  t.tell("swarm", "capacity, batch, producers and policy by seed, and most faults", all,
         [](scenario& s) {
           s.swarm = true;
           s.orders = 10;
           s.block_for = 60 * microsecond;
           s.faults = {{fault_kind::slow, 0, 2},
                       {fault_kind::pause, 0, 1},
                       {fault_kind::restart, 0, 1},
                       {fault_kind::burst, 0, 2},
                       {fault_kind::close, 0, 1}};
           s.sometimes = {point::full,
                          point::busy,
                          point::dropped_newest,
                          point::deadline,
                          point::blocked_then_sent,
                          point::control_overtook,
                          point::drained_at_close};
           if (s.kind != mailbox_kind::locked) s.faults.push_back({fault_kind::stall, 0, 4});
           if (s.kind != mailbox_kind::linked) s.sometimes.push_back(point::evicted_oldest);
           if (s.kind == mailbox_kind::ring) s.sometimes.push_back(point::head_of_line);
           s.handled_per_mille_min = 0;
         });
  std::vector<scenario> all_told = t.take();
  for (scenario& story : actor_stories()) all_told.push_back(std::move(story));
  return all_told;
}

const std::vector<scenario>& told() {
  static const std::vector<scenario> list = tell_all();
  return list;
}

}  // namespace

std::string_view to_string(point seen) noexcept {
  return point_names[static_cast<std::size_t>(seen)];
}

std::span<const scenario> scenarios() { return told(); }

const scenario* scenario_named(std::string_view name) {
  for (const scenario& candidate : told()) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

}  // namespace jacquard::sim
