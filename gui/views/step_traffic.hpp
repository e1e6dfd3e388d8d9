#pragma once
// Who sends what to whom in a step, over which links: the groups of ranks from the layout, their
// ways from the cluster's routing, the bytes from the file of link loads. Values that a background
// thread makes; ways are looked up when asked for, never kept by flow.
#include <cstdint>
#include <span>
#include <vector>

#include <QString>

#include "scenarios/network_conditions.hpp"
#include "sim/engine/flow_groups.hpp"
#include "sim/engine/role.hpp"
#include "topology/cluster.hpp"

namespace gui {

/// Where the ranks of a job sit and how their flows are routed.
struct JobOnFabric {
  sim::Layout layout{};
  std::vector<int> gpus{};  ///< by rank; empty: rank i on GPU i
  topology::Routing routing = topology::Routing::Static;
  std::vector<scenarios::FaultWords> faults{};  ///< those that hold as the step begins count
};

/// What each link carried, by role. Links that follow each other and carried the same share a row.
class LinkBytes {
 public:
  /// Name of the kind that holds what other jobs on the fabric sent.
  static constexpr std::uint32_t kNeighbours = sim::Role::kCount;

  LinkBytes() = default;
  /// `kinds`: roles, or kNeighbours; `links`: of the cluster.
  LinkBytes(std::vector<std::uint32_t> kinds, std::size_t links);
  /// `bytes`: by kind.
  void set(topology::LinkId link, std::span<const double> bytes, int alike);
  [[nodiscard]] const std::vector<std::uint32_t>& kinds() const { return kinds_; }
  [[nodiscard]] bool known() const { return !kinds_.empty(); }
  /// By kind; empty where a link carried nothing.
  [[nodiscard]] std::span<const double> of(topology::LinkId link) const;
  /// How many links the simulation did as one with this one.
  [[nodiscard]] int alike(topology::LinkId link) const;

 private:
  static constexpr std::uint32_t kIdle = ~0U;
  std::vector<std::uint32_t> kinds_;
  std::vector<double> bytes_;          ///< [rows x kinds]
  std::vector<int> alike_;             ///< by row
  std::vector<std::uint32_t> row_of_;  ///< by link, or kIdle
};

/// The traffic of one job on a cluster.
class StepTraffic {
 public:
  /// @throws topology::InputError for a fault that names nothing of the cluster.
  StepTraffic(topology::Cluster cluster, JobOnFabric job);

  [[nodiscard]] const topology::Cluster& cluster() const { return cluster_; }
  [[nodiscard]] const sim::Layout& layout() const { return job_.layout; }
  [[nodiscard]] const LinkBytes& bytes() const { return bytes_; }
  void set_bytes(LinkBytes bytes);

  /// Those of groups of more than one rank, and what else a simulation saw.
  /// Backward sends take the pipeline's links the other way and are no role of their own here.
  [[nodiscard]] const std::vector<std::uint32_t>& roles() const { return roles_; }
  /// The rank on a GPU; -1: none of this job.
  [[nodiscard]] int rank_on(int gpu) const { return rank_on_[static_cast<std::size_t>(gpu)]; }
  struct Seat {
    int tensor = 0, replica = 0, stage = 0;
  };
  [[nodiscard]] Seat seat(int rank) const;
  [[nodiscard]] int gpu_of(int rank) const {
    return job_.gpus.empty() ? rank : job_.gpus[static_cast<std::size_t>(rank)];
  }
  /// The GPUs of the group of the rank on `gpu`, in ring order; empty where none sits there.
  [[nodiscard]] std::vector<int> members(int gpu, std::uint32_t role) const;
  /// GPUs that the rank on `gpu` sends to over the network in a role, and those that send to it.
  [[nodiscard]] std::vector<int> targets(int gpu, std::uint32_t role) const;
  [[nodiscard]] std::vector<int> sources(int gpu, std::uint32_t role) const;
  /// Ranks of the group that share a scale-up domain.
  [[nodiscard]] int per_domain(int gpu, std::uint32_t role) const;
  /// Appends the links that a flow of a role crosses; false where faults leave no way.
  bool way(int from_gpu, int to_gpu, std::uint32_t role,
           std::vector<topology::LinkId>& links) const;

 private:
  topology::Cluster cluster_;
  JobOnFabric job_;
  topology::FabricHealth health_;  // as the step begins
  sim::Groups groups_;
  sim::WorkerGrid grid_;
  std::vector<int> rank_on_;
  std::vector<std::uint32_t> roles_;
  LinkBytes bytes_;
};

/// "Data-parallel ring", for people.
QString role_text(std::uint32_t role);

}  // namespace gui
