#include "sim/search/search.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "sim/engine/closed_form.hpp"
#include "sim/memory/tensors.hpp"
#include "sim/plan/layout_rules.hpp"
#include "sim/plan/placement.hpp"
#include "sim/power/power.hpp"
#include "sim/step/build.hpp"
#include "sim/step/layer_times.hpp"

namespace sim {

namespace {

double score(const ScoredLayout& s, SearchGoal goal) {
  switch (goal) {
    case SearchGoal::Time:
      return s.step.base();
    case SearchGoal::Memory:
      return s.memory.base();
    case SearchGoal::Energy:
      return s.energy.base();
  }
  return s.step.base();
}

/// Whether `a` makes `b` needless: as good in everything, and better in something, earlier, or the
/// same.
bool dominates(const ScoredLayout& a, const ScoredLayout& b) {
  if (a.step > b.step || a.memory > b.memory || a.energy > b.energy) {
    return false;
  }
  return a.step < b.step || a.memory < b.memory || a.energy < b.energy || a.number <= b.number;
}

/// The best of what it was shown; does not depend on the order of showing.
class Archive {
 public:
  explicit Archive(const SearchOptions& options) : options_(options) {}

  void add(const ScoredLayout& s) {
    const auto before = [this](const ScoredLayout& a, const ScoredLayout& b) {
      const double x = score(a, options_.goal);
      const double y = score(b, options_.goal);
      return x != y ? x < y : a.number < b.number;
    };
    const auto same = [&s](const ScoredLayout& other) { return other.number == s.number; };
    if ((best_.size() < options_.top || (options_.top > 0 && before(s, best_.back()))) &&
        std::none_of(best_.begin(), best_.end(), same)) {
      best_.insert(std::upper_bound(best_.begin(), best_.end(), s, before), s);
      best_.resize(std::min(best_.size(), options_.top));
    }
    const auto by = std::find_if(front_.begin(), front_.end(),
                                 [&](const ScoredLayout& f) { return dominates(f, s); });
    if (by != front_.end()) {
      std::rotate(front_.begin(), by, by + 1);  // who beats one beats the next ones as well
      return;
    }
    std::erase_if(front_, [&](const ScoredLayout& f) { return dominates(s, f); });
    front_.push_back(s);
  }
  void add(const Archive& other) {
    for (const ScoredLayout& s : other.best_) {
      add(s);
    }
    for (const ScoredLayout& s : other.front_) {
      add(s);
    }
  }
  [[nodiscard]] const std::vector<ScoredLayout>& best() const { return best_; }
  [[nodiscard]] std::vector<ScoredLayout> pareto() const {
    std::vector<ScoredLayout> sorted = front_;
    std::sort(sorted.begin(), sorted.end(), [](const ScoredLayout& a, const ScoredLayout& b) {
      return a.step != b.step ? a.step < b.step : a.number < b.number;
    });
    return sorted;
  }

 private:
  SearchOptions options_;
  std::vector<ScoredLayout> best_, front_;
};

/// What one thread does: frame after frame.
class Worker {
 public:
  Worker(const TrainingJob& base, const Profiles& profiles, const LayoutSpace& space,
         const SearchOptions& options)
      : job_(base), profiles_(profiles), space_(space), archive_(options) {
    result_.smallest_memory = units::bytes(std::numeric_limits<double>::infinity());
  }

  void look_at(const LayoutFrame& frame, std::uint64_t number) {
    LayoutChoice choice;
    Layout& l = choice.layout;
    l.tp = frame.tp;
    l.pp = frame.pp;
    l.virtual_stages = frame.virtual_stages;
    l.cp = frame.cp;
    l.ep = frame.ep;
    l.expert_tp = frame.expert_tp;
    l.dp = frame.dp;
    l.context_parallel = job_.layout.context_parallel;
    number *= variants(space_);
    orders_.clear();
    for (const int degree : space_.shard_degree) {
      l.shard_degree = degree;
      orders_.push_back(different_orders(space_.order, l, job_.cluster.scale_up_domain));
    }
    for (const Schedule schedule : space_.schedule) {
      l.schedule = schedule;
      if ((schedule == Schedule::Interleaved) != (l.virtual_stages > 1) ||
          (schedule == Schedule::ZeroBubble && l.pp == 1)) {
        number += variants(space_) / space_.schedule.size();
        continue;
      }
      number = look_at_schedule(choice, number);
    }
  }
  /// Layouts of one frame.
  static std::uint64_t variants(const LayoutSpace& s) {
    return std::uint64_t{s.sharding.size()} * s.shard_degree.size() * s.sequence_parallel.size() *
           s.recompute.size() * s.micro_batch.size() * s.order.size() * s.schedule.size();
  }
  [[nodiscard]] const SearchResult& counts() const { return result_; }
  [[nodiscard]] const Archive& archive() const { return archive_; }

 private:
  /// Returns the number after the last.
  std::uint64_t look_at_schedule(LayoutChoice& choice, std::uint64_t number) {
    Layout& l = choice.layout;
    for (const Sharding sharding : space_.sharding) {
      for (std::size_t degree = 0; degree < orders_.size(); ++degree) {
        l.sharding = sharding;
        l.shard_degree = space_.shard_degree[degree];
        for (const bool sequence_parallel : space_.sequence_parallel) {
          for (const RecomputeChoice& recompute : space_.recompute) {
            l.sequence_parallel = sequence_parallel;
            choice.recompute = recompute;
            grow_micro_batch(choice, orders_[degree], number);
            number += space_.micro_batch.size() * space_.order.size();
          }
        }
      }
    }
    return number;
  }

  /// Variants that are another one by another name.
  [[nodiscard]] bool repeats(const LayoutChoice& c) const {
    const Layout& l = c.layout;
    const int replicas = l.dp * l.cp;
    const int layers_of_stage = (job_.model.layers + job_.model.encoder_layers) / l.pp;
    return (l.tp == 1 && l.sequence_parallel) ||
           (l.shard_degree > 0 && (l.sharding == Sharding::Ddp || l.shard_degree >= replicas)) ||
           (replicas == 1 && l.sharding != Sharding::Ddp) ||
           (c.recompute.layers > 0 && c.recompute.layers >= layers_of_stage) ||
           (l.sharding == Sharding::Zero2 && l.pp > 1);  // does what ZeRO-1 does
  }

  void grow_micro_batch(LayoutChoice& choice, const std::vector<RankOrder>& orders,
                        std::uint64_t number) {
    if (repeats(choice)) {
      return;
    }
    const int local_batch = job_.training.global_batch / choice.layout.dp;
    bool fits = true;
    for (std::size_t i = 0; i < space_.micro_batch.size(); ++i) {
      choice.micro_batch = space_.micro_batch[i];
      if (local_batch % choice.micro_batch != 0) {
        continue;
      }
      result_.considered += orders.size();
      if (!fits) {
        result_.too_large += orders.size();
        continue;
      }
      choice.apply_to(job_);
      if (!can_train(job_)) {
        result_.invalid += orders.size();
        continue;
      }
      const units::Bytes memory = memory_use(job_).total;
      if (memory > job_.cluster.accelerator.memory) {
        if (memory < result_.smallest_memory) {
          result_.smallest_memory = memory;
          result_.smallest = choice;
        }
        result_.too_large += orders.size();
        fits = false;
        continue;
      }
      for (std::size_t o = 0; o < orders.size(); ++o) {  // memory does not depend on the order
        choice.layout.order = job_.layout.order = orders[o];
        time(choice, memory, number + i * space_.order.size() + o);
      }
      choice.layout.order = {};
    }
  }

  void time(const LayoutChoice& choice, units::Bytes memory, std::uint64_t number) {
    const StepGraph graph = build_step(job_, profiles_, &cache_);
    const StepTime t = closed_form(graph);
    const double peak =
        job_.cluster.accelerator.peak[static_cast<std::size_t>(job_.training.precision)].base();
    archive_.add({.choice = choice,
                  .step = t.step,
                  .memory = memory,
                  .energy = step_power(job_.cluster, t.parts, t.step).energy,
                  .mfu = graph.model_flops.base() / (t.step.base() * job_.cluster.gpus * peak),
                  .number = number});
  }

  TrainingJob job_;
  const Profiles& profiles_;
  const LayoutSpace& space_;
  Archive archive_;
  LayerTimesCache cache_;
  std::vector<std::vector<RankOrder>> orders_;  ///< of the frame, by shard degree
  SearchResult result_;
};

}  // namespace

SearchResult search_layouts(const TrainingJob& base, const Profiles& profiles,
                            const LayoutSpace& space, const SearchOptions& options) {
  const std::vector<LayoutFrame> all = frames(space, base);
  const std::size_t threads =
      std::clamp<std::size_t>(options.threads, 1, std::max<std::size_t>(1, all.size()));
  std::vector<Worker> workers(threads, Worker(base, profiles, space, options));
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex failing;
  const auto work = [&](Worker& worker) {
    try {
      for (std::size_t i = next++; i < all.size(); i = next++) {
        worker.look_at(all[i], i);
      }
    } catch (...) {
      const std::scoped_lock lock(failing);
      failure = std::current_exception();
      next = all.size();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) {
      others.emplace_back(work, std::ref(workers[i]));
    }
    work(workers.front());
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  Archive archive(options);
  SearchResult result;
  result.smallest_memory = units::bytes(std::numeric_limits<double>::infinity());
  for (const Worker& worker : workers) {
    const SearchResult& counts = worker.counts();
    result.considered += counts.considered;
    result.invalid += counts.invalid;
    result.too_large += counts.too_large;
    if (counts.smallest_memory < result.smallest_memory) {
      result.smallest_memory = counts.smallest_memory;
      result.smallest = counts.smallest;
    }
    archive.add(worker.archive());
  }
  result.best = archive.best();
  result.pareto = archive.pareto();
  return result;
}

}  // namespace sim
