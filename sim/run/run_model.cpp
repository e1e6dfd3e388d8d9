#include "sim/run/run_model.hpp"

namespace sim {

using units::Seconds;

namespace {

/// How long the job stands still before it can restart.
Seconds downtime(const FailureKind& kind, const Recovery& recovery, Spares spares) {
  const Seconds swap = spares == Spares::Hot ? recovery.hot_swap : recovery.cold_boot;
  const Seconds replaced = kind.loses_node ? swap : Seconds{};
  switch (kind.effect) {
    case FailureEffect::Stop:
      return recovery.detection + recovery.diagnosis + replaced;
    case FailureEffect::Corrupt:
    case FailureEffect::Slow:
      return recovery.diagnosis + replaced;  // finding it is `found_after`
    case FailureEffect::Planned:
    case FailureEffect::Preempt:
      return replaced;
  }
  return {};
}

}  // namespace

std::vector<Interruption> interruptions(const std::vector<JobFailures>& failures,
                                        const Recovery& recovery, Spares spares,
                                        const CheckpointTimes& checkpoint) {
  std::vector<Interruption> list;
  for (const JobFailures& f : failures) {
    if (f.rate <= units::PerSecond{}) {
      continue;
    }
    Interruption i{.rate = f.rate,
                   .effect = f.kind.effect,
                   .downtime = downtime(f.kind, recovery, spares),
                   .loses_node = f.kind.loses_node,
                   .away = f.kind.away,
                   .slowdown = f.kind.slowdown,
                   .found_after = f.kind.found_after};
    const Seconds save = checkpoint.stall + checkpoint.durable_after;
    if (i.effect == FailureEffect::Preempt && f.kind.notice < save) {
      i.effect = FailureEffect::Stop;
    }
    list.push_back(i);
  }
  return list;
}

}  // namespace sim
