#pragma once
// What a fabric can do, in the few numbers that people compare fabrics by.
#include <optional>
#include <vector>

#include "topology/cluster.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/units.hpp"

namespace topology {

/// Capacity between the two halves of a cluster that are joined worst, per direction.
struct Bisection {
  units::BytesPerSecond bandwidth;
  double of_full = 0.0;  ///< over what the NICs of one half (torus: its ports) can send
};

/// Bisection bandwidth from the parameters; halves are whole nodes, and whole leaf groups and pods
/// where there are several. Of a single domain that of its scale-up network. Nothing for
/// dragonflies and given graphs, where it is no closed form.
/// @throws InputError as plan_fabric().
std::optional<Bisection> bisection(const ClusterSpec& spec);

/// Bandwidth down : up of each tier, from the leaves on; empty for one tier and without switches.
std::vector<double> oversubscription(const ClusterSpec& spec);

/// Accelerators that are reached through the same kind of network.
struct Reach {
  VertexKind highest{};  ///< the highest tier passed
  int peers = 0;
  int min_links = 0, max_links = 0;        ///< links passed, those in the nodes included
  int min_switches = 0, max_switches = 0;  ///< of the scale-out network
  units::Seconds min_latency, max_latency;
};

/// All other accelerators as seen from `gpu`, nearest tier first, by static routes.
/// O(accelerators).
std::vector<Reach> reach_from(const Cluster& cluster, int gpu);

}  // namespace topology
