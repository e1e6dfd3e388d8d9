#pragma once
// Many jobs on one cluster: when each starts and ends under gang scheduling. A discrete-event
// simulation with arrivals and ends as events.
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "topology/units.hpp"

namespace sim {

/// A job needs all its accelerators at once, from its start to its end.
struct QueuedJob {
  units::Seconds arrival;
  units::Seconds runtime;
  units::Seconds estimate{};  ///< what the owner asks for; below `runtime` it counts as that
  int gpus = 1;               ///< a node's share, or whole nodes, rounded up
  int priority = 0;           ///< the higher goes first; equals in order of arrival
  int group = -1;             ///< jobs that others wait for together; -1: none
  int after = -1;  ///< arrives when all jobs of this group have ended, not before `arrival`
  int kind = 0;    ///< for whoever reports by kind
};

struct QueueCluster {
  int nodes = 0;
  int gpus_per_node = 8;
  int nodes_per_leaf = 0;  ///< nodes under one leaf switch; 0: all
  /// Share of the nodes that inference holds, by hour of day; it takes nodes as they fall free.
  std::array<double, 24> inference{};
};

enum class QueuePolicy {
  Fifo,     ///< no job starts before one that is ahead of it
  Backfill  ///< EASY: one may, if that does not delay the first one that waits
};

/// A waiting job stops running ones of lower priority where that lets it start: those of the lowest
/// priority first, of equals the one that started last. They wait again in their old place and go
/// on from their last checkpoint.
struct Preemption {
  /// Training time between two checkpoints; 0: a stopped job saves itself and loses nothing.
  units::Seconds checkpoint_every{};
  units::Seconds restart{};  ///< from getting its accelerators back to training on
};

/// What became of a job.
struct JobCourse {
  units::Seconds arrival, start, end;  ///< `start`: the first one
  int leaves = 0;                      ///< that its nodes are spread over, at last
  int preempted = 0;                   ///< times
  units::Seconds lost{};               ///< running time of work done again, and of restarts
};

struct QueueCourse {
  std::vector<JobCourse> jobs;  ///< in the order given
  units::Seconds makespan;      ///< from the first arrival to the last end
  double utilisation = 0;       ///< busy accelerator time over what inference leaves
  double inference_share = 0;   ///< accelerator time that inference held
  double inference_missed = 0;  ///< accelerator time that it wanted and jobs still held
  double fragmented = 0;  ///< share of the time in which enough accelerators were free for the
                          ///< first waiting job, but not as a gang
  units::Seconds mean_wait;
  int preemptions = 0;
  double lost = 0;  ///< share of the busy accelerator time that preemption cost
  int longest_queue = 0;
  std::uint64_t events = 0;
};

/// EASY back-filling: Lifka, "The ANL/IBM SP Scheduling System", JSSPP 1995; Mu'alem and Feitelson,
/// IEEE TPDS 12(6), 2001. Small jobs go to the fullest node that has room, gangs of whole nodes to
/// as few leaves as possible. O(jobs x (log jobs + running + back-fill depth)); where
/// jobs stop others also O(nodes) for each job that is stopped.
/// @pre every job fits on the cluster when nothing else, inference included, is on it
QueueCourse run_queue(const QueueCluster& cluster, const std::vector<QueuedJob>& jobs,
                      QueuePolicy policy, const std::optional<Preemption>& preemption = {});

/// Waiting times at these shares of the jobs, 0.5 for the median.
std::vector<units::Seconds> wait_quantiles(const QueueCourse& course,
                                           const std::vector<double>& shares);

}  // namespace sim
