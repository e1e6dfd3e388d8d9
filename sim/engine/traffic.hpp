#pragma once
// Who sends what to whom over which links in a flow simulation, folded: workers, flows and links
// that provably behave alike are one. Internal to sim/engine.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/flow.hpp"
#include "sim/engine/flow_groups.hpp"
#include "sim/engine/fold.hpp"
#include "sim/engine/network.hpp"
#include "sim/engine/role.hpp"
#include "topology/cluster.hpp"

namespace sim {

/// The folded traffic of all jobs on a cluster, in every state of health that it goes through. A
/// worker (a tensor-parallel group of one replica and stage) is named by its class; flows of its
/// ranks that differ are listed one by one.
class Traffic {
 public:
  /// `states`: health of the fabric, each a set of routes; state 0 is that of the start.
  /// @throws CutOff where a state leaves two ranks without a way.
  Traffic(const topology::Cluster& cluster, std::span<const PlacedJob> jobs,
          topology::Routing routing, double fabric_efficiency,
          std::span<const topology::FabricHealth> states, bool unfold);

  [[nodiscard]] std::uint32_t workers() const {
    return static_cast<std::uint32_t>(folding_.actors.size());
  }
  struct Worker {
    std::uint32_t job = 0;
    int stage = 0;
    const StepGraph* graph = nullptr;     ///< of the kind of accelerators that it runs on
    std::uint32_t ahead = 0, behind = 0;  ///< class of the worker one stage on or back
    bool reported = false;                ///< stands for replica 0 of its stage
  };
  [[nodiscard]] const Worker& worker(std::uint32_t w) const { return worker_[w]; }

  /// The group of a worker on an axis: its class, and how many classes of workers meet in it.
  struct Meeting {
    std::uint32_t group = 0;
    std::span<const std::uint32_t> workers;
  };
  [[nodiscard]] Meeting meeting(std::uint32_t w, Axis axis) const;
  [[nodiscard]] std::size_t groups() const { return folding_.groups.size(); }

  /// The flows of a worker in a role, one for each kind of rank: [first, last) of flows().
  struct Flows {
    std::uint32_t first = 0, last = 0;
  };
  [[nodiscard]] Flows flows(std::uint32_t w, std::uint32_t role) const {
    const std::size_t key = std::size_t{w} * Role::kCount + role;
    return {first_flow_[key], first_flow_[key + 1]};
  }
  [[nodiscard]] std::uint32_t flows() const { return first_flow_.back(); }
  /// Whose flow it is, and in which role.
  struct Owner {
    std::uint32_t worker = 0, role = 0;
  };
  [[nodiscard]] Owner owner(std::uint32_t flow) const;
  /// The links that a flow loads in a state.
  [[nodiscard]] std::span<const Hop> hops(std::uint32_t flow, std::size_t state) const {
    return hops_[flow * states_.size() + state];
  }

  /// Links of the simulation: each stands for a class of channels in one state.
  [[nodiscard]] std::size_t links() const { return folding_.links.size(); }
  [[nodiscard]] units::BytesPerSecond capacity(std::size_t link) const;
  /// One of the channels that a link stands for, and their number.
  [[nodiscard]] topology::LinkId channel_of(std::size_t link) const {
    return static_cast<topology::LinkId>(folding_.links.first[link] % cluster_.channel_count());
  }
  [[nodiscard]] std::uint32_t alike(std::size_t link) const { return folding_.links.count[link]; }
  /// Whether one of the links behind it is up in one state and lost in the next.
  [[nodiscard]] bool loses(std::size_t link, std::size_t before, std::size_t after) const;
  /// The link that stands for a channel of the cluster in a state.
  [[nodiscard]] std::uint32_t link_of(topology::LinkId channel, std::size_t state) const {
    return same_as_[kind_of(channel, state)];
  }
  /// The kind of a channel in a state: those of one kind carry the same.
  [[nodiscard]] std::uint32_t kind_of(topology::LinkId channel, std::size_t state) const {
    return folding_.links.of[state * cluster_.channel_count() + channel];
  }
  /// What was folded, in sentences.
  [[nodiscard]] std::vector<std::string> folded() const;

 private:
  [[nodiscard]] units::BytesPerSecond capacity_of(topology::LinkId channel,
                                                  std::size_t state) const;
  void add_job(const PlacedJob& job, std::uint32_t number);
  void add_worker(const PlacedJob& job, const WorkerGrid& grid, WorkerId w, std::uint32_t number);
  void add_flows(const PlacedJob& job, const WorkerGrid& grid, std::uint32_t first, WorkerId w,
                 const std::array<bool, Role::kCount>& used);
  void add_flow(std::uint32_t actor, std::uint32_t role, const PlacedJob& job, int from_rank,
                std::span<const int> to_ranks);
  void add_hops(std::size_t state, std::uint32_t role, int from, int to, double share);
  void add_groups(const WorkerGrid& grid, std::uint32_t first,
                  const std::array<bool, Role::kCount>& used);
  void index_workers();
  void index_flows();
  void merge_serial_links();

  const topology::Cluster& cluster_;
  topology::Routing routing_;
  double fabric_efficiency_;
  std::span<const topology::FabricHealth> states_;
  Folding folding_;
  std::vector<Worker> worker_;             // by actor while they are added, then by class
  Lists<std::uint32_t> meeting_workers_;   // classes, by group class
  std::vector<std::uint32_t> meeting_of_;  // group class by class * kAxes + axis
  std::vector<std::uint32_t> first_flow_;  // by class * kCount + role, and the end
  Lists<Hop> hops_;                        // by flow * states + state
  std::vector<std::uint32_t> same_as_;     // by link: the one that is crossed in its place
  std::size_t whole_workers_ = 0, whole_flows_ = 0;
  // Only while the traffic is put together:
  FoldProblem problem_;
  std::vector<std::uint32_t> flow_role_;
  std::vector<std::uint32_t> actor_groups_;  // by actor * kAxes + axis
  std::vector<Hop> way_;
};

}  // namespace sim
