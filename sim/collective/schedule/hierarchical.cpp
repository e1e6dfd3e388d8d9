// An all-reduce in three: reduce-scatter inside every domain, all-reduce of each part along its
// rail, all-gather inside. An all-to-all in two: inside every domain to the rank on the
// destination's rail, then along the rails. Source: Jia et al., "Highly scalable deep learning
// training system", 2018 (hierarchical all-reduce); Rajbhandari et al., "DeepSpeed-MoE", 2022
// (hierarchical all-to-all). NCCL has neither as an algorithm, frameworks compose them.
#include <algorithm>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

bool can(const CollectiveTask& task) {
  const bool known =
      task.op == Collective::AllReduce ||
      (task.op == Collective::AllToAll && task.traffic == nullptr && all_to_all_has_parts(task));
  return known && task.team.domains() > 1 && task.team.even() && task.team.per_domain() > 1;
}

std::vector<std::uint32_t> members_of(const Team& team, int domain) {
  const auto members = team.domain(domain);
  return {members.begin(), members.end()};
}

/// The ranks with the same index in all domains.
std::vector<std::uint32_t> rail_of(const Team& team, int index) {
  std::vector<std::uint32_t> rail;
  for (int d = 0; d < team.domains(); ++d) {
    rail.push_back(team.domain(d)[static_cast<std::size_t>(index)]);
  }
  return rail;
}

/// Every piece to the rank of its own domain that sits on its destination's rail, then on.
CollectiveSchedule all_to_all_steps(const CollectiveTask& task) {
  const Team& team = task.team;
  const auto n = static_cast<std::uint32_t>(team.ranks());
  CollectiveSchedule::check_size(static_cast<double>(n) * n * 20.0);
  CollectiveSchedule schedule(n, n * n);
  for (int d = 0; d < team.domains(); ++d) {
    for (const std::uint32_t from : team.domain(d)) {
      for (int there = 0; there < team.domains(); ++there) {
        for (std::size_t rail = 0; rail < team.domain(there).size(); ++rail) {
          const std::uint32_t to = team.domain(there)[rail];
          const std::uint32_t relay = team.domain(d)[rail];
          Transfer t{.from = from,
                     .to = relay,
                     .source = from * n + to,
                     .target = from * n + to,
                     .size = task.size / static_cast<double>(n)};
          std::vector<TransferId> after;
          if (relay != from) {
            after.push_back(schedule.add(t, {}));
          }
          if (relay != to) {
            t.from = relay;
            t.to = to;
            t.phase = 1;
            schedule.add(t, after);
          }
        }
      }
    }
  }
  return schedule;
}

CollectiveSchedule steps(const CollectiveTask& task) {
  if (task.op == Collective::AllToAll) {
    return all_to_all_steps(task);
  }
  const Team& team = task.team;
  const auto n = static_cast<std::uint32_t>(team.ranks());
  const auto domains = static_cast<std::uint32_t>(team.domains());
  const units::Bytes slot = task.size / static_cast<double>(n);
  CollectiveSchedule::check_size(2.0 * n * (team.per_domain() + team.domains()));
  CollectiveSchedule schedule(n, n);
  Entries entries(n);
  const auto inside = [&](Action action, std::uint16_t phase) {
    for (int d = 0; d < team.domains(); ++d) {
      add_ring_pass(schedule,
                    {.order = members_of(team, d),
                     .first = 0,
                     .count = domains,
                     .chunk = slot * static_cast<double>(domains),
                     .channel = 0,
                     .phase = phase,
                     .action = action},
                    entries);
    }
  };
  inside(Action::Add, 0);
  for (const Action action : {Action::Add, Action::Copy}) {
    for (int i = 0; i < team.per_domain(); ++i) {
      add_ring_pass(schedule,
                    {.order = rail_of(team, i),
                     .first = static_cast<std::uint32_t>(i) * domains,
                     .count = 1,
                     .chunk = slot,
                     .channel = 0,
                     .phase = 1,
                     .action = action},
                    entries);
    }
  }
  inside(Action::Copy, 2);
  return schedule;
}

void add_ring(const CollectiveTask& task, const std::vector<std::uint32_t>& order,
              units::Bytes each, double rounds, Phase& phase) {
  units::Seconds slowest;
  for (std::size_t p = 0; p < order.size(); ++p) {
    const std::uint32_t next = order[(p + 1) % order.size()];
    phase.edges.push_back({task.end(order[p]), task.end(next), each});
    slowest = std::max(slowest, task.latency(order[p], next));
  }
  phase.latency = std::max(phase.latency, slowest * rounds);
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  if (task.op == Collective::AllToAll) {
    sink(all_to_all_load(task, AllToAllPart::Inside));
    sink(all_to_all_load(task, AllToAllPart::Outside));
    return;
  }
  const Team& team = task.team;
  const double k = team.per_domain(), d = team.domains();
  Phase inside, rails;
  for (int i = 0; i < team.domains(); ++i) {
    add_ring(task, members_of(team, i), task.size * ((k - 1.0) / k), k - 1.0, inside);
  }
  for (int i = 0; i < team.per_domain(); ++i) {
    add_ring(task, rail_of(team, i), task.size * (2.0 * (d - 1.0) / d / k), 2.0 * (d - 1.0), rails);
  }
  sink(Phase(inside));
  sink(std::move(rails));
  sink(std::move(inside));
}

}  // namespace

Generator hierarchical() {
  return {Algorithm::Hierarchical, can, steps, fluid};
}

}  // namespace sim::schedule
