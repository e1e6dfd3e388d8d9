// Reduction in the scale-up switch (NVLS): all ranks push their operands into the switch, the rank
// that owns a part takes the sum and multicasts it. With several domains the owners of a part are
// the heads of a double binary tree between the domains (NVLS-tree). Every GPU sends and receives
// S (1 + 1/k). Source: NVIDIA, "Doubling all2all ... NVLink SHARP", 2022; NCCL 2.30, src/transport
// nvls and device/all_reduce.
#include <algorithm>
#include <utility>

#include "sim/collective/schedule/generators.hpp"
#include "topology/error.hpp"

namespace sim::schedule {

namespace {

bool reduces_inside(const CollectiveTask& task) {
  const topology::ScaleUp& net = task.ways.cluster().spec().accelerator.scale_up;
  return task.op == Collective::AllReduce && task.team.per_domain() > 1 && task.team.even() &&
         net.kind == topology::ScaleUpKind::Switched && net.in_switch_reduction;
}
bool can_alone(const CollectiveTask& task) {
  return reduces_inside(task) && task.team.domains() == 1;
}
bool can_with_tree(const CollectiveTask& task) {
  return reduces_inside(task) && task.team.domains() > 1;
}

topology::VertexId switch_of(const CollectiveTask& task, int domain) {
  const auto gpu = task.team.gpu(task.team.domain(domain).front());
  return task.ways.neighbour(task.ways.cluster().gpu(gpu), topology::VertexKind::ScaleUpSwitch);
}

std::uint32_t head_of(const CollectiveTask& task, int domain, std::uint32_t channel) {
  return task.team.domain(domain)[channel];
}

/// One piece on its way: operands into the switches, sums to the heads, up and down the tree, and
/// back through the switches.
class Piece {
 public:
  Piece(const CollectiveTask& task, CollectiveSchedule& schedule, std::uint32_t first_switch,
        Transfer t)
      : task_(task),
        schedule_(schedule),
        first_switch_(first_switch),
        t_(t),
        at_head_(static_cast<std::size_t>(task.team.domains())) {}

  void run(std::uint32_t head, const std::vector<int>& parent) {
    for (int d = 0; d < task_.team.domains(); ++d) {
      std::vector<TransferId> operands;
      for (const std::uint32_t rank : task_.team.domain(d)) {
        operands.push_back(send(rank, switch_end(d), Action::Add, {}));
      }
      list(d) = {send(switch_end(d), head_of(task_, d, head), Action::Copy, operands)};
    }
    const std::vector<int> order = leaves_first(parent);
    for (const int d : order) {
      if (const int up = parent[static_cast<std::size_t>(d)]; up >= 0) {
        // The sum of the upper domain replaces its head's operand first, then more is added.
        list(d).push_back(list(up).front());
        list(up).push_back(between(d, up, head, Action::Add));
      }
    }
    for (auto d = order.rbegin(); d != order.rend(); ++d) {
      if (const int up = parent[static_cast<std::size_t>(*d)]; up >= 0) {
        list(*d) = {between(up, *d, head, Action::Copy)};
      }
    }
    for (int d = 0; d < task_.team.domains(); ++d) {
      const TransferId multicast =
          send(head_of(task_, d, head), switch_end(d), Action::Copy, list(d));
      for (const std::uint32_t rank : task_.team.domain(d)) {
        send(switch_end(d), rank, Action::Copy, {multicast});
      }
    }
  }

 private:
  [[nodiscard]] std::uint32_t switch_end(int domain) const {
    return first_switch_ + static_cast<std::uint32_t>(domain);
  }
  std::vector<TransferId>& list(int domain) { return at_head_[static_cast<std::size_t>(domain)]; }
  TransferId send(std::uint32_t from, std::uint32_t to, Action action,
                  const std::vector<TransferId>& after) {
    t_.from = from;
    t_.to = to;
    t_.action = action;
    return schedule_.add(t_, after);
  }
  TransferId between(int from, int to, std::uint32_t head, Action action) {
    return send(head_of(task_, from, head), head_of(task_, to, head), action, list(from));
  }

  const CollectiveTask& task_;
  CollectiveSchedule& schedule_;
  std::uint32_t first_switch_;
  Transfer t_;
  std::vector<std::vector<TransferId>> at_head_;  ///< what the head's value waits for, by domain
};

CollectiveSchedule steps(const CollectiveTask& task) {
  const Team& team = task.team;
  const auto n = static_cast<std::uint32_t>(team.ranks());
  const auto heads = static_cast<std::uint32_t>(team.per_domain());
  const std::uint32_t halves = team.domains() > 1 ? 2 : 1;
  const std::uint32_t slots = heads * halves * task.pieces;
  CollectiveSchedule::check_size(4.0 * n * slots);
  CollectiveSchedule schedule(n, slots);
  for (int d = 0; d < team.domains(); ++d) {
    schedule.add_switch(switch_of(task, d));
  }
  const auto trees = double_tree(team.domains());
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    const std::uint32_t stream = slot / task.pieces;
    Piece(task, schedule, n,
          {.source = slot,
           .target = slot,
           .channel = static_cast<std::uint16_t>(stream),
           .size = task.size / static_cast<double>(slots)})
        .run(stream / halves, trees[stream % halves]);
  }
  return schedule;
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  const Team& team = task.team;
  const double k = team.per_domain();
  const units::Bytes each = task.size / k;
  Phase phase;
  units::Seconds inside, between;
  for (int d = 0; d < team.domains(); ++d) {
    const WayEnd reducer{switch_of(task, d), true};
    for (const std::uint32_t rank : team.domain(d)) {
      phase.edges.push_back({task.end(rank), reducer, task.size + each});
      phase.edges.push_back({reducer, task.end(rank), task.size + each});
      if (task.with_latency) {
        inside = std::max(inside, task.ways.latency(task.end(rank), reducer) +
                                      task.ways.latency(reducer, task.end(rank)));
      }
    }
  }
  for (const auto& parent : double_tree(team.domains())) {
    std::vector<units::Seconds> way(parent.size());
    for (const int d : leaves_first(parent)) {
      const int up = parent[static_cast<std::size_t>(d)];
      between = std::max(between, way[static_cast<std::size_t>(d)]);
      for (std::uint32_t c = 0; c < static_cast<std::uint32_t>(team.per_domain()) && up >= 0; ++c) {
        const std::uint32_t low = head_of(task, d, c), high = head_of(task, up, c);
        phase.edges.push_back({task.end(low), task.end(high), each / 2});
        phase.edges.push_back({task.end(high), task.end(low), each / 2});
        auto& above = way[static_cast<std::size_t>(up)];
        above = std::max(above, way[static_cast<std::size_t>(d)] + task.latency(low, high));
      }
    }
  }
  phase.latency = (inside + between) * 2.0;
  sink(std::move(phase));
}

}  // namespace

Generator in_switch() {
  return {Algorithm::Nvls, can_alone, steps, fluid};
}
Generator in_switch_tree() {
  return {Algorithm::NvlsTree, can_with_tree, steps, fluid};
}

}  // namespace sim::schedule
