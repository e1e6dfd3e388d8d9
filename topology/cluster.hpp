#pragma once
// The explicit hardware graph of a cluster: devices, switches, directed links, and routes over
// them.
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "topology/cluster_spec.hpp"
#include "topology/units.hpp"

namespace topology {

using VertexId = std::uint32_t;
using LinkId = std::uint32_t;

enum class VertexKind : std::uint8_t {
  Gpu,
  Nic,
  ScaleUpSwitch,  ///< all switch chips of one scale-up domain (NVSwitch), which never block
  PcieSwitch,
  Host,  ///< PCIe root complexes and the links between sockets
  Leaf,
  Spine,
  Core,
  Router,  ///< of a dragonfly
  Border,  ///< gateway of a site to the long links
  Other    ///< a device of an imported graph that is none of these
};

/// A directed link. The two directions of a cable are two links; parallel cables are one link.
struct Link {
  VertexId from = 0;
  VertexId to = 0;
  int cables = 1;                   ///< parallel cables that it stands for
  units::BytesPerSecond bandwidth;  ///< of all parallel cables together
  units::Seconds latency;           ///< of this hop, the switch it enters included
};

/// A link, or a trunk, that a flow loads with `weight` times its rate: 1 on a path of its own, a
/// fraction where the flow is split over several ports.
struct Hop {
  LinkId link = 0;
  double weight = 1.0;
  friend bool operator==(const Hop&, const Hop&) = default;
};

/// What a flow passes, in order, and the latency of the longest way.
struct Route {
  std::vector<Hop> hops;
  units::Seconds latency;
};

/// How a route is picked among equal ones.
enum class Routing : std::uint8_t {
  Static,    ///< destination modulo, like a subnet manager does
  Ecmp,      ///< hash of (source, destination, flow): flows collide by chance
  Adaptive,  ///< each packet takes the least loaded port: ports share in proportion to what is left
             ///< of them
  Spray      ///< packets are dealt out evenly to all ports, also to a slow one
};
std::string_view name(Routing routing);  ///< "adaptive"
std::optional<Routing> routing_from_name(std::string_view name);
/// What such networks do out of the box: InfiniBand's adaptive routing, ECMP of RoCE and Ethernet
/// switches, packet spraying of EFA (SRD), a fixed way elsewhere.
Routing customary_routing(NetworkKind network);

/// What is left of each link: 1 whole, 0 lost. Empty: all are whole.
struct FabricHealth {
  std::vector<float> left;
  [[nodiscard]] float of(LinkId link) const { return left.empty() ? 1.0F : left[link]; }
  [[nodiscard]] bool up(LinkId link) const { return of(link) > 0.0F; }
};

/// How a flow wants to be routed. Lost links are avoided where another way exists.
struct RouteRequest {
  Routing routing = Routing::Static;
  std::uint64_t flow = 0;  ///< tells flows between the same two GPUs apart (Ecmp)
  const FabricHealth* health = nullptr;
};

/// Immutable graph of one cluster. GPU i is vertex gpu(i). Memory is linear in devices.
class Cluster {
 public:
  /// Builds the graph that `spec` describes.
  /// @throws InputError where the parameters make no fabric (say, a torus whose extents do not
  /// multiply to gpus).
  static Cluster build(const ClusterSpec& spec);
  ~Cluster();
  Cluster(Cluster&&) noexcept;
  Cluster& operator=(Cluster&&) noexcept;

  [[nodiscard]] const ClusterSpec& spec() const;
  [[nodiscard]] std::size_t vertex_count() const;
  [[nodiscard]] std::size_t link_count() const;
  [[nodiscard]] const Link& link(LinkId id) const;
  [[nodiscard]] std::span<const Link> links() const;

  /// Trunks: interchangeable parallel links from a switch, or a pod of switches, to the next tier.
  /// Adaptive and Spray load them as one, and their routes name the trunk instead of its many
  /// links. Ids go on after those of the links: [link_count(), channel_count()).
  [[nodiscard]] std::size_t channel_count() const;  ///< links and trunks
  /// The links that a channel is made of: itself for a link.
  [[nodiscard]] std::span<const LinkId> members(LinkId channel) const;
  /// Bandwidth of a link or trunk: of a trunk under Adaptive all that is left of its links, under
  /// Spray that of the slowest one left times their number.
  [[nodiscard]] units::BytesPerSecond capacity(LinkId channel, const RouteRequest& how = {}) const;
  [[nodiscard]] std::string channel_label(LinkId channel) const;  ///< "leaf 3 -> spine 1"
  [[nodiscard]] VertexKind kind(VertexId v) const;
  [[nodiscard]] VertexId gpu(int index) const;
  [[nodiscard]] std::string label(VertexId v) const;  ///< "gpu 17", "leaf 3"
  /// The vertex that label() calls so; nothing where there is none.
  [[nodiscard]] std::optional<VertexId> find(std::string_view label) const;
  [[nodiscard]] std::size_t count(VertexKind kind) const;
  /// Cables between vertices of the two kinds, each counted once.
  [[nodiscard]] std::size_t cables(VertexKind a, VertexKind b) const;
  /// The link from one vertex to its neighbour, if there is one. O(log degree).
  [[nodiscard]] std::optional<LinkId> find_link(VertexId from, VertexId to) const;

  /// Route between two GPUs; empty for a GPU to itself. Inside a scale-up domain it stays there,
  /// inside a node it takes the host's PCIe tree where one is known. Otherwise it goes through the
  /// NIC and the fabric; where accelerators can forward for each other (NVLink, not PCIe) it first
  /// moves, over scale-up, to the neighbour on the destination's rail (NCCL's PXN).
  /// @throws InputError where lost links leave no way.
  [[nodiscard]] Route route(int from_gpu, int to_gpu, const RouteRequest& request = {}) const;
  /// The same without allocation and without an exception: appends to `hops` (cleared first) and
  /// returns the latency; nothing where lost links leave no way.
  std::optional<units::Seconds> route_into(int from_gpu, int to_gpu, const RouteRequest& request,
                                           std::vector<Hop>& hops) const;

  /// Writes the graph for Graphviz.
  void write_dot(std::ostream& out) const;
  /// The graph as importers read it; FabricKind::Custom builds it again. Trunks are left out.
  [[nodiscard]] DeviceGraph device_graph() const;
  void write_graphml(std::ostream& out) const;

 private:
  struct Impl;
  explicit Cluster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace topology
