#pragma once
// Traces on a cluster as gpuplan models it: collectives cost what the library's choice costs, and
// what crosses scale-up domains flows over the cluster's links and shares them.
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "calib/collective_profile.hpp"
#include "calib/profile.hpp"
#include "sim/collective/collective.hpp"
#include "sim/engine/flow.hpp"
#include "sim/engine/network.hpp"
#include "sim/trace/machine.hpp"
#include "topology/cluster.hpp"

namespace sim {

/// Which figures of a compute node count.
enum class TraceCompute {
  Recorded,  ///< its duration; a roofline where it has none
  Roofline  ///< max(operations / peak, traffic / memory rate) where it has these, else its duration
};

/// Refers to values that outlive it. Adds the cluster's links to `network`; rank r is GPU r.
/// `fabric_efficiency`: what flows together reach of a link between switches.
class ClusterMachine final : public TraceMachine {
 public:
  ClusterMachine(const topology::Cluster& cluster, const calib::DeviceProfile& device,
                 const calib::CollectiveProfile& collectives, Network& network,
                 topology::Routing routing = topology::Routing::Static,
                 double fabric_efficiency = 1.0, TraceCompute compute = TraceCompute::Recorded);

  [[nodiscard]] units::Seconds compute_time(int rank, const TraceNode& node) const override;
  std::uint32_t start(const CollectiveCall& call, const TraceCommunicator& group,
                      std::uint64_t tag) override;
  void send(const Message& message, std::uint64_t tag) override;

  /// Uncontended cost of a call, see sim/collective. Gather and scatter are costed as a broadcast
  /// of the full buffer.
  [[nodiscard]] CollectiveCost cost(const CollectiveCall& call,
                                    const TraceCommunicator& group) const;
  /// At most 10, busiest first, over `total`.
  [[nodiscard]] std::vector<LinkLoad> busiest(units::Seconds total) const;

 private:
  [[nodiscard]] int domain(int rank) const;
  void flow(int from, int to, const CollectiveCost& cost, double share, std::uint64_t tag);
  std::uint32_t flows(const CollectiveCall& call, const TraceCommunicator& group,
                      const CollectiveCost& cost, std::uint64_t tag);

  const topology::Cluster& cluster_;
  const calib::DeviceProfile& device_;
  const calib::CollectiveProfile& collectives_;
  Network& network_;
  topology::Routing routing_;
  TraceCompute compute_;
  std::unordered_map<std::uint64_t, Network::RouteId> routes_;  ///< by pair of ranks
  std::vector<Hop> way_;
};

/// What the model of a cluster leaves out of these traces, in sentences.
std::vector<std::string> simplifications(const Matching& matching);

}  // namespace sim
