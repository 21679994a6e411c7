#include <jacquard/model/relacy/policy.hpp>

#include <cstring>

namespace jacquard::model {

using relacy_detail::current;
using relacy_detail::info;

namespace relacy_detail {

session& current() noexcept {
  static session only;
  return only;
}

namespace {

void note(rl::context& c, const rl::debug_info& where, const char* text) {
  if (c.collecting_history()) c.exec_log_msg(where, text);
}

}  // namespace
}  // namespace relacy_detail

sync::wait_status relacy::wait(const atomic<std::uint32_t>& word, std::uint32_t expected,
                               sync::deadline until, here at) {
  rl::context& c = rl::ctx();
  const rl::debug_info where = info(at);
  if (!current().parallel) fail("the code that runs alone must not wait", at);

  c.sched();
  // From here to the end of park_current_thread no other thread runs: compare and sleep are one step. The
  // compare reads the newest value, as a failing compare-exchange does.
  relacy_detail::note(c, where, "wait");
  auto& value = const_cast<rl::atomic<std::uint32_t>&>(word.value_);
  c.disable_preemption();
  const std::uint32_t newest = value.debug_value();
  std::uint32_t different = ~newest;
  (void)relacy_detail::exchange_if_equal<false>(value, different, different, rl::mo_relaxed,
                                                rl::mo_relaxed, where);
  c.enable_preemption();
  if (newest != expected) return sync::wait_status::changed;

  relacy_detail::sleepers& asleep = word.sleepers_;
  if (!asleep.was_spurious && c.rand(c.is_random_sched() ? 8 : 2, rl::sched_type_user) == 1) {
    asleep.was_spurious = true;
    relacy_detail::note(c, where, "wait returns spuriously");
    return sync::wait_status::changed;
  }

  const int self = c.threadx_->index_;
  asleep.add(self);
  const rl::unpark_reason why = c.park_current_thread(!until.is_never(), false, false, where);
  if (why != rl::unpark_reason_timeout) return sync::wait_status::changed;
  asleep.remove(self);
  relacy_detail::note(c, where, "wait times out");
  return sync::wait_status::timed_out;
}

void relacy::wake_one(const atomic<std::uint32_t>& word, here at) { wake(word, false, at); }
void relacy::wake_all(const atomic<std::uint32_t>& word, here at) { wake(word, true, at); }

void relacy::wake(const atomic<std::uint32_t>& word, bool all, const here& at) {
  rl::context& c = rl::ctx();
  const rl::debug_info where = info(at);
  c.sched();
  relacy_detail::sleepers& asleep = word.sleepers_;
  if (asleep.count == 0) relacy_detail::note(c, where, "wake: nobody sleeps");
  while (asleep.count > 0) {
    const unsigned chosen = asleep.count > 1 ? c.rand(asleep.count, rl::sched_type_user) : 0;
    const int index = asleep.thread[chosen];
    asleep.remove(index);
    c.unpark_thread(index, false, where);
    if (!all) break;
  }
}

void relacy::fail(const char* claim, const here& at) {
  current().claim = claim;
  current().claim_where = std::string(at.file_name()) + ":" + std::to_string(at.line());
  rl::ctx().fail_test(claim, rl::test_result_user_assert_failed, info(at));
}

void* relacy::allocate(std::size_t size, std::size_t alignment, const char* type) {
  model_heap& heap = current().heap;
  const bool recycle =
      heap.can_recycle(size, alignment) && rl::ctx().rand(2, rl::sched_type_mem_realloc) == 1;
  return heap.allocate(size, alignment, type, recycle);
}

void relacy::check_live(const void* object, const here& at) {
  if (current().heap.is_live(object)) return;
  rl::ctx().fail_test("destroyed twice", rl::test_result_double_free, info(at));
}

void relacy::release(void* object, std::size_t size) {
  // Relacy knows a dead object by the mark that its destructor wipes, and an optimiser may leave that write
  // to a dead object out.
  std::memset(object, 0xdd, size);
  (void)current().heap.release(object);
}

static_assert(sync::explain_policy<relacy>());

}  // namespace jacquard::model
