#pragma once
// Runs a collective over the links of a cluster: as fluid flows, one per edge of the algorithm, or
// step by step, one event per message.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/collective/schedule/generators.hpp"
#include "sim/engine/flow.hpp"
#include "sim/engine/network.hpp"

namespace sim {

/// What the calibrated closed form says of a run that nothing contends with. The bytes of a phase
/// flow no faster than that; contention on links comes on top.
struct Pace {
  units::Seconds latency, transfer;
};

/// What one message costs between two ranks of a domain, or of two domains.
struct HopCost {
  units::Seconds latency;
  units::BytesPerSecond rate;  ///< at most, per message
};
struct HopCosts {
  units::Seconds base;  ///< of starting the whole
  HopCost inside, across;
};
/// Those of the calibrated closed form with `protocol`, for schedules that it has no formula for.
HopCosts hop_costs(const topology::ClusterSpec& cluster, const calib::CollectiveProfile& profile,
                   const Team& team, Protocol protocol);

struct RunOptions {
  NetworkBackend backend = NetworkBackend::Kernel;
  /// Simulate every flow instead of one for all that are provably alike.
  bool unfold = false;
  /// Without: textbook, links at line rate and nothing but their latencies.
  std::optional<Pace> pace{};
  std::optional<HopCosts> hops{};  ///< step by step, instead of a pace
};

struct CollectiveRun {
  units::Seconds time, latency;  ///< latency: the part of it before the bytes flow, fluid only
  std::vector<units::Seconds> phases;  ///< how long the bytes of each phase flow, fluid only
  std::vector<LinkLoad> busiest;       ///< links and trunks, at most 10, busiest first
  std::uint64_t flows = 0;             ///< in the algorithm
  std::uint64_t simulated = 0;         ///< of these, one for each kind
  std::uint64_t events = 0;
};

/// All flows of a phase at once, the phases one after the other. One Network per process at a time,
/// see sim/engine/network.hpp.
CollectiveRun run_fluid(const CollectiveTask& task, const Generator& generator,
                        const RunOptions& options);
/// The same for phases that somebody else made.
CollectiveRun run_phases(const Ways& ways, std::vector<Phase> phases, const RunOptions& options);

/// Every transfer of `schedule` as an exact event. A channel moves at the pace of its slowest edge,
/// because only a few chunks are ever under way between two ranks (NCCL: 8); `paced_by` is the
/// fluid run that says how fast that is. Without it every transfer takes what its links give.
CollectiveRun run_steps(const CollectiveTask& task, const CollectiveSchedule& schedule,
                        const RunOptions& options, const CollectiveRun* paced_by = nullptr);

/// The 10 channels that are busiest for what they can carry, by their number.
std::vector<LinkLoad> busiest_links(const Ways& ways, const std::vector<double>& bytes_by_channel,
                                    units::Seconds time);

}  // namespace sim
