// jacquard/actor/cell.hpp: where an actor lives, and the state machine that runs it.
//
//   idle -> scheduled -> running -> idle | scheduled (its share is used up) | stopping -> stopped
//
// Shape       inbox_       letters, and the gate: who runs the actor
//             tenant_      which actor lives here now: its generation, and above it what a sender must heed
//                          (mostly nothing). Cells are never freed and never change their type, so a
//                          reference needs no count: it may look at a cell whose actor is long gone, and
//                          finds another generation.
//             apart_       what messages do not touch (cell_particulars.hpp), among it
//               orders     generation | stop, kill
//               places     of an inbox with a bound or a mark; made for the first such actor here, and kept
//             A cell whose actor is small is two lines: what a sender touches, and what a turn touches besides.
// Invariants  I1  At most one worker runs the actor.
//             I2  A letter that was accepted is handled by the actor it was meant for, or is a dead letter.
//                 (A letter of another generation is recognised when it is taken out.)
//             I3  An order reaches the actor it was meant for, or nobody.
//             I4  An actor that failed is stopped, and its failure is reported once.
// Ordering    the inbox's E1, E3 and E4.
//             E5  a cell_type's entry -> for_each_cell   the entry and the depot behind it.
//             (A cell's last tenant -> its next: the depot's mutex, or the thread whose magazine kept it.)
//             E6  spawn -> a timer's start   which wheel, and that the actor before has ended.
//             E7  is_there's fence <-> end_timers' fence   store buffering: a timer's start and its actor's end
//                 cannot both miss the other.
//             E8  spawn, end -> tenant_of   whose the actor is: nobody's, before the next generation can be seen.
//             E9  bound_inbox -> inbox_counts   a cell's places, for who looks without a reference.
// Progress    tell is lock-free.
// Allocation  none: cells and letters are pooled.
// Bounds      a cell's generation has 32 bits, and a magazine uses the cell that ended last first. After 2^32 actors in one
//             cell its generations begin again: a reference kept for so long would find another actor of its type.
// Checked by  model_checks: scheduling_state_machine (I1, I2, I3), restart_vs_send (I2), cell_magazine,
//             timer.cancel_vs_fire (E6), timer.group (E7), inbox, inbox.order,
//             inbox.reopened, inbox.reused, inbox.taken_out (the inbox's edges);
//             actor_system.test.cpp (I1, I2, I3, I4, E5), lifetimes.test.cpp (E8, E9), under ASan, UBSan and TSan.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <jacquard/actor/actor_options.hpp>
#include <jacquard/actor/behaviours.hpp>
#include <jacquard/actor/cell_particulars.hpp>
#include <jacquard/actor/inbox.hpp>
#include <jacquard/actor/limits.hpp>
#include <jacquard/actor/message.hpp>
#include <jacquard/actor/share.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/actor/type_name.hpp>
#include <jacquard/actor/undelivered.hpp>
#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/object_depot.hpp>
#include <jacquard/memory/slab.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

class actor_system;
template <class A>
class context;
template <class A>
class actor_ref;

/// How an actor ended.
enum class exit_reason : std::uint8_t {
  normal,  // it stopped, or was told to, and handled what it had accepted
  killed,  // it was told to end at once
  failed,  // a handler threw
};

[[nodiscard]] constexpr const char* to_string(exit_reason reason) noexcept {
  switch (reason) {
    case exit_reason::normal:
      return "normal";
    case exit_reason::killed:
      return "killed";
    case exit_reason::failed:
      return "failed";
  }
  return "unknown";
}

[[nodiscard]] constexpr undelivered_reason undelivered_because(exit_reason reason) noexcept {
  switch (reason) {
    case exit_reason::killed:
      return undelivered_reason::killed;
    case exit_reason::failed:
      return undelivered_reason::failed;
    case exit_reason::normal:
      break;
  }
  return undelivered_reason::stopped;
}

// How a question ends that nobody will answer.
[[nodiscard]] constexpr reply_status status_because(undelivered_reason why) noexcept {
  if (why == undelivered_reason::expired) return reply_status::timed_out;
  if (why == undelivered_reason::dropped_oldest || why == undelivered_reason::stash_full)
    return reply_status::refused;
  return reply_status::target_down;
}

/// The part of a cell that does not depend on the actor's type.
class cell_base : public task {
 public:
  using inbox = basic_inbox<letter>;

  [[nodiscard]] std::uint32_t generation() const noexcept {
    return static_cast<std::uint32_t>(
        tenant_.load(std::memory_order::relaxed));  // a hint: a letter carries its own
  }
  /// The actor of that system which lives here; nothing where there is none. Any thread, also one without a reference:
  /// what it gets is never another system's actor, but one that may have ended since.
  [[nodiscard]] std::optional<std::uint32_t> tenant_of(const actor_system* who) const noexcept {
    const std::uint64_t seen = apart_->orders.load(std::memory_order::acquire);       // E8 acquire
    if (apart_->system.load(std::memory_order::relaxed) != who) return std::nullopt;  // as E8 says
    return static_cast<std::uint32_t>(seen >> order_bits);
  }
  /// Moments' answers, for a report.
  [[nodiscard]] bool is_idle() const noexcept { return inbox_.is_idle(); }
  [[nodiscard]] bool is_leaving() const noexcept {
    return leaving_.load(std::memory_order::relaxed);  // a hint
  }
  /// The spawner's and the running actor's. Empty: it has none.
  [[nodiscard]] const std::string& name() const noexcept {
    static never_destroyed<std::string> none([] { return std::string(); });
    return apart_->name == nullptr ? *none : *apart_->name;
  }
  /// Letters that were taken out, and questions answered in place, for who lives here now; 0 where its system
  /// does not count them. Up to the end of an activation.
  [[nodiscard]] std::uint64_t handled() const noexcept {
    return apart_->handled.load(std::memory_order::relaxed);  // a statistic
  }

  /// What went through an inbox with a bound or a mark; nothing where the actor is gone or has neither.
  [[nodiscard]] std::optional<inbox_counters> inbox_counts(std::uint32_t of) const noexcept {
    const std::uint64_t seen = tenant_.load(std::memory_order::relaxed);  // a hint
    if (static_cast<std::uint32_t>(seen) != of || (seen & heed_bound) == 0) return std::nullopt;
    const limits* const here = apart_->places.load(std::memory_order::acquire);  // E9 acquire
    if (here == nullptr) return std::nullopt;
    const inbox_counters counts = here->counters();
    return generation() == of ? std::optional(counts) : std::nullopt;
  }

  /// Where this actor's timers are; null where there never was one. Any thread.
  [[nodiscard]] shared_wheel* timers_on() const noexcept {
    return apart_->timers_on.load(std::memory_order::acquire);  // E6 acquire
  }
  [[nodiscard]] timer_group& timers() noexcept { return apart_->timers; }
  /// Who runs it, or ran it last: an address to compare, for it may be gone.
  [[nodiscard]] const executor* runs_on() const noexcept {
    return where_.load(std::memory_order::relaxed);  // as said above
  }
  /// Asked after a timer was put among `timers`: whether the actor that it is for has not ended.
  [[nodiscard]] bool is_there(std::uint32_t of) const noexcept {
    sync::native::fence(std::memory_order::seq_cst);  // E7
    return generation() == of;
  }
  /// A timer's message found no room. While its actor's system is there.
  void refused_timer() noexcept;

  enum class order : std::uint64_t { stop = 1, kill = 2 };

  /// Any thread. False where the actor of that generation is gone.
  bool give(order what, std::uint32_t to) noexcept {
    sync::atomic<sync::native, std::uint64_t>& orders = apart_->orders;
    std::uint64_t seen =
        orders.load(std::memory_order::relaxed);  // the compare-and-swap validates it
    do {
      if (static_cast<std::uint32_t>(seen >> order_bits) != to) return false;
    } while (
        !orders.compare_exchange_weak(seen, seen | static_cast<std::uint64_t>(what),
                                      std::memory_order::relaxed,  // the inbox's E4 announces it
                                      std::memory_order::relaxed));
    if (inbox_.raise()) start();
    return true;
  }

 protected:
  explicit cell_base(task::run_function body) noexcept : task(body) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"  // conditionally supported, and here it is
    static_assert(offsetof(cell_base, apart_) == memory_line,
                  "what a sender touches is one line, and where it begins is another");
#pragma GCC diagnostic pop
  }
  ~cell_base() = default;
  static constexpr unsigned order_bits = 2;

  // What a sender must heed before it sends to the actor that lives here, above the generation.
  static constexpr std::uint64_t heed_bound = std::uint64_t{1} << 32;  // its letters are counted
  static constexpr std::uint64_t heed_amnesia = std::uint64_t{1}
                                                << 33;  // it is to leave nothing behind

  // Who knows of a bounded actor here knows by a reference to it, and that was made after the limits were.
  [[nodiscard]] limits& places() const noexcept {
    return *apart_->places.load(std::memory_order::relaxed);  // as said above
  }
  // Any thread. Keeps the actor of that generation from ending, until unpinned; false where it is gone.
  bool pin(std::uint32_t to) noexcept {
    const limits::guard held(places());
    if (generation() != to) return false;
    places().pin();
    return true;
  }
  void belong_to(actor_system* whose, std::uint32_t as) noexcept {
    apart_->system.store(whose, std::memory_order::relaxed);  // as E8 says
    apart_->orders.store(std::uint64_t{as} << order_bits,
                         std::memory_order::release);  // E8 release
  }
  void bring(limits& fresh) noexcept {
    apart_->places.store(&fresh, std::memory_order::release);  // E9 release
  }
  void close_inbox() noexcept {
    leaving_.store(true, std::memory_order::relaxed);  // a hint
    inbox_.close();
    if (bounded_) places().wake_all();
  }
  // The consumer's. `Evictable`: overflow::drop_oldest, where senders take letters out as well.
  template <bool Evictable>
  letter* take_letter() noexcept {
    if constexpr (!Evictable) return inbox_.take();
    const limits::guard held(places());
    return take_placed();
  }
  template <bool Evictable>
  [[gnu::always_inline]] idle_result try_idle() noexcept {
    if constexpr (!Evictable) return inbox_.try_idle();
    const limits::guard held(places());
    return inbox_.try_idle();
  }
  // The consumer's.
  void put_back(letter& kept) noexcept {
    if (!evictable_) return inbox_.put_back(kept);
    const limits::guard held(places());
    inbox_.put_back(kept);
  }
  // For every letter that take_letter returned: its place is free now.
  void settle(letter& taken) noexcept {
    if ((taken.marks & letter::placed) != 0 && !evictable_) places().give_back();
  }
  // Under the guard.
  letter* take_placed() noexcept {
    letter* const oldest =
        inbox_.take_out();  // a sender that discards it does not look at the gate
    if (oldest != nullptr && (oldest->marks & letter::placed) != 0) places().give_back();
    return oldest;
  }
  // Under the guard, a sender's: not what came back from the stash, which has no place any more.
  letter* take_to_drop() noexcept {
    letter* const oldest = inbox_.take_out();
    if (oldest == nullptr) return nullptr;
    if ((oldest->marks & letter::placed) == 0) {
      inbox_.put_back(*oldest);
      return nullptr;
    }
    places().give_back();
    return oldest;
  }

  // Running only. True where others must get their turn now.
  bool share_is_over(share& of) noexcept;

  // The spawner's: the actor's timers go there.
  void put_timers_on(shared_wheel& wheel) noexcept {
    apart_->timers_on.store(&wheel, std::memory_order::release);  // E6 release
  }
  // After the generation has changed.
  void end_timers() noexcept {
    sync::native::fence(std::memory_order::seq_cst);  // E7
    if (timers().looks_empty()) return;
    apart_->timers_on.load(std::memory_order::relaxed)->cancel_all(timers());  // the actor's own
  }

  [[nodiscard]] bool ordered(order what) const noexcept {
    return (apart_->orders.load(std::memory_order::relaxed) & static_cast<std::uint64_t>(what)) !=
           0;  // after E4
  }
  // Whoever took the wake-up duty.
  void start() noexcept {
    where_.load(std::memory_order::relaxed)
        ->schedule(*this, urgency::next);  // the inbox's E3 brought it
  }

  // One line: what a sender touches, and a turn.
  inbox inbox_;
  letter* held_ = nullptr;  // running only: its message is gone, and the inbox still names it
  sync::atomic<sync::native, std::uint64_t> tenant_{1};
  sync::atomic<sync::native, executor*> where_{nullptr};
  // The next: what a turn touches besides, and behind it the actor itself.
  cell_particulars* apart_ = nullptr;  // the depot's; never another
  std::int64_t now_ns_ = 0;            // running only, as the rest; 0: not read in this activation
  share_memory share_;
  std::uint8_t batch_ = 32;
  bool amnesia_ = false;                             // tenant_ says heed_amnesia
  bool bounded_ = false;                             // tenant_ says heed_bound
  bool evictable_ = false;                           // overflow::drop_oldest
  bool draining_ = false;                            // it was told to stop and handles what is left
  bool needs_look_ = false;                          // it fails or stops
  bool counted_ = false;                             // what it handles is counted
  bool failed_ = false;                              // its particulars say of what
  bool started_ = false;                             // `started` was called
  sync::atomic<sync::native, bool> leaving_{false};  // it takes no more messages

  // Running only.
  void count(std::uint64_t more) noexcept {
    apart_->handled.store(apart_->handled.load(std::memory_order::relaxed) + more,  // its own
                          std::memory_order::relaxed);                              // a statistic
  }

  friend class actor_system;
};

/// A type of actor that this process has cells for. All of them are in one list, which only grows.
class cell_type {
 public:
  using look = void (*)(void* who, cell_base& cell);

  /// `name`: of the actor type, valid for ever.
  cell_type(void (*look_at_all)(look, void*), std::string_view name)
      : look_at_all_(look_at_all), name_(name) {
    older_ = newest().load(std::memory_order::relaxed);  // a guess; the compare-and-swap decides
    while (!newest().compare_exchange_weak(older_, this, std::memory_order::release,  // E5 release
                                           std::memory_order::relaxed)) {
    }
  }

  /// Shows every cell of every type: what can be read of it by anybody.
  static void for_each_cell(look at, void* who) {
    for_each_cell_by_type([](std::string_view) {}, at, who);
  }
  /// The same, type by type: `enter(name)` is called before a type's cells are shown.
  template <class Enter>
  static void for_each_cell_by_type(Enter&& enter, look at, void* who) {
    for (cell_type* type = newest().load(std::memory_order::acquire);  // E5 acquire
         type != nullptr; type = type->older_) {
      enter(type->name_);
      type->look_at_all_(at, who);
    }
  }

 private:
  static sync::atomic<sync::native, cell_type*>& newest() {
    static sync::atomic<sync::native, cell_type*> first{nullptr};
    return first;
  }

  void (*const look_at_all_)(look, void*);
  const std::string_view name_;
  cell_type* older_ = nullptr;
};

/// What an actor type must be, in words.
template <class A>
consteval bool explain_actor() {
  static_assert(
      requires { typename A::messages; },
      "an actor lists what it understands: using messages = jacquard::messages<...>;");
  static_assert(std::is_nothrow_destructible_v<A>, "an actor's destructor must not throw");
  return true;
}

/// Two lines that stand at an even place are fetched together.
template <class A>
inline constexpr std::size_t cell_alignment =
    memory_line*(sizeof(A) + sizeof(cell_base) <= 2 * memory_line ? 2 : 1);

/// The home of actors of one type.
template <class A>
class alignas(cell_alignment<A>) actor_cell final : public cell_base {
  static_assert(explain_actor<A>());

 public:
  actor_cell() noexcept : cell_base(&actor_cell::run_cell<false>) {}
  ~actor_cell() {}  // NOLINT: the actor inside has ended before

  /// The process's cells for A, and each thread's magazine of them. Never destroyed: a reference may look at any time.
  struct process {
    using depot = basic_object_depot<actor_cell, process, sync::native, 16>;
    static depot& all() {
      static depot& cells = []() -> depot& {
        static cell_type known(&actor_cell::look_at_all, detail::spelled<A>());
        static process here;
        return *new depot(here, 64);
      }();
      return cells;
    }
  };
  using shelf = thread_magazine<process>;
  // The depot's: free cells hang together as tasks do that wait.
  [[nodiscard]] actor_cell* next_free() const noexcept { return static_cast<actor_cell*>(next); }
  void next_free(actor_cell* other) noexcept { next = other; }
  using apart = cell_particulars;
  void belongs_to(process&, cell_particulars& mine) noexcept { apart_ = &mine; }

  /// Any thread. The message is moved from only where it is accepted or dropped.
  template <class M>
  send_result tell(M&& message, std::uint32_t to) noexcept {
    static_assert(understands<A, M>, "this actor does not list that message in its `messages`");
    if (tenant_.load(std::memory_order::relaxed) != to) [[unlikely]]  // a hint: the letter decides
      return tell_with_care(message, to, nullptr);
    auto* const fresh = make_letter<told_letter<M>>(
        to, detail::index_of<typename A::messages, M>::value, std::move(message));
    if (fresh == nullptr) [[unlikely]]
      return send_result::busy;
    const push_result pushed = inbox_.push(*fresh);
    if (pushed == push_result::closed) [[unlikely]]
      return hand_back(*fresh, message);
    if (pushed == push_result::queued_schedule) start();
    return send_result::accepted;
  }

  template <class M>
  send_result tell(M&& message, std::uint32_t to, const send_options& how) noexcept {
    static_assert(understands<A, M>, "this actor does not list that message in its `messages`");
    return tell_with_care(message, to, &how);
  }

  /// Any thread. An answer that never comes is `target_down`; where there is no room it is `refused`. Where a
  /// worker asks an actor that is idle, the handler runs before this returns.
  template <class M>
  [[nodiscard]] future<typename M::reply> ask(M&& message, std::uint32_t to,
                                              const send_options* how = nullptr) noexcept {
    static_assert(understands<A, M>, "this actor does not list that message in its `messages`");
    auto answer = future_pool<typename M::reply>::make_of_process();
    if (!answer.valid()) return answer;
    if (tenant_.load(std::memory_order::relaxed) != to ||
        how != nullptr)  // a hint: the letter decides
        [[unlikely]] {
      ask_with_care(message, to, how, answer);
    } else if (!ask_inline(message, to, answer) &&
               !post_question<letter>(message, to, 0, nullptr, answer)) {
      (void)answer.promise().fail(reply_status::target_down);
    }
    return answer;
  }

  /// Any thread. A letter that came back to its actor; nobody is told where that has ended.
  void deliver(told_letter<detail::continued>& back) noexcept {
    const push_result pushed = inbox_.push(back);
    if (pushed == push_result::closed) {
      destroy_letter(back);
    } else if (pushed == push_result::queued_schedule) {
      start();
    }
  }

  /// A worker's. As ask, where the handler can run before this returns; else false, and nothing happened.
  template <class M>
  [[nodiscard]] bool ask_now(M& message, std::uint32_t to,
                             future<typename M::reply>& answer) noexcept {
    return tenant_.load(std::memory_order::relaxed) == to &&  // a hint: ask_inline decides
           ask_inline(message, to, answer);
  }

 private:
  friend class actor_system;
  friend class context<A>;

  // True where the calling worker took the actor and has the answer.
  template <class M>
  bool ask_inline(M& message, std::uint32_t to, future<typename M::reply>& answer) noexcept;
  template <class M>
  bool ask_idle(M& message, std::uint32_t to, future<typename M::reply>& answer) noexcept;
  void give_up_turn() noexcept;
  // The actor is gone, or there is something to heed.
  template <class M>
  void ask_with_care(M& message, std::uint32_t to, const send_options* how,
                     future<typename M::reply>& answer) noexcept;

  static void look_at_all(cell_type::look at, void* who) {
    process::all().for_each([&](actor_cell& cell) { at(who, cell); });
  }
  template <bool Evictable>
  static void run_cell(task& self) noexcept {
    static_cast<actor_cell&>(self).template run_batch<Evictable>();
  }

  // True where the inbox has it; otherwise it is the caller's, without a place.
  bool post(letter& fresh, std::uint8_t marks) noexcept {
    fresh.marks = marks;
    const push_result pushed = inbox_.push(fresh);
    if (pushed == push_result::closed) [[unlikely]] {
      give_place_up(marks);
      return false;
    }
    if (pushed == push_result::queued_schedule) start();
    return true;
  }
  void give_place_up(std::uint8_t marks) noexcept {
    if ((marks & letter::placed) != 0) places().unclaim();
  }
  template <class Base, class M>
  bool post_question(M& message, std::uint32_t to, std::uint8_t marks, const send_options* how,
                     const future<typename M::reply>& answer) noexcept {
    using question = asked_letter<M, Base>;
    auto* const fresh = make_letter<question>(to, detail::index_of<typename A::messages, M>::value,
                                              std::move(message), answer.promise());
    if (fresh == nullptr) {
      give_place_up(marks);
      (void)answer.promise().fail(reply_status::refused);
      return true;  // it has its end
    }
    if constexpr (std::is_same_v<Base, dated_letter>) fresh->expires_ns = how->expires.count();
    if (post(*fresh, marks)) return true;
    destroy_letter(*fresh);
    return false;
  }
  template <class Letter, class M>
  [[gnu::noinline]] static send_result hand_back(Letter& refused, M& message) noexcept {
    message = std::move(refused.message);
    destroy_letter(refused);
    return send_result::closed;
  }

  // The actor is gone, or there is something to heed.
  template <class M>
  send_result tell_with_care(M& message, std::uint32_t to, const send_options* how) noexcept;
  template <class Base, class M>
  send_result deliver_marked(M& message, std::uint32_t to, std::uint8_t marks,
                             const send_options* how) noexcept;
  // `accepted` where a letter may be posted, with the marks.
  template <class M>
  send_result admit(std::uint32_t to, const send_options* how, std::uint8_t& marks) noexcept;
  send_result find_room(std::uint32_t to, std::string_view message, const send_options* how,
                        bool& alarm) noexcept;
  bool drop_oldest(std::uint32_t to) noexcept;
  send_result wait_for_room(std::uint32_t to, const send_options* how, bool& alarm) noexcept;

  [[nodiscard]] A& behaviour() noexcept { return *std::launder(reinterpret_cast<A*>(room_)); }

  template <bool Evictable>
  void run_batch() noexcept;
  [[gnu::always_inline]] inline void handle(letter& next_one) noexcept;
  void handle_marked(letter& next_one) noexcept;
  template <class Base>
  void dispatch(letter& next_one) noexcept;
  void go_on(letter& back) noexcept;
  // False where it is not a plain letter with one of A's messages.
  [[gnu::always_inline]] inline bool handle_plain(letter& next_one) noexcept;
  template <class M>
  [[gnu::always_inline]] inline bool handle_if(letter& next_one, std::uint32_t form,
                                               std::uint16_t kind) noexcept;
  template <class M, class Base>
  void handle_as(letter& next_one) noexcept;
  template <class M, class Base>
  void handle_told(letter& next_one) noexcept;
  template <class M, class Base>
  void handle_asked(letter& next_one) noexcept;
  // In a catch block: what was thrown is the actor's failure.
  void fail() noexcept {
    apart_->failure = std::current_exception();
    failed_ = needs_look_ = true;
  }
  // Calls `use(who)` with the state or the actor that handles M now; false where nobody does.
  template <class M, class F>
  bool with_handler(F&& use);
  // After a handler: false where the letter is done with.
  bool keep(letter& handled, bool was_handled) noexcept;
  // Before a handler: whether there is a letter that could be kept.
  void offer(bool letter_at_hand) noexcept {
    if constexpr (detail::has_stash<A>) stash_.at_hand = letter_at_hand;
  }
  std::uint32_t unstash_all() noexcept;
  // The clock, read once in an activation that has to know.
  std::int64_t now_ns() noexcept;
  void end(exit_reason why) noexcept;
  // Destroys a letter that nobody handles, fails its question, and says so.
  void discard(letter& dead, undelivered_reason why) noexcept;
  template <class M, class Base>
  void destroy_unread(letter& dead, undelivered_reason why) noexcept;
  // Ends the message's life, and its letter's as soon as the inbox lets go of it.
  template <class L>
  void finish(L& done) noexcept;
  template <class L>
  void finish_unread(L& done) noexcept;
  template <class L>
  void end_message(L& done) noexcept;
  void free_letter(letter& held) noexcept;
  void free_held() noexcept;

  [[no_unique_address]] typename detail::states_of<A>::type states_;
  [[no_unique_address]] std::conditional_t<detail::has_stash<A>, detail::stash_room,
                                           detail::no_stash>
      stash_;
  alignas(A) std::byte room_[sizeof(A)];
};

}  // namespace jacquard
