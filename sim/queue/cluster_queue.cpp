#include "sim/queue/cluster_queue.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include <queue>

#include "sim/queue/node_pool.hpp"

namespace sim {

using units::Seconds;

namespace {

/// Waiting jobs that are tried for back-filling at a time: Slurm's default of bf_max_job_test.
constexpr int kBackfillDepth = 500;

constexpr double kHour = 3600.0;

struct Event {
  double time;
  enum class Kind { End, Hour, Arrival } kind;  // ends first, so that their nodes serve arrivals
  int job;
  int attempt = 0;  ///< of an end: that of a job that was stopped meanwhile counts no more
  bool operator>(const Event& o) const {
    return std::tie(time, kind, job) > std::tie(o.time, o.kind, o.job);
  }
};

/// Order of waiting: priority, then arrival, then the order of the list.
struct Waiting {
  int priority;
  double arrival;
  int job;
  bool operator<(const Waiting& o) const {
    return std::tie(o.priority, arrival, job) < std::tie(priority, o.arrival, o.job);
  }
};

/// A job's latest start.
struct Attempt {
  Seats seats;
  double began = 0;
  double restart = 0;  ///< before it trains on
  double saved = 0;    ///< training time in checkpoints of earlier attempts
};

class Simulation {
 public:
  Simulation(const QueueCluster& cluster, const std::vector<QueuedJob>& jobs, QueuePolicy policy,
             const std::optional<Preemption>& preemption)
      : cluster_(cluster),
        jobs_(jobs),
        policy_(policy),
        preemption_(preemption),
        pool_(cluster),
        attempts_(jobs.size()) {
    course_.jobs.resize(jobs.size());
    int groups = 0;
    for (const QueuedJob& j : jobs) {
      groups = std::max({groups, j.group + 1, j.after + 1});
    }
    left_in_group_.assign(static_cast<std::size_t>(groups), 0);
    waiting_for_.resize(static_cast<std::size_t>(groups));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      admit(static_cast<int>(i));
    }
    now_ = last_ = first_ = events_.empty() ? 0.0 : events_.top().time;
    for (const double share : cluster.inference) {
      serves_ |= share > 0.0;
    }
    if (serves_) {
      follow_inference();
      events_.push({(std::floor(now_ / kHour) + 1.0) * kHour, Event::Kind::Hour, -1});
    }
  }

  QueueCourse run() {
    while (!events_.empty() && unfinished() > 0) {
      advance(events_.top().time);
      while (!events_.empty() && events_.top().time <= now_) {
        const Event event = events_.top();
        events_.pop();
        ++course_.events;
        handle(event);
      }
      follow_inference();
      schedule();
      course_.longest_queue = std::max(course_.longest_queue, static_cast<int>(queue_.size()));
    }
    return finish();
  }

 private:
  [[nodiscard]] const QueuedJob& job(int i) const { return jobs_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] JobCourse& course(int i) { return course_.jobs[static_cast<std::size_t>(i)]; }
  [[nodiscard]] Attempt& attempt(int i) { return attempts_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] const Attempt& attempt(int i) const {
    return attempts_[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] static double held_by(const Seats& seats) {
    return static_cast<double>(seats.nodes.size()) * seats.gpus_of_each;
  }
  [[nodiscard]] std::size_t unfinished() const { return jobs_.size() - ended_; }

  void admit(int i) {
    const QueuedJob& j = job(i);
    if (j.group >= 0) {
      ++left_in_group_[static_cast<std::size_t>(j.group)];
    }
    if (j.after >= 0) {
      waiting_for_[static_cast<std::size_t>(j.after)].push_back(i);
    } else {
      events_.push({j.arrival.base(), Event::Kind::Arrival, i});
    }
  }

  /// Adds up what lasts until `time`.
  void advance(double time) {
    const double span = time - last_;
    busy_ += span * busy_gpus_;
    held_ += span * static_cast<double>(inference_.size()) * cluster_.gpus_per_node;
    missed_ +=
        span * std::max(0, wanted_ - static_cast<int>(inference_.size())) * cluster_.gpus_per_node;
    const bool blocked = !queue_.empty() && pool_.free_gpus() >= job(queue_.begin()->job).gpus;
    fragmented_ += blocked ? span : 0.0;
    last_ = now_ = time;
  }

  void handle(const Event& event) {
    switch (event.kind) {
      case Event::Kind::End:
        if (event.attempt == course(event.job).preempted) {
          end(event.job);
        }
        return;
      case Event::Kind::Hour:
        events_.push({now_ + kHour, Event::Kind::Hour, -1});
        return;
      case Event::Kind::Arrival:
        course(event.job).arrival = units::seconds(now_);
        queue_.insert({job(event.job).priority, now_, event.job});
        return;
    }
  }

  void start(int i) {
    const QueuedJob& j = job(i);
    JobCourse& c = course(i);
    Attempt& a = attempt(i);
    a.seats = pool_.take(j.gpus);
    a.began = now_;
    a.restart = c.preempted > 0 ? preemption_->restart.base() : 0.0;
    busy_gpus_ += held_by(a.seats);
    std::set<int> leaves;
    for (const int node : a.seats.nodes) {
      leaves.insert(pool_.leaf_of(node));
    }
    if (c.preempted == 0) {
      c.start = units::seconds(now_);
    }
    const double end = now_ + a.restart + j.runtime.base() - a.saved;
    c.end = units::seconds(end);
    c.leaves = static_cast<int>(leaves.size());
    running_.insert({estimated_end(i), i});
    events_.push({end, Event::Kind::End, i, c.preempted});
  }

  void release(int i) {
    const Seats& seats = attempt(i).seats;
    running_.erase({estimated_end(i), i});
    pool_.give(seats);
    busy_gpus_ -= held_by(seats);
  }

  /// Stops a running job, which waits again.
  void preempt(int i) {
    release(i);
    JobCourse& c = course(i);
    Attempt& a = attempt(i);
    const double trained = a.saved + std::max(0.0, now_ - a.began - a.restart);
    const double every = preemption_->checkpoint_every.base();
    const double saved =
        every > 0.0 ? std::max(a.saved, std::floor(trained / every) * every) : trained;
    const double lost = now_ - a.began - (saved - a.saved);
    c.lost += units::seconds(lost);
    lost_ += lost * held_by(a.seats);
    a.saved = saved;
    ++c.preempted;
    ++course_.preemptions;
    queue_.insert({job(i).priority, c.arrival.base(), i});
  }

  /// Running jobs whose end would let `waiting` start; empty where that takes higher priorities.
  [[nodiscard]] std::vector<int> victims(int waiting) const {
    std::vector<int> lower;
    for (const auto& [ends, i] : running_) {
      if (job(i).priority < job(waiting).priority) {
        lower.push_back(i);
      }
    }
    std::sort(lower.begin(), lower.end(), [this](int a, int b) {
      return std::make_tuple(job(a).priority, -attempt(a).began, b) <
             std::make_tuple(job(b).priority, -attempt(b).began, a);
    });
    const auto makes_room = [&](const std::vector<int>& stopped) {
      NodePool pool = pool_;
      for (const int i : stopped) {
        pool.give(attempt(i).seats);
      }
      return pool.fits(job(waiting).gpus);
    };
    NodePool pool = pool_;
    std::vector<int> chosen;
    for (auto next = lower.begin(); next != lower.end() && !pool.fits(job(waiting).gpus); ++next) {
      pool.give(attempt(*next).seats);
      chosen.push_back(*next);
    }
    if (!pool.fits(job(waiting).gpus)) {
      return {};
    }
    for (std::size_t i = chosen.size(); i-- > 0;) {  // those whose nodes do not help go on
      std::vector<int> others = chosen;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      if (makes_room(others)) {
        chosen = std::move(others);
      }
    }
    return chosen;
  }

  void end(int i) {
    release(i);
    JobCourse& c = course(i);
    const double repeated = attempt(i).restart;
    c.lost += units::seconds(repeated);
    lost_ += repeated * held_by(attempt(i).seats);
    ++ended_;
    if (const int group = job(i).group; group >= 0) {
      if (--left_in_group_[static_cast<std::size_t>(group)] == 0) {
        for (const int next : waiting_for_[static_cast<std::size_t>(group)]) {
          events_.push({std::max(now_, job(next).arrival.base()), Event::Kind::Arrival, next});
        }
      }
    }
  }

  [[nodiscard]] double estimated_end(int i) const {
    const double asked = std::max(job(i).estimate, job(i).runtime).base();
    return attempt(i).began + attempt(i).restart + asked - attempt(i).saved;
  }

  /// Inference takes wholly free nodes up to what this hour wants, and gives back what is more.
  void follow_inference() {
    if (!serves_) {
      return;
    }
    const auto hour = static_cast<std::size_t>(std::fmod(std::floor(now_ / kHour), 24.0));
    wanted_ = static_cast<int>(std::lround(cluster_.inference[hour] * cluster_.nodes));
    while (static_cast<int>(inference_.size()) > wanted_) {
      pool_.give_whole_node(inference_.back());
      inference_.pop_back();
    }
    for (int node = 0; static_cast<int>(inference_.size()) < wanted_ && node >= 0;) {
      node = pool_.take_whole_node();
      if (node >= 0) {
        inference_.push_back(node);
      }
    }
  }

  void schedule() {
    while (!queue_.empty()) {
      const int first = queue_.begin()->job;
      if (!pool_.fits(job(first).gpus)) {
        const std::vector<int> stopped = preemption_ ? victims(first) : std::vector<int>{};
        if (stopped.empty()) {
          break;
        }
        for (const int i : stopped) {
          preempt(i);
        }
      }
      queue_.erase(queue_.begin());
      start(first);
    }
    if (policy_ == QueuePolicy::Backfill && queue_.size() > 1 && pool_.free_gpus() > 0) {
      backfill();
    }
  }

  /// When the first waiting job can start at the latest, and the whole nodes that are left then.
  struct Reservation {
    double time;
    int spare_nodes;
  };
  [[nodiscard]] Reservation reservation(int first) const {
    const int gpus = job(first).gpus;
    const int nodes = pool_.nodes_of(gpus);
    int whole = pool_.whole_nodes();
    std::vector<std::pair<int, int>> freed;  // node, accelerators that are free by then
    for (const auto& [ends, i] : running_) {
      const Seats& seats = attempt(i).seats;
      for (const int node : seats.nodes) {
        int free = seats.gpus_of_each;
        if (seats.gpus_of_each < pool_.gpus_per_node()) {
          const auto known = std::find_if(freed.begin(), freed.end(),
                                          [node](const auto& f) { return f.first == node; });
          if (known == freed.end()) {
            freed.emplace_back(node, free += pool_.free_of(node));
          } else {
            free = known->second += seats.gpus_of_each;
          }
        }
        whole += free == pool_.gpus_per_node() ? 1 : 0;
        if (nodes == 0 && free >= gpus) {
          return {ends, std::max(0, whole - 1)};
        }
      }
      if (nodes > 0 && whole >= nodes) {
        return {ends, whole - nodes};
      }
    }
    return {INFINITY, 0};
  }

  void backfill() {
    const Reservation reserved = reservation(queue_.begin()->job);
    int spare = reserved.spare_nodes;
    int tried = 0;
    for (auto next = std::next(queue_.begin());
         next != queue_.end() && tried < kBackfillDepth && pool_.free_gpus() > 0; ++tried) {
      const QueuedJob& j = job(next->job);
      const Attempt& a = attempt(next->job);
      const double restart = course(next->job).preempted > 0 ? preemption_->restart.base() : 0.0;
      const bool ends_before =
          now_ + restart + std::max(j.estimate, j.runtime).base() - a.saved <= reserved.time;
      const int nodes = std::max(1, pool_.nodes_of(j.gpus));
      if (!pool_.fits(j.gpus) || (!ends_before && nodes > spare)) {
        ++next;
        continue;
      }
      spare -= ends_before ? 0 : nodes;
      start(next->job);
      next = queue_.erase(next);
    }
  }

  QueueCourse finish() {
    const double span = now_ - first_;
    const double all = span * cluster_.nodes * cluster_.gpus_per_node;
    course_.makespan = units::seconds(span);
    if (all > 0.0) {
      course_.utilisation = busy_ / (all - held_);
      course_.inference_share = held_ / all;
      course_.inference_missed = missed_ / all;
      course_.fragmented = fragmented_ / span;
    }
    course_.lost = busy_ > 0.0 ? lost_ / busy_ : 0.0;
    double wait = 0.0;
    for (const JobCourse& j : course_.jobs) {
      wait += (j.start - j.arrival).base();
    }
    course_.mean_wait =
        units::seconds(jobs_.empty() ? 0.0 : wait / static_cast<double>(jobs_.size()));
    return std::move(course_);
  }

  const QueueCluster& cluster_;
  const std::vector<QueuedJob>& jobs_;
  QueuePolicy policy_;
  std::optional<Preemption> preemption_;
  NodePool pool_;
  std::vector<Attempt> attempts_;  ///< by job, the last one
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::set<Waiting> queue_;
  std::set<std::pair<double, int>> running_;  ///< by estimated end
  std::vector<int> left_in_group_;
  std::vector<std::vector<int>> waiting_for_;
  std::vector<int> inference_;  ///< nodes that it holds
  int wanted_ = 0;              ///< nodes that it wants
  bool serves_ = false;
  std::size_t ended_ = 0;
  double now_ = 0, last_ = 0, first_ = 0;
  double busy_gpus_ = 0, busy_ = 0, held_ = 0, missed_ = 0, fragmented_ = 0;
  double lost_ = 0;  ///< accelerator time
  QueueCourse course_;
};

}  // namespace

QueueCourse run_queue(const QueueCluster& cluster, const std::vector<QueuedJob>& jobs,
                      QueuePolicy policy, const std::optional<Preemption>& preemption) {
  return Simulation(cluster, jobs, policy, preemption).run();
}

std::vector<Seconds> wait_quantiles(const QueueCourse& course, const std::vector<double>& shares) {
  std::vector<Seconds> waits;
  waits.reserve(course.jobs.size());
  for (const JobCourse& j : course.jobs) {
    waits.push_back(j.start - j.arrival);
  }
  std::sort(waits.begin(), waits.end());
  std::vector<Seconds> quantiles;
  for (const double share : shares) {
    const double rank = share * static_cast<double>(waits.size());
    const auto index = static_cast<std::size_t>(std::max(0.0, std::ceil(rank) - 1.0));
    quantiles.push_back(waits.empty() ? Seconds{} : waits[std::min(index, waits.size() - 1)]);
  }
  return quantiles;
}

}  // namespace sim
