#include "sim/run/reliability.hpp"

#include <array>

#include "topology/names.hpp"

namespace sim {

using topology::Named;
using units::PerSecond;

namespace {
constexpr std::array kPer{Named<FailurePer>{FailurePer::Accelerator, "accelerator"},
                          Named<FailurePer>{FailurePer::Node, "node"},
                          Named<FailurePer>{FailurePer::Nic, "nic"},
                          Named<FailurePer>{FailurePer::Link, "link"},
                          Named<FailurePer>{FailurePer::Switch, "switch"},
                          Named<FailurePer>{FailurePer::Job, "job"}};
constexpr std::array kEffects{Named<FailureEffect>{FailureEffect::Stop, "stop"},
                              Named<FailureEffect>{FailureEffect::Slow, "slow"},
                              Named<FailureEffect>{FailureEffect::Corrupt, "corrupt"},
                              Named<FailureEffect>{FailureEffect::Planned, "planned"},
                              Named<FailureEffect>{FailureEffect::Preempt, "preempt"}};
}  // namespace

std::string_view name(FailurePer per) {
  return name_in(kPer, per);
}
std::optional<FailurePer> failure_per_from_name(std::string_view name) {
  return value_in(kPer, name);
}
std::string_view name(FailureEffect effect) {
  return name_in(kEffects, effect);
}
std::optional<FailureEffect> failure_effect_from_name(std::string_view name) {
  return value_in(kEffects, name);
}

double FailureUnits::of(FailurePer per) const {
  switch (per) {
    case FailurePer::Accelerator:
      return accelerators;
    case FailurePer::Node:
      return nodes;
    case FailurePer::Nic:
      return nics;
    case FailurePer::Link:
      return links;
    case FailurePer::Switch:
      return switches;
    case FailurePer::Job:
      return 1.0;
  }
  return 0.0;
}

std::vector<JobFailures> job_failures(const std::vector<FailureKind>& kinds,
                                      const FailureUnits& units) {
  std::vector<JobFailures> failures;
  failures.reserve(kinds.size());
  for (const FailureKind& kind : kinds) {
    const double count = units.of(kind.per);
    failures.push_back({.kind = kind, .units = count, .rate = count * kind.hits_job * kind.rate});
  }
  return failures;
}

PerSecond interruption_rate(const std::vector<JobFailures>& failures, Planned planned) {
  PerSecond sum;
  for (const JobFailures& f : failures) {
    if (f.kind.effect != FailureEffect::Planned || planned == Planned::With) {
      sum += f.rate;
    }
  }
  return sum;
}

PerSecond node_loss_rate(const std::vector<JobFailures>& failures, double nodes) {
  PerSecond sum;
  for (const JobFailures& f : failures) {
    sum += f.kind.loses_node ? f.rate : PerSecond{};
  }
  return nodes > 0 ? sum / nodes : PerSecond{};
}

}  // namespace sim
