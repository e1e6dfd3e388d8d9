#pragma once
// Puts times on operators: what a layer's pass costs one rank when nothing else uses the network.
#include <vector>

#include "sim/collective/collective.hpp"
#include "sim/plan/placement.hpp"
#include "sim/training_job.hpp"
#include "sim/workload/operators.hpp"

namespace sim {

/// A collective with its uncontended cost. `cost.wire_bytes` > 0: it crosses scale-up domains, so
/// flow simulation replays it on real links.
struct TimedCollective {
  CollectiveCost cost;
  Collective op = Collective::AllReduce;
  Axis axis = Axis::Tensor;
  Part part = Part::TpComm;
  units::Bytes size{};  ///< as collective_cost takes it
  [[nodiscard]] bool on_network() const { return cost.wire_bytes > units::Bytes{}; }
};

/// Compute and a collective on the network that run side by side: the item ends when both have
/// ended.
struct ForkJoin {
  units::Seconds compute;
  TimedCollective collective;
};

/// Time of a list of operators on one rank.
struct OperatorTimes {
  PartTimes device;                ///< exclusive parts; add up to the time on the device
  units::Seconds host;             ///< the host needs this long to launch it all
  units::Seconds core_attention;   ///< share of `device` that selective recompute repeats
  units::Seconds weight_gradient;  ///< share of `device` in weight-gradient GEMMs
  units::Seconds fixed;  ///< part of the device time that never touches the scale-out network
  std::vector<ForkJoin> network;  ///< collectives on the scale-out network, with what hides them
};

/// Costs of operators for one job.
class CostModel {
 public:
  CostModel(const TrainingJob& job, const Profiles& profiles);

  [[nodiscard]] OperatorTimes times(const Operators& operators) const;
  /// Of one operator, launches included; zero for a collective.
  [[nodiscard]] units::Seconds kernel(const Operator& op) const;
  [[nodiscard]] TimedCollective collective(Collective op, Axis axis, Part part,
                                           units::Bytes size) const;
  [[nodiscard]] units::Seconds memory(units::Bytes traffic) const;
  [[nodiscard]] const Groups& groups() const { return groups_; }
  [[nodiscard]] const TrainingJob& job() const { return job_; }
  [[nodiscard]] const Profiles& profiles() const { return profiles_; }
  [[nodiscard]] RankShape shape() const {
    return {job_.model, job_.layout, job_.training, job_.framework};
  }
  /// The fitted parameters, where the profile has no measurement of the device's own.
  [[nodiscard]] const StepParameters& steps() const { return steps_; }
  /// Host time per transformer layer and forward pass beyond its launches; half of it in backward.
  [[nodiscard]] units::Seconds layer_dispatch() const { return host_.layer; }

  /// Expected slowness of the slowest of n like accelerators against their mean: spread x sqrt(2 ln
  /// n), the leading term of the expected maximum of n normal variables. Spread: Sinha et al., "Not
  /// All GPUs Are Created Equal", SC'22, report 8 % between the extremes of a few hundred A100
  /// under one power cap: about 3 standard deviations to either side.
  static double straggler_slowdown(double spread, int n);

  /// Share of the token copies of an all-to-all among experts that has to travel: 1, or with
  /// deduplicated dispatch over D domains D (1 - (1 - 1/D)^k) / k, the expected number of domains
  /// that k random experts lie in. Source: DeepSeek-V3, arXiv 2412.19437, section 3.2.2, sends each
  /// token to a node once.
  [[nodiscard]] double dispatch_share() const;

 private:
  /// Zero where the device's vector units are not known.
  [[nodiscard]] units::Seconds vector_time(units::Flops work) const;
  /// Time of a GEMM in a step over that in a loop of GEMMs: its clock falls less.
  [[nodiscard]] double clock_recovery(topology::Precision precision) const;

  /// What the host needs to launch one of each.
  struct HostTimes {
    units::Seconds kernel, collective, layer;
  };
  static HostTimes host_times(Dispatch dispatch, const StepParameters& steps,
                              const calib::DeviceExtras& measured);

  const TrainingJob& job_;
  const Profiles& profiles_;
  StepParameters steps_;
  Groups groups_;
  double straggler_ = 0.0;
  HostTimes host_;
};

}  // namespace sim
