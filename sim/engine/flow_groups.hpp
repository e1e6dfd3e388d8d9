#pragma once
// Which workers of the flow simulation talk to each other, and over which links.
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/engine/network.hpp"
#include "sim/plan/placement.hpp"
#include "topology/cluster.hpp"

namespace sim {

using WorkerId = std::uint32_t;

/// Workers are numbered ((stage * replicas) + replica) * planes + plane. A replica is a data- or
/// context-parallel rank; planes are tensor-parallel ranks, 1 when they are folded into one.
class WorkerGrid {
 public:
  WorkerGrid(const Layout& layout, const Groups& groups, bool unfold);

  [[nodiscard]] WorkerId count() const { return static_cast<WorkerId>(pp_ * replicas_ * planes_); }
  [[nodiscard]] int stage(WorkerId w) const { return static_cast<int>(w) / (replicas_ * planes_); }
  [[nodiscard]] int replica(WorkerId w) const { return static_cast<int>(w) / planes_ % replicas_; }
  [[nodiscard]] int planes() const { return planes_; }
  /// GPUs that `w` stands for: `first`, `first` + 1, ... `ranks_per_worker()` of them.
  [[nodiscard]] int first_gpu(WorkerId w) const;
  [[nodiscard]] int ranks_per_worker() const { return tp_ / planes_; }
  /// The worker of the same replica one stage on (+1) or back (-1), round the ring of stages.
  [[nodiscard]] WorkerId neighbour(WorkerId w, int step) const;

  /// Members of the group of `w` on `axis`, in ring order.
  struct Members {
    std::uint32_t group = 0;  ///< dense id on this axis
    std::uint32_t size = 1;
    std::uint32_t index = 0;  ///< of `w`
    std::uint32_t per_domain = 1;
  };
  [[nodiscard]] Members members(WorkerId w, Axis axis) const;
  [[nodiscard]] WorkerId member(WorkerId w, Axis axis, std::uint32_t index) const;
  [[nodiscard]] std::uint32_t group_count(Axis axis) const;

 private:
  struct Span {
    int size = 1, stride = 1, per_domain = 1;  ///< in replicas
  };
  [[nodiscard]] const Span& span(Axis axis) const { return spans_[static_cast<std::size_t>(axis)]; }

  int tp_, pp_, replicas_, planes_;
  std::array<Span, kAxes> spans_{};
};

/// Links between workers, looked up once per pair.
class WorkerRoutes {
 public:
  WorkerRoutes(const topology::Cluster& cluster, const WorkerGrid& grid, topology::Routing routing);
  /// Links that the flows from `from` to `to` cross. Where `from` stands for several ranks whose
  /// flows meet on a link, the hop's weight says how many.
  std::span<const Hop> between(WorkerId from, WorkerId to);

 private:
  const topology::Cluster& cluster_;
  const WorkerGrid& grid_;
  topology::Routing routing_;
  std::unordered_map<std::uint64_t, std::uint32_t> known_;
  std::vector<std::vector<Hop>> pool_;
  std::vector<Hop> way_;
};

}  // namespace sim
