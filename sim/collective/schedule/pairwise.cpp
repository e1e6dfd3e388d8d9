// Messages between pairs: all-to-all with everything posted at once, and a shift by one for sends.
// Between domains the routes themselves forward over the neighbour on
// the destination's rail (PXN). Source: NCCL posts all sends and receives of a group together.
#include <algorithm>
#include <utility>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

bool can(const CollectiveTask& task) {
  return task.op == Collective::AllToAll || task.op == Collective::SendRecv;
}

std::uint32_t ranks_of(const CollectiveTask& task) {
  return static_cast<std::uint32_t>(task.team.ranks());
}

CollectiveSchedule all_to_all_steps(const CollectiveTask& task) {
  const std::uint32_t n = ranks_of(task);
  CollectiveSchedule::check_size(static_cast<double>(n) * n *
                                 20.0);  // all of them are under way at once
  CollectiveSchedule schedule(n, n * n);
  for (std::uint32_t shift = 0; shift < n; ++shift) {
    for (std::uint32_t from = 0; from < n; ++from) {
      const std::uint32_t to = (from + shift) % n;
      const std::uint32_t slot = from * n + to;
      schedule.add({.from = from,
                    .to = to,
                    .source = slot,
                    .target = slot,
                    .size = task.size / static_cast<double>(n)},
                   {});
    }
  }
  return schedule;
}

CollectiveSchedule traffic_steps(const CollectiveTask& task) {
  CollectiveSchedule schedule(ranks_of(task), 1);
  for (const PairTraffic& t : *task.traffic) {
    schedule.add({.from = t.from, .to = t.to, .size = t.size}, {});
  }
  return schedule;
}

Phase traffic_flows(const CollectiveTask& task) {
  Phase phase;
  for (const PairTraffic& t : *task.traffic) {
    if (t.from != t.to) {
      phase.edges.push_back({task.end(t.from), task.end(t.to), t.size});
      phase.latency = std::max(phase.latency, task.latency(t.from, t.to));
    }
  }
  return phase;
}

CollectiveSchedule steps(const CollectiveTask& task) {
  if (task.op == Collective::AllToAll) {
    return task.traffic != nullptr ? traffic_steps(task) : all_to_all_steps(task);
  }
  const std::uint32_t n = ranks_of(task);
  CollectiveSchedule schedule(n, n);
  for (std::uint32_t from = 0; from < n; ++from) {
    schedule.add(
        {.from = from, .to = (from + 1) % n, .source = from, .target = from, .size = task.size},
        {});
  }
  return schedule;
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  if (task.op == Collective::AllToAll) {
    sink(task.traffic != nullptr ? traffic_flows(task) : all_to_all_load(task));
    return;
  }
  const std::uint32_t n = ranks_of(task);
  Phase phase;
  for (std::uint32_t from = 0; from < n; ++from) {
    const std::uint32_t to = (from + 1) % n;
    phase.edges.push_back({task.end(from), task.end(to), task.size});
    phase.latency = std::max(phase.latency, task.latency(from, to));
  }
  sink(std::move(phase));
}

}  // namespace

Generator pairwise() {
  return {Algorithm::Pairwise, can, steps, fluid};
}

}  // namespace sim::schedule
