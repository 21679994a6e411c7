// checks/restart_vs_send.hpp: an actor ends and another one moves into its cell while somebody who knew the first
// one sends. The letter reaches the first or nobody, and what was accepted is handled or is a dead letter.
//
// Claims   I2 of cell.hpp, over the inbox that ships; the cell around it is a stub with the same steps.
// Threads  0  the worker that runs the first actor: handles what is there, ends it, starts the second, writes to it
//          1  a sender that knows the first; runs whoever lives there when told to
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <jacquard/actor/inbox.hpp>

namespace jacquard::checks {

/// `Compares`: the cell compares a letter's generation with its own, as it must. `Closes`: it closes the inbox and
/// empties it before the second actor moves in.
template <sync::policy Sync, bool Compares = true, bool Closes = true>
class restart_vs_send {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { inbox_.reopen(true); }  // thread 0 is in the middle of running it
  void thread(unsigned index) {
    if (index == 1) {
      if (tenant_.load(std::memory_order::relaxed) != 1) return;  // a hint, as in the cell
      send(posts_[0], 1);
      return;
    }
    if (post* const first = inbox_.take()) handle(*first);
    if (Closes) {
      inbox_.close();
      while (post* const rest = inbox_.take()) bury(*rest);
    }
    lives_here_.with_mut([](std::uint32_t& generation) { generation = 2; });
    tenant_.store(2, std::memory_order::relaxed);  // a hint for senders
    inbox_.reopen(false);
    send(posts_[1], 2);
  }
  void after() {
    Sync::require(count(handled_) + count(dead_) == accepted_.load(std::memory_order::relaxed),
                  "I2: a letter was accepted, and neither handled nor buried, or both");
    Sync::require(own_.with([](const std::uint32_t& number) { return number; }) == 1,
                  "I2: the second actor's own letter did not reach it");
  }

 private:
  struct alignas(8) post {
    sync::cell<Sync, post*> next{nullptr};
    sync::cell<Sync, std::uint32_t> generation{0u};
  };

  static std::uint32_t count(const sync::cell<Sync, std::uint32_t>& of) {
    return of.with([](const std::uint32_t& number) { return number; });
  }
  void send(post& mine, std::uint32_t to) {
    mine.generation.with_mut([&](std::uint32_t& generation) { generation = to; });
    const push_result pushed = inbox_.push(mine);
    if (pushed == push_result::closed) return;
    accepted_.fetch_add(1, std::memory_order::relaxed);  // read after the threads
    if (pushed == push_result::queued_schedule) run();
  }

  // One thread at a time from here on: who lives there runs.
  void run() {
    for (;;) {
      if (post* const next_one = inbox_.take()) {
        handle(*next_one);
        continue;
      }
      if (inbox_.try_idle() == idle_result::idle) return;
    }
  }
  void handle(post& letter) {
    const std::uint32_t to = count(letter.generation);
    const std::uint32_t here = count(lives_here_);
    if (Compares && to != here) return bury(letter);
    Sync::require(to == here, "I2: a letter reached another actor than it was meant for");
    handled_.with_mut([](std::uint32_t& number) { ++number; });
    if (to == 2) own_.with_mut([](std::uint32_t& number) { ++number; });
  }
  void bury(post&) {
    dead_.with_mut([](std::uint32_t& number) { ++number; });
  }

  std::array<post, 2> posts_;
  basic_inbox<post, Sync> inbox_;
  sync::atomic<Sync, std::uint32_t> tenant_{1};
  sync::atomic<Sync, std::uint32_t> accepted_{0};
  sync::cell<Sync, std::uint32_t> lives_here_{1u};
  sync::cell<Sync, std::uint32_t> handled_{0u};
  sync::cell<Sync, std::uint32_t> dead_{0u};
  sync::cell<Sync, std::uint32_t> own_{0u};
};

}  // namespace jacquard::checks
