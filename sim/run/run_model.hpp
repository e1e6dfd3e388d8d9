#pragma once
// A training run as both solvers see it: work, checkpoints, and the events that interrupt it.
#include <string_view>
#include <vector>

#include "sim/run/checkpoint.hpp"
#include "sim/run/reliability.hpp"
#include "topology/units.hpp"

namespace sim {

/// What a job does when more nodes are away than it has spares.
enum class OnLoss {
  Wait,   ///< for a node to come back
  Shrink  ///< goes on with fewer data-parallel replicas
};

/// One kind of interruption of the whole job.
struct Interruption {
  units::PerSecond rate{};  ///< while the job runs
  FailureEffect effect = FailureEffect::Stop;
  units::Seconds downtime{};  ///< detection, diagnosis, swap: no further failure matters meanwhile
  bool loses_node = false;
  units::Seconds away{};         ///< mean, exponential
  double slowdown = 0.0;         ///< Slow
  units::Seconds found_after{};  ///< Slow and Corrupt: of running time
  /// The job has time to write a checkpoint first, so it loses no work.
  [[nodiscard]] bool saves_first() const {
    return effect == FailureEffect::Planned || effect == FailureEffect::Slow ||
           effect == FailureEffect::Preempt;
  }
};

/// All that decides how long a run takes. Independent events, exponential times between them.
struct RunModel {
  units::Seconds work{};  ///< of a run in which nothing goes wrong and nothing is saved
  CheckpointTimes checkpoint{};
  units::Seconds
      interval{};            ///< of work between two checkpoints; at least checkpoint.durable_after
  units::Seconds restart{};  ///< start and reload; a failure meanwhile starts it over
  std::vector<Interruption> interruptions{};
  int spares = 0;
  OnLoss on_loss = OnLoss::Wait;
  int replicas = 1;           ///< data-parallel, all that could run
  int nodes_per_replica = 1;  ///< a replica stops when one of them is missing
};

/// Interruptions of a job from its failures and its site's habits. Preemption needs neither
/// detection nor diagnosis; where its notice is too short for a checkpoint, it is a stop.
enum class Spares { Hot, Cold };
std::vector<Interruption> interruptions(const std::vector<JobFailures>& failures,
                                        const Recovery& recovery, Spares spares,
                                        const CheckpointTimes& checkpoint);

/// Where the time of a run goes, in the mean; the parts add up to `total()`.
struct RunTime {
  units::Seconds work{};
  units::Seconds checkpoint{};  ///< stalls for writing
  units::Seconds rework{};      ///< done again after a roll-back
  units::Seconds downtime{};    ///< detection, diagnosis, swap
  units::Seconds restart{};
  units::Seconds waiting{};  ///< for nodes, no spare left
  units::Seconds slow{};     ///< behind slow nodes, or with replicas missing
  [[nodiscard]] units::Seconds total() const {
    return work + checkpoint + rework + downtime + restart + waiting + slow;
  }
  /// Effective training time ratio: work over wall time. Source of the term: Kokolis et al.,
  /// arXiv 2410.21680, who also count the queue; ours is in `waiting`.
  [[nodiscard]] double ettr() const { return work / total(); }
};

}  // namespace sim
