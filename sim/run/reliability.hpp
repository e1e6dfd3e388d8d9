#pragma once
// What goes wrong during a run, how often, and what it takes to go on: rates of components become
// rates of the whole job.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/run/quantities.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace sim {

/// What a rate counts.
enum class FailurePer { Accelerator, Node, Nic, Link, Switch, Job };
std::string_view name(FailurePer per);  ///< "accelerator"
std::optional<FailurePer> failure_per_from_name(std::string_view name);

/// What an event does to the job.
enum class FailureEffect {
  Stop,     ///< the job ends at once; work since the last durable checkpoint is lost
  Slow,     ///< the whole job waits for one slow node until somebody finds it and takes it out
  Corrupt,  ///< results are wrong from then on; the job goes back behind it once that is found
  Planned,  ///< maintenance: announced, the job writes a checkpoint first
  Preempt   ///< a spot node is taken away after a notice
};
std::string_view name(FailureEffect effect);  ///< "stop"
std::optional<FailureEffect> failure_effect_from_name(std::string_view name);

/// One kind of event, as the catalog states it.
struct FailureKind {
  std::string component{};
  FailurePer per = FailurePer::Accelerator;
  units::PerSecond rate{};  ///< of one unit
  FailureEffect effect = FailureEffect::Stop;
  double hits_job = 1.0;    ///< share of the events that the job notices; the rest is ridden out
  bool loses_node = false;  ///< the node goes to repair; else it restarts in place
  double slowdown = 0.0;    ///< Slow: a step takes (1 + slowdown) times as long
  units::Seconds found_after{};  ///< Slow and Corrupt
  units::Seconds notice{};       ///< Preempt: time to write a checkpoint
  units::Seconds away{};         ///< mean time until a lost node is back
  topology::Provenance from{};   ///< of the rate
};

/// How a site gets a stopped job going again.
struct Recovery {
  units::Seconds detection{};  ///< from the fault until somebody knows
  units::Seconds diagnosis{};  ///< finding and draining the bad node
  units::Seconds hot_swap{};   ///< putting a running spare in its place
  units::Seconds cold_boot{};  ///< the same where the spare has to be started
  units::Seconds restart{};    ///< scheduling, processes, communicators, compilation
};

/// Units of a job that can fail.
struct FailureUnits {
  double accelerators = 0, nodes = 0, nics = 0;
  double links = 0;     ///< cables, each with its two ends
  double switches = 0;  ///< of the compute network
  [[nodiscard]] double of(FailurePer per) const;
};

/// One kind of event over the whole job.
struct JobFailures {
  FailureKind kind{};
  double units = 0;
  units::PerSecond rate{};  ///< of events that the job notices
};

/// Rates of independent units add up; a job is one unit of FailurePer::Job.
std::vector<JobFailures> job_failures(const std::vector<FailureKind>& kinds,
                                      const FailureUnits& units);

/// Sum of the rates of events that interrupt the job: all but Planned where `planned` is Without;
/// a slow node interrupts it when it is taken out.
enum class Planned { With, Without };
units::PerSecond interruption_rate(const std::vector<JobFailures>& failures, Planned planned);
/// Nodes lost to repair per time, per node.
units::PerSecond node_loss_rate(const std::vector<JobFailures>& failures, double nodes);

}  // namespace sim
