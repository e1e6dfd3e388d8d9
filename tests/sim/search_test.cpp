// The layout search against plain enumeration.
#include "sim/search/search.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "sim/engine/closed_form.hpp"
#include "sim/memory/tensors.hpp"
#include "sim/plan/layout_rules.hpp"
#include "sim/plan/placement.hpp"
#include "sim/power/power.hpp"
#include "sim/step/build.hpp"

#include "tests/sim/some_job.hpp"

namespace sim {
namespace {

const test::H100Profiles& profiles() {
  static const test::H100Profiles p;
  return p;
}

TrainingJob base_job(const ModelSpec& model, int gpus, int batch) {
  TrainingJob j = test::job(model, {.dp = gpus});
  j.training.global_batch = batch;
  return j;
}

/// The default space with a few of its orders of ranks, to be quick.
LayoutSpace some_space(const TrainingJob& base) {
  LayoutSpace space = full_space(base);
  space.order = {RankOrder{}, rank_order_from_name("pp-tp-cp-ep-dp").value(),
                 rank_order_from_name("tp-cp-pp-dp-ep").value()};
  return space;
}

/// Every layout of a space, without any pruning or sharing.
std::vector<ScoredLayout> enumerate(const TrainingJob& base) {
  const LayoutSpace space = some_space(base);
  std::vector<ScoredLayout> all;
  for (const LayoutFrame& f : frames(space, base)) {
    for (const Sharding sharding : space.sharding) {
      for (const int degree : space.shard_degree) {
        for (const bool sp : space.sequence_parallel) {
          for (const RecomputeChoice& r : space.recompute) {
            for (const int mb : space.micro_batch) {
              LayoutChoice c;
              c.layout = {.tp = f.tp,
                          .pp = f.pp,
                          .virtual_stages = f.virtual_stages,
                          .dp = f.dp,
                          .cp = f.cp,
                          .ep = f.ep,
                          .expert_tp = f.expert_tp,
                          .sequence_parallel = sp,
                          .sharding = sharding,
                          .shard_degree = degree};
              c.layout.schedule =
                  f.virtual_stages > 1 ? Schedule::Interleaved : Schedule::OneForwardOneBackward;
              c.micro_batch = mb;
              c.recompute = r;
              TrainingJob j = base;
              c.apply_to(j);
              const bool shards_nothing = f.dp * f.cp == 1 && sharding != Sharding::Ddp;
              if (!can_train(j) || shards_nothing) {
                continue;
              }
              const MemoryUse memory = memory_use(j);
              if (!memory.fits()) {
                continue;
              }
              for (const RankOrder& order :
                   different_orders(space.order, c.layout, j.cluster.scale_up_domain)) {
                c.layout.order = j.layout.order = order;
                const StepTime t = closed_form(build_step(j, profiles().view()));
                all.push_back({.choice = c,
                               .step = t.step,
                               .memory = memory.total,
                               .energy = step_power(j.cluster, t.parts, t.step).energy});
              }
            }
          }
        }
      }
    }
  }
  return all;
}

class SearchOf : public ::testing::TestWithParam<bool> {
 protected:
  static TrainingJob base() {
    return GetParam() ? base_job(test::small_moe(), 32, 128)
                      : base_job(test::small_llama(), 32, 64);
  }
};
INSTANTIATE_TEST_SUITE_P(Models, SearchOf, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "MixtureOfExperts" : "Dense"; });

TEST_P(SearchOf, FindsWhatPlainEnumerationFinds) {
  const TrainingJob job = base();
  const std::vector<ScoredLayout> all = enumerate(job);
  ASSERT_GT(all.size(), 100U);
  const SearchResult found = search_layouts(job, profiles().view(), some_space(job), {.top = 5});
  const auto least = [&all](auto value) {
    return value(*std::min_element(
        all.begin(), all.end(), [&](const auto& a, const auto& b) { return value(a) < value(b); }));
  };
  EXPECT_NEAR(found.best.front().step.base(),
              least([](const ScoredLayout& s) { return s.step.base(); }), 1e-12);
  const auto extreme = [&found](auto value) {
    double best = 1e300;
    for (const ScoredLayout& s : found.pareto) {
      best = std::min(best, value(s));
    }
    return best;
  };
  for (const auto value : {+[](const ScoredLayout& s) { return s.memory.base(); },
                           +[](const ScoredLayout& s) { return s.energy.base(); }}) {
    EXPECT_NEAR(extreme(value), least(value), 1e-9 * least(value));
  }
  for (const ScoredLayout& p : found.pareto) {
    for (const ScoredLayout& s : all) {
      EXPECT_FALSE(s.step < p.step && s.memory < p.memory && s.energy < p.energy)
          << "the front holds what is beaten by tp " << s.choice.layout.tp << " pp "
          << s.choice.layout.pp << " x " << s.choice.layout.virtual_stages << " cp "
          << s.choice.layout.cp << " " << name(s.choice.layout.sharding) << "/"
          << s.choice.layout.shard_degree << " mb " << s.choice.micro_batch << " "
          << name(s.choice.recompute.mode) << s.choice.recompute.layers
          << (s.choice.layout.sequence_parallel ? " sp" : "");
    }
  }
}

TEST_P(SearchOf, DoesNotDependOnTheNumberOfThreads) {
  const TrainingJob job = base();
  const SearchResult one = search_layouts(job, profiles().view(), full_space(job), {.top = 20});
  const SearchResult four =
      search_layouts(job, profiles().view(), full_space(job), {.top = 20, .threads = 4});
  EXPECT_EQ(one.considered, four.considered);
  EXPECT_EQ(one.too_large, four.too_large);
  const auto numbers = [](const std::vector<ScoredLayout>& list) {
    std::vector<std::uint64_t> n;
    for (const ScoredLayout& s : list) {
      n.push_back(s.number);
    }
    return n;
  };
  EXPECT_EQ(numbers(one.best), numbers(four.best));
  EXPECT_EQ(numbers(one.pareto), numbers(four.pareto));
}

TEST_P(SearchOf, ShowsEveryLayoutOnce) {
  const TrainingJob job = base();
  const SearchResult found = search_layouts(job, profiles().view(), full_space(job), {.top = 50});
  for (const auto* list : {&found.best, &found.pareto}) {
    std::set<std::uint64_t> numbers;
    for (const ScoredLayout& s : *list) {
      EXPECT_TRUE(numbers.insert(s.number).second);
    }
  }
}

TEST_P(SearchOf, OrdersOfRanksMakeTheFrontNoWorse) {
  const TrainingJob job = base();
  LayoutSpace default_order = full_space(job);
  default_order.order = {RankOrder{}};
  const SearchResult one = search_layouts(job, profiles().view(), default_order, {});
  const SearchResult all = search_layouts(job, profiles().view(), full_space(job), {});
  EXPECT_GT(all.considered, one.considered);
  EXPECT_LE(all.best.front().step, one.best.front().step);
}

TEST(Search, TriesZeroBubbleWhereTheFrameworkHasIt) {
  TrainingJob job = base_job(test::small_llama(), 64, 32);
  LayoutSpace space = full_space(job);
  space.pp = {8};
  space.virtual_stages = {1};
  const SearchResult without = search_layouts(job, profiles().view(), space, {.top = 1});
  job.framework.zero_bubble = true;
  space.schedule = full_space(job).schedule;
  const SearchResult with = search_layouts(job, profiles().view(), space, {.top = 1});
  EXPECT_EQ(without.best.front().choice.layout.schedule, Schedule::OneForwardOneBackward);
  EXPECT_EQ(with.best.front().choice.layout.schedule, Schedule::ZeroBubble);
  EXPECT_LT(with.best.front().step, without.best.front().step);
}

TEST(Search, MemoryNeverShrinksWithTheMicroBatch) {  // which the pruning relies on
  TrainingJob job = base_job(test::small_llama(), 64, 256);
  for (const LayoutFrame& f : frames(full_space(job), job)) {
    for (const RecomputeChoice& r : full_space(job).recompute) {
      LayoutChoice c;
      c.layout = {.tp = f.tp,
                  .pp = f.pp,
                  .virtual_stages = f.virtual_stages,
                  .dp = f.dp,
                  .cp = f.cp,
                  .schedule = f.virtual_stages > 1 ? Schedule::Interleaved
                                                   : Schedule::OneForwardOneBackward};
      c.recompute = r;
      units::Bytes before;
      for (const int mb : full_space(job).micro_batch) {
        c.micro_batch = mb;
        c.apply_to(job);
        if (can_train(job)) {
          const units::Bytes now = memory_use(job).total;
          EXPECT_GE(now, before) << "tp " << f.tp << " pp " << f.pp << " x " << f.virtual_stages
                                 << " mb " << mb;
          before = now;
        }
      }
    }
  }
}

TEST(Search, NamesTheLayoutThatMissesTheMemoryByLeast) {
  TrainingJob job = base_job(test::gpt3(), 8, 64);
  const SearchResult found = search_layouts(job, profiles().view(), full_space(job), {});
  EXPECT_TRUE(found.best.empty());
  EXPECT_EQ(found.timed(), 0U);
  EXPECT_GT(found.smallest_memory, job.cluster.accelerator.memory);
  found.smallest.apply_to(job);
  EXPECT_EQ(memory_use(job).total, found.smallest_memory);
}

}  // namespace
}  // namespace sim
