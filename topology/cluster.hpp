#pragma once
// The explicit hardware graph of a cluster: devices, switches, directed links, and routes over
// them.
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
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
  Core
};

/// A directed link. The two directions of a cable are two links; parallel cables are one link.
struct Link {
  VertexId from = 0;
  VertexId to = 0;
  int cables = 1;                   ///< parallel cables that it stands for
  units::BytesPerSecond bandwidth;  ///< of all parallel cables together
  units::Seconds latency;           ///< of this hop, the switch it enters included
};

/// Links passed in order, and the latency of all of them.
struct Route {
  std::vector<LinkId> links;
  units::Seconds latency;
};

/// How a route is picked among equal ones.
enum class Routing : std::uint8_t {
  Static,  ///< destination modulo, like a subnet manager does
  Ecmp     ///< hash of (source, destination, flow)
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
  [[nodiscard]] VertexKind kind(VertexId v) const;
  [[nodiscard]] VertexId gpu(int index) const;
  [[nodiscard]] std::string label(VertexId v) const;  ///< "gpu 17", "leaf 3"
  [[nodiscard]] std::size_t count(VertexKind kind) const;
  /// Cables between vertices of the two kinds, each counted once.
  [[nodiscard]] std::size_t cables(VertexKind a, VertexKind b) const;
  /// The link from one vertex to its neighbour, if there is one. O(log degree).
  [[nodiscard]] std::optional<LinkId> find_link(VertexId from, VertexId to) const;

  /// Route between two GPUs; empty for a GPU to itself. Inside a scale-up domain it stays there,
  /// inside a node it takes the host's PCIe tree where one is known. Otherwise it goes through the
  /// NIC and the fabric; where accelerators can forward for each other (NVLink, not PCIe) it first
  /// moves, over scale-up, to the neighbour on the destination's rail (NCCL's PXN).
  [[nodiscard]] Route route(int from_gpu, int to_gpu, Routing routing,
                            std::uint64_t flow = 0) const;
  /// The same without allocation: appends to `links` (cleared first) and returns the latency.
  units::Seconds route_into(int from_gpu, int to_gpu, Routing routing, std::uint64_t flow,
                            std::vector<LinkId>& links) const;

  /// Writes the graph for Graphviz.
  void write_dot(std::ostream& out) const;

 private:
  struct Impl;
  explicit Cluster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace topology
