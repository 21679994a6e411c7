#include <jacquard/model/explore/engine.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <jacquard/model/explore/fair.hpp>
#include <jacquard/model/explore/sampling.hpp>
#include <jacquard/model/explore/work.hpp>
#include <jacquard/model/explore/worker.hpp>

namespace jacquard::model {

namespace {

using explorer::estimate;
using explorer::fair_steps_at_first;
using explorer::fair_steps_at_last;
using explorer::task;
using explorer::worker;
using steady = std::chrono::steady_clock;
constexpr std::uint64_t look_period = 64;  // attempts between two looks at the clock and the others
constexpr double progress_period_seconds = 1.0;
constexpr std::size_t tasks_per_shard = 64;
constexpr std::uint64_t estimate_samples = 200;
constexpr double estimate_seconds_max = 1.0;
constexpr std::uint32_t spurious_most = 9;
constexpr char checkpoint_mark[] = "jacquard explore checkpoint 3\n";

std::string in_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", seconds);
  return text;
}

// ---- checkpoints -----------------------------------------------------------------------------------

// FNV-1a, so that a file can say which check it belongs to.
std::uint64_t digest_of(std::string_view text) {
  std::uint64_t digest = 0xcbf2'9ce4'8422'2325;
  for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
  return digest;
}

// Two builds with the same figures here may still differ; a replay then diverges and says so.
struct checkpoint_head {
  std::uint64_t event_bytes = sizeof(explorer::event);
  std::uint64_t check = 0;  // a digest of its name
  std::uint64_t threads = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t spurious_max = 0;
  std::uint64_t shard = 0, shards = 1;
  explorer::counts total;
  std::uint64_t tasks = 0;
};

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

void save(const std::string& file, const checkpoint_head& head, const std::vector<task>& left) {
  std::string text = checkpoint_mark;
  text += bytes_of(head);
  for (const task& t : left) {
    t.graph.save(text);
    text += bytes_of(t.choice);
    const std::uint64_t names = t.names.size();
    text += bytes_of(names);
    for (const std::uint64_t& name : t.names) text += bytes_of(name);
  }
  const std::string partial = file + ".partial";
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out || std::rename(partial.c_str(), file.c_str()) != 0) {
    throw std::runtime_error("checkpoint: cannot write '" + file + "'");
  }
}

checkpoint_head load(const std::string& file, const checkpoint_head& wanted,
                     std::deque<task>& left) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) throw std::runtime_error("checkpoint: cannot read '" + file + "'");
  const auto refuse = [&](const char* why) {
    throw std::runtime_error("checkpoint: '" + file + "' " + why);
  };
  std::string_view rest = text;
  if (!rest.starts_with(checkpoint_mark)) refuse("is not one of the explorer's");
  rest.remove_prefix(sizeof(checkpoint_mark) - 1);
  const auto take = [&](auto& value) {
    if (rest.size() < sizeof(value)) refuse("ends too early");
    std::memcpy(&value, rest.data(), sizeof(value));
    rest.remove_prefix(sizeof(value));
  };
  checkpoint_head head;
  take(head);
  if (head.event_bytes != wanted.event_bytes || head.check != wanted.check ||
      head.threads != wanted.threads || head.body_bytes != wanted.body_bytes) {
    refuse("belongs to another check, or to another build");
  }
  if (head.spurious_max != wanted.spurious_max) {
    refuse(("was written with spurious " + std::to_string(head.spurious_max)).c_str());
  }
  for (std::uint64_t i = 0; i < head.tasks; ++i) {
    task t;
    if (!t.graph.load(rest)) refuse("is damaged");
    take(t.choice);
    std::uint64_t names = 0;
    take(names);
    if (names > rest.size() / sizeof(std::uint64_t)) refuse("is damaged");
    t.names.resize(names);
    for (std::uint64_t& name : t.names) take(name);
    left.push_back(std::move(t));
  }
  if (!rest.empty()) refuse("has something behind its end");
  return head;
}

// ---- several workers -------------------------------------------------------------------------------

// Tasks that wait for a worker. Searches give their oldest choice away while somebody is hungry.
class pool {
 public:
  pool(const body_operations& operations, const run_options& options, const explore_options& how)
      : operations_(operations), options_(options), how_(how), begun_(steady::now()) {}

  certificate run() {
    checkpoint_head before;
    bool from_beginning = true;
    if (!how_.resume.empty()) {
      before = load(how_.resume, head(), waiting_);
      if (before.shard != how_.shard || before.shards != how_.shards) {
        throw std::runtime_error("checkpoint: '" + how_.resume + "' is of shard " +
                                 std::to_string(before.shard) + "/" +
                                 std::to_string(before.shards));
      }
      from_beginning = false;
    }
    for (unsigned i = 0; i < how_.workers; ++i) {
      workers_.push_back(std::make_unique<worker>(operations_, options_));
      if (i > 0 || !from_beginning) workers_.back()->engine.start_empty();
    }
    if (from_beginning && how_.shards > 1) {
      before.total = split_among_shards();
    }
    if (options_.progress && from_beginning && how_.shards == 1) {
      worker scout(operations_, options_);
      expected_ = sampled(scout, estimate_samples, options_.seed, estimate_seconds_max);
      if (!scout.has_failed()) options_.progress(in_words(expected_));
    }
    // The first worker starts at the root; the others, and it after a resume, with what waits.
    working_ = how_.workers;
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < how_.workers; ++i)
      threads.emplace_back([this, i] { work(*workers_[i]); });
    work(*workers_[0]);
    for (std::thread& t : threads) t.join();
    return result(before);
  }

 private:
  [[nodiscard]] checkpoint_head head() const {
    return {.check = digest_of(operations_.name),
            .threads = operations_.threads,
            .body_bytes = operations_.size,
            .spurious_max = options_.spurious_max,
            .shard = how_.shard,
            .shards = how_.shards,
            .total = {},
            .tasks = 0};
  }
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(steady::now() - begun_).count();
  }

  // Every shard grows the same tasks from the root, in the same order, and keeps its own. What the growing
  // itself completes is counted by shard 0.
  explorer::counts split_among_shards() {
    worker& first = *workers_[0];
    std::deque<task> tasks;
    const std::size_t enough = tasks_per_shard * how_.shards;
    bool more = first.engine.advance();
    for (std::size_t attempts = 0; more && !first.has_failed(); ++attempts) {
      for (task& t : first.engine.give_all()) tasks.push_back(std::move(t));
      if (tasks.empty() || tasks.size() >= enough || attempts > 64 * enough) break;
      first.engine.adopt(std::move(tasks.front()));
      tasks.pop_front();
      (void)first.engine.advance();
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (i % how_.shards == how_.shard) waiting_.push_back(std::move(tasks[i]));
    }
    // This worker's counts so far are everybody's: subtract them where they are not ours.
    const explorer::counts grown = first.engine.total();
    if (how_.shard == 0) return {};
    return {.executions = 0 - grown.executions, .blocked = 0 - grown.blocked};
  }

  void work(worker& w) {
    for (std::uint64_t attempts = 1; !stop_; ++attempts) {
      if (!w.engine.advance()) {
        if (w.has_failed() || !find_task(w)) break;
        continue;
      }
      if (w.program.has_grown_long() && !looked_.exchange(true)) look_at_turns(fair_steps_at_first);
      if (w.has_failed()) break;
      if (options_.iterations_max != 0 && ++runs_ >= options_.iterations_max) stop();
      if (attempts % look_period != 0) continue;
      if (hungry_ > 0) share(w);
      if (&w == workers_[0].get()) look();
    }
    if (w.program.found().kind == failure_kind::limit) look_at_turns(fair_steps_at_last);
    if (w.has_failed()) {
      const std::lock_guard lock(mutex_);
      if (failed_ == nullptr) failed_ = &w;
    }
    if (w.has_failed()) stop();
  }

  // An execution has grown long, or too long to go on with: perhaps there is no end to it.
  void look_at_turns(std::size_t steps) {
    std::unique_ptr<worker> found = explorer::look_for_livelock(operations_, options_, steps);
    if (found == nullptr) return;
    const std::lock_guard lock(mutex_);
    if (failed_ != nullptr) return;
    livelock_ = std::move(found);
    failed_ = livelock_.get();
    stop();
  }

  bool find_task(worker& w) {
    std::unique_lock lock(mutex_);
    ++hungry_;
    if (--working_ == 0 && waiting_.empty()) ready_.notify_all();
    while (waiting_.empty() && working_ > 0 && !stop_) {
      ready_.wait_for(lock, std::chrono::milliseconds(100));
      if (&w == workers_[0].get()) {
        lock.unlock();
        look();
        lock.lock();
      }
    }
    --hungry_;
    if (stop_ || waiting_.empty()) return false;
    ++working_;
    task next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    w.engine.adopt(std::move(next));
    return true;
  }

  void share(worker& w) {
    task oldest;
    if (w.engine.choices_open() < 2 || !w.engine.give_oldest(oldest)) return;
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(oldest));
    ready_.notify_one();
  }

  void stop() {
    stop_ = true;
    ready_.notify_all();
  }

  // The first worker keeps the time and tells how far it is; the figures are its own.
  void look() {
    const double now = seconds();
    if (options_.seconds_max > 0.0 && now >= options_.seconds_max) stop();
    if (!options_.progress || now - told_ < progress_period_seconds) return;
    told_ = now;
    const worker& w = *workers_[0];
    options_.progress(
        std::to_string(w.engine.total().executions) + " executions, " +
        std::to_string(w.engine.total().blocked) + " blocked, " +
        std::to_string(w.engine.choices_open()) + " queued, " +
        std::to_string(static_cast<std::uint64_t>(static_cast<double>(w.runs()) / now)) + "/s" +
        left_in_words(w, now) +
        (how_.workers > 1 ? " by one of " + std::to_string(how_.workers) + " workers" : ""));
  }

  // By the estimate, which is rough: said as "about".
  [[nodiscard]] std::string left_in_words(const worker& w, double now) const {
    const double done = static_cast<double>(w.runs()) * how_.workers;
    if (expected_.mean <= done || done <= 0.0) return {};
    return ", about " +
           std::to_string(static_cast<std::uint64_t>((expected_.mean - done) / done * now) + 1) +
           " s left";
  }

  certificate result(const checkpoint_head& before) {
    certificate made;
    made.search = "full";
    if (how_.workers > 1) made.search += ", " + std::to_string(how_.workers) + " workers";
    if (how_.shards > 1) {
      made.search += ", shard " + std::to_string(how_.shard) + "/" + std::to_string(how_.shards);
    }
    explorer::counts total = before.total;
    for (const auto& w : workers_) {
      total.executions += w->engine.total().executions;
      total.blocked += w->engine.total().blocked;
    }
    made.executions = total.executions;
    made.blocked = total.blocked;
    if (failed_ != nullptr) {
      describe_failure(made, *failed_, how_.page.empty() ? options_.page : how_.page);
      made.seconds = seconds();
      return made;
    }
    std::vector<task> left(std::make_move_iterator(waiting_.begin()),
                           std::make_move_iterator(waiting_.end()));
    for (const auto& w : workers_) {
      for (task& t : w->engine.give_all()) left.push_back(std::move(t));
    }
    made.truncated = left.size();
    if (options_.spurious_max != 0) {
      made.bounds = "at most " + std::to_string(options_.spurious_max) +
                    " spurious failures of weak compare-exchanges in each thread";
    }
    if (operations_.invariant != nullptr) {
      made.bounds = (made.bounds == "none" ? std::string() : made.bounds + "; ") +
                    "invariant() only before the threads start and after they end";
    }
    if (left.empty()) {
      made.verdict = verdict::holds;
      if (how_.shards > 1) {  // the other shards may find what this one does not
        made.bounds = "one shard of " + std::to_string(how_.shards);
      }
    } else {
      made.verdict = verdict::truncated;
      made.bounds = options_.iterations_max != 0
                        ? "at most " + std::to_string(options_.iterations_max) + " executions"
                        : "at most " + in_seconds(options_.seconds_max) + " s";
    }
    if (!how_.checkpoint.empty()) {
      checkpoint_head end = head();
      end.total = total;
      end.tasks = left.size();
      save(how_.checkpoint, end, left);
    }
    made.seconds = seconds();
    return made;
  }

  const body_operations& operations_;
  const run_options& options_;
  const explore_options& how_;
  const steady::time_point begun_;
  double told_ = 0.0;
  estimate expected_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> looked_{false};  // for a livelock, since an execution had grown long
  std::atomic<unsigned> hungry_{0};
  std::atomic<std::uint64_t> runs_{0};
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<task> waiting_;
  unsigned working_ = 0;
  worker* failed_ = nullptr;
  std::unique_ptr<worker> livelock_;
};

void expect(bool holds, const char* option, std::uint64_t value, const char* allowed) {
  if (holds) return;
  throw std::invalid_argument(std::string("explore: ") + option + " is " + std::to_string(value) +
                              "; allowed: " + allowed);
}

}  // namespace

certificate run_explore(const body_operations& operations, const run_options& options,
                        const explore_options& how) {
  // A check carries one search for every engine; a bound that Relacy needs is none of ours.
  if (!options.search.empty() && options.search != "full" && options.search != "bound" &&
      options.search != "random" && options.search != "sample" && options.search != "pct") {
    throw std::invalid_argument(
        "the explorer's search is '" + options.search +
        "'; allowed: full, sample, pct (and bound, random: the same as full)");
  }
  expect(options.spurious_max <= spurious_most, "spurious", options.spurious_max, "0 to 9");
  expect(how.workers >= 1 && how.workers <= 64, "workers", how.workers, "1 to 64");
  expect(how.shards >= 1 && how.shards <= 65'536, "shards", how.shards, "1 to 65536");
  expect(how.shard < how.shards, "shard", how.shard, "below the number of shards");
  if (!options.schedule.empty()) return explorer::run_schedule(operations, options);
  if (options.search == "sample") return explorer::run_samples(operations, options);
  if (options.search == "pct") return explorer::run_pct(operations, options);
  return pool(operations, options, how).run();
}

certificate run_explore(const body_operations& operations, const run_options& options) {
  explore_options how{.workers = options.workers,
                      .shard = options.shard,
                      .shards = options.shards,
                      .checkpoint = options.checkpoint,
                      .resume = options.resume};
  const char* const workers = std::getenv("JACQUARD_EXPLORE_WORKERS");
  if (how.workers == 0) {
    how.workers =
        workers == nullptr ? 1 : static_cast<unsigned>(std::strtoul(workers, nullptr, 10));
  }
  run_options told = options;
  const char* const page = std::getenv("JACQUARD_EXPLORE_PAGE");
  if (told.page.empty() && page != nullptr) told.page = page;
  return run_explore(operations, told, how);
}

}  // namespace jacquard::model
