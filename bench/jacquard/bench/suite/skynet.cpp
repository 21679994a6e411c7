// A tree of a million leaves, ten from each node; each leaf gives its number, each node the sum. As strands and
// as actors.
#include <array>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>
#include <jacquard/messaging/strand.hpp>

namespace jacquard::bench::suite {

namespace {

strand<std::uint64_t> tree(executor& where, std::uint64_t first, std::uint64_t size) {
  if (size == 1) co_return first;
  std::array<spawned<std::uint64_t>, 10> children;
  const std::uint64_t part = size / 10;
  for (std::uint64_t i = 0; i < 10; ++i) {
    children[i] = spawn(where, tree(where, first + i * part, part));
  }
  std::uint64_t sum = 0;
  for (auto& child : children) sum += co_await child;
  co_return sum;
}

std::uint64_t sum_below(std::uint64_t leaves) { return leaves * (leaves - 1) / 2; }

// 1,111,111 for a million leaves.
std::uint64_t nodes_of(std::uint64_t leaves) {
  std::uint64_t all = 0;
  for (std::uint64_t level = leaves; level > 0; level /= 10) all += level;
  return all;
}

// Each node but the first sends its sum to the one above.
std::vector<figure> figures_of(const trial_result& made, const scheduler& workers,
                               std::uint64_t nodes) {
  return {
      {.name = "ms", .value = made.ns / 1e6, .unit = "ms"},
      {.name = "spawned", .value = static_cast<double>(nodes) * 1e9 / made.ns, .unit = "spawns/s"},
      {.name = "answers", .value = static_cast<double>(nodes - 1), .unit = "messages"},
      {.name = "stolen", .value = static_cast<double>(workers.counters().stolen), .unit = "steals"},
      {.name = "peak_rss",
       .value = static_cast<double>(peak_resident_bytes()) / 1048576.0,
       .unit = "MiB"}};
}

trial_result strands(const trial_plan& plan) {
  bare_stage here(plan);
  (void)block_on(here.workers(),
                 tree(here.workers(), 0, std::min<std::uint64_t>(plan.operations, 10'000)));
  const stretch timed(plan);
  const std::uint64_t sum = block_on(here.workers(), tree(here.workers(), 0, plan.operations));
  trial_result made = timed.done(ticks(), plan.operations);
  made.fault = expect("the sum of the leaves", sum, sum_below(plan.operations));
  made.figures = figures_of(made, here.workers(), nodes_of(plan.operations));
  return made;
}

struct top {
  bell over;
  std::uint64_t sum = 0;
};

struct node;
struct below {
  std::uint64_t sum;
};

struct node {
  using messages = jacquard::messages<below>;

  node(top& all, actor_ref<node> parent, std::uint64_t first, std::uint64_t size)
      : top_(all), parent_(parent), first_(first), size_(size) {}
  void started(context<node>& here) {
    if (size_ == 1) return answer(here, first_);
    const std::uint64_t part = size_ / 10;
    for (std::uint64_t i = 0; i < 10; ++i) {
      (void)here.system().spawn<node>({}, top_, here.self(), first_ + i * part, part);
    }
  }
  void on(context<node>& here, const below& m) {
    sum_ += m.sum;
    if (++answers_ == 10) answer(here, sum_);
  }

 private:
  void answer(context<node>& here, std::uint64_t sum) {
    here.stop();
    if (parent_ == actor_ref<node>{}) {
      top_.sum = sum;
      top_.over.ring();
    } else {
      (void)parent_.tell(below{sum});
    }
  }

  top& top_;
  const actor_ref<node> parent_;
  const std::uint64_t first_;
  const std::uint64_t size_;
  std::uint64_t sum_ = 0;
  unsigned answers_ = 0;
};

std::uint64_t cells() {
  struct census {
    bool of_nodes = false;
    std::uint64_t count = 0;
  } made;
  cell_type::for_each_cell_by_type(
      [&made](std::string_view type) { made.of_nodes = type == detail::spelled<node>(); },
      [](void* who, cell_base&) {
        auto& sum = *static_cast<census*>(who);
        sum.count += sum.of_nodes ? 1 : 0;
      },
      &made);
  return made.count;
}

trial_result actors(const trial_plan& plan) {
  stage here(plan);
  top all;
  const auto grow = [&](std::uint64_t leaves) {
    all.over.reset();
    (void)here.system().spawn<node>({}, all, actor_ref<node>{}, 0, leaves);
    return all.over.wait();
  };
  (void)grow(std::min<std::uint64_t>(plan.operations, 10'000));
  const std::uint64_t before = here.system().counters().spawned;
  const stretch timed(plan);
  const std::uint64_t end = grow(plan.operations);
  trial_result made = timed.done(end, plan.operations);
  const std::uint64_t spawned = here.system().counters().spawned - before;
  made.fault = first_fault({expect("the sum of the leaves", all.sum, sum_below(plan.operations)),
                            expect("actors", spawned, nodes_of(plan.operations)), here.close()});
  made.figures = figures_of(made, here.system().workers(), nodes_of(plan.operations));
  // A cell is made where no free one is at hand, so there are at least as many as ever lived at once.
  made.figures.push_back({.name = "cells", .value = static_cast<double>(cells()), .unit = "cells"});
  return made;
}

}  // namespace

std::vector<benchmark> skynet_benchmarks() {
  const auto goals = [](const std::string& name) {
    return std::vector<goal>{
        {.name = "claim." + name, .arm = "jacquard", .limit = 100.0},  // 100 ms for a million
        {.name = "claim." + name + "_two_workers_never_slower",
         .arm = "two_workers",
         .over = "jacquard",
         .limit = 1.0,
         .by = basis::wall,
         .tie = tie_of_equals}};
  };
  std::vector<goal> actor_goals = goals("actor_skynet");
  actor_goals.push_back({.name = "claim.actor_skynet_over_caf",
                         .arm = "jacquard",
                         .over = "caf",
                         .limit = 1.0 / 3.0});
  return {
      {.name = "bench_skynet",
       .about = "a tree of strands with 1,000,000 leaves; ns a leaf, the sum is 499,999,500,000",
       .operations = 1'000'000,
       .tiny = 1'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = strands},
                {.name = "two_workers", .run = strands, .two_processors = true}},
       .goals = goals("bench_skynet")},
      {.name = "actor_skynet",
       .about = "the same tree as 1,111,111 actors; ns a leaf",
       .operations = 1'000'000,
       .tiny = 1'000,
       .blocks = 3,
       .arms = {{.name = "jacquard", .run = actors},
                {.name = "two_workers", .run = actors, .two_processors = true},
                caf_arm("skynet")},
       .goals = actor_goals},
  };
}

}  // namespace jacquard::bench::suite
