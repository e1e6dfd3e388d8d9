#pragma once
// The algorithms that the choice in sim/collective/collective.cpp falls on, one source file each.
#include <optional>

#include "calib/collective_profile.hpp"
#include "calib/collective_time.hpp"
#include "sim/collective/collective.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/units.hpp"

namespace sim::impl {

using calib::Collective;
using calib::Protocol;

/// A collective over several scale-up domains, seen from one rank.
struct Across {
  const calib::CollectiveProfile& profile;
  const calib::NetworkCost& network;
  const topology::ScaleUp& scale_up;
  Collective op;
  units::Bytes size;
  int ranks;
  int per_domain;
  int domains;
  units::BytesPerSecond domain_rate;  ///< inside a domain, per rank
  units::BytesPerSecond line_rate;    ///< of a rank's NIC
  units::Seconds wire_latency;        ///< NIC to NIC through the switches
  bool in_network_reduction;          ///< the network's switches reduce
  int leaf_domains;                   ///< domains under one leaf group
  double oversubscription;            ///< of the links above the leaves

  /// Line rate times what the library reaches on it between two domains, or among more.
  [[nodiscard]] units::BytesPerSecond reached_rate() const {
    return line_rate * (domains == 2 ? network.pair_efficiency : network.efficiency);
  }
  [[nodiscard]] double share() const {
    return 1.0 / per_domain;
  }  ///< of the traffic between domains, by NIC
};

/// The time of one algorithm, and what a rank sends through its NIC.
struct Candidate {
  calib::CollectiveTime time;
  units::Bytes wire_bytes;
};

/// What flags and fences leave of the reached rate.
constexpr double protocol_efficiency(const calib::NetworkCost& network, Protocol protocol) {
  return protocol == Protocol::Ll      ? network.ll_efficiency
         : protocol == Protocol::Ll128 ? network.ll128_efficiency
                                       : 1.0;
}

/// Software and protocol of one message between two domains, beyond the wire.
units::Seconds network_hop(const calib::NetworkCost& network, Protocol protocol);
/// What the formulas need to know of a group.
Across across_domains(const topology::ClusterSpec& cluster, const calib::CollectiveProfile& profile,
                      Collective op, units::Bytes size, const Group& group);

/// Levels of a binary tree over `domains`.
int tree_levels(int domains);

Candidate ring(const Across& across, Protocol protocol);
/// All-reduce only: chains inside the domains, a double binary tree between them.
Candidate tree(const Across& across, Protocol protocol);
/// All-reduce only: in-switch reduction inside the domains, a tree between them.
std::optional<Candidate> in_switch_tree(const Across& across);
/// All-gather and reduce-scatter with one rank per domain.
Candidate parallel_aggregated_trees(const Across& across);
/// All-reduce only: CollNet, with the switches above the NICs. Nothing where `algorithm` does not
/// fit the domain.
std::optional<Candidate> in_network(const Across& across, calib::Algorithm algorithm);
/// Not in NCCL: asked for by name.
Candidate halving_doubling(const Across& across);
/// Not in NCCL, all-reduce only: rings inside the domains and along the rails.
Candidate hierarchical(const Across& across);
Candidate all_to_all(const Across& across);
/// Not in NCCL: first inside the domains, then one message for each other domain along the rails.
Candidate hierarchical_all_to_all(const Across& across);
Candidate send(const Across& across);

/// Any collective among `ranks` neighbours on a torus, without a NIC.
calib::CollectiveTime torus(const topology::ClusterSpec& cluster,
                            const calib::CollectiveProfile& profile, Collective op,
                            units::Bytes size, int ranks);

/// The rate of one point-to-point connection between domains, capped by its channels.
units::BytesPerSecond peer_rate(const Across& across);

}  // namespace sim::impl
