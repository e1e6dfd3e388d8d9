// Parallel aggregated trees (PAT): n binomial trees at once, one per rank, that share their rounds;
// the far exchanges come first and are small. Source: Jeaugey, "PAT: a new algorithm for all-gather
// and reduce-scatter operations at scale", 2025; Bruck et al., 1997, for the rounds.
#include <algorithm>
#include <bit>
#include <utility>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

/// In a round of an all-gather every rank passes the pieces that have come `offset` ranks so far,
/// for all offsets that are multiples of 2 * distance, on to the rank `distance` further.
struct Rounds {
  std::uint32_t n;
  [[nodiscard]] std::vector<std::uint32_t> distances() const {
    std::vector<std::uint32_t> list;
    for (std::uint32_t d = std::bit_ceil(n) / 2; d > 0; d /= 2) {
      list.push_back(d);
    }
    return list;
  }
  [[nodiscard]] std::uint32_t pieces(std::uint32_t distance) const {
    return (n - distance + 2 * distance - 1) / (2 * distance);
  }
};

bool can(const CollectiveTask& task) {
  return task.op == Collective::AllGather || task.op == Collective::ReduceScatter;
}

CollectiveSchedule steps(const CollectiveTask& task) {
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const bool gathers = task.op == Collective::AllGather;
  std::vector<std::uint32_t> distances = Rounds{n}.distances();
  if (!gathers) {
    std::reverse(distances.begin(), distances.end());
  }
  CollectiveSchedule::check_size(static_cast<double>(n) * n);
  CollectiveSchedule schedule(n, n);
  std::vector<std::vector<TransferId>> arrived(n);
  std::uint16_t phase = 0;
  for (const std::uint32_t distance : distances) {
    std::vector<std::vector<TransferId>> now = arrived;
    for (std::uint32_t rank = 0; rank < n; ++rank) {
      for (std::uint32_t offset = 0; offset + distance < n; offset += 2 * distance) {
        // A reduce-scatter runs the trees backwards: from the far end to the owner.
        const std::uint32_t near = rank, far = (rank + distance) % n;
        const std::uint32_t slot = (rank + n - offset) % n;
        const std::uint32_t to = gathers ? far : near;
        now[to].push_back(schedule.add({.from = gathers ? near : far,
                                        .to = to,
                                        .source = slot,
                                        .target = slot,
                                        .phase = phase,
                                        .action = gathers ? Action::Copy : Action::Add,
                                        .size = task.size / static_cast<double>(n)},
                                       arrived[gathers ? near : far]));
      }
    }
    arrived = std::move(now);
    ++phase;
  }
  return schedule;
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const bool gathers = task.op == Collective::AllGather;
  for (const std::uint32_t distance : Rounds{n}.distances()) {
    Phase phase;
    for (std::uint32_t rank = 0; rank < n; ++rank) {
      const std::uint32_t far = (rank + distance) % n;
      const std::uint32_t from = gathers ? rank : far, to = gathers ? far : rank;
      phase.edges.push_back({task.end(from), task.end(to),
                             task.size * (static_cast<double>(Rounds{n}.pieces(distance)) / n)});
      phase.latency = std::max(phase.latency, task.latency(from, to));
    }
    sink(std::move(phase));
  }
}

}  // namespace

Generator parallel_aggregated_trees() {
  return {Algorithm::Pat, can, steps, fluid};
}

}  // namespace sim::schedule
