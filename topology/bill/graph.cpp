// Counts of any fabric, from its graph.
#include <algorithm>
#include <map>

#include "topology/bill/writer.hpp"
#include "topology/cluster.hpp"

namespace topology::bill {

namespace {

using units::Metres;
using units::metres;

/// Tier of a vertex of a built graph; nothing for what is inside a node.
std::optional<Role> role_of(VertexKind kind) {
  switch (kind) {
    case VertexKind::Nic:
      return Role::Nic;
    case VertexKind::Leaf:
      return Role::Leaf;
    case VertexKind::Spine:
      return Role::Spine;
    case VertexKind::Core:
      return Role::Core;
    case VertexKind::Router:
      return Role::Router;
    case VertexKind::Border:
      return Role::Border;
    case VertexKind::Other:
      return Role::Device;
    case VertexKind::Gpu:
    case VertexKind::ScaleUpSwitch:
    case VertexKind::PcieSwitch:
    case VertexKind::Host:
      break;
  }
  return std::nullopt;
}

/// Cables between two tiers of one speed. Links of a dragonfly inside a group and between groups
/// are told apart.
struct Seam {
  Role low, high;
  bool between_groups;
  double speed_bytes_per_s;  ///< of one cable
  friend auto operator<=>(const Seam&, const Seam&) = default;
};

class Census {
 public:
  explicit Census(const Cluster& cluster) : cluster_(cluster) {
    for (const Link& link : cluster.links()) {
      if (link.from < link.to) {
        count(link);
      }
    }
  }

  void write(Bill& bill) const {
    const ClusterSpec& spec = cluster_.spec();
    Writer out(spec, NetworkUse::Compute, bill);
    const auto product = [&out](Role role) {
      return role == Role::Leaf || role == Role::Router ? out.leaf()
             : role == Role::Spine                      ? out.spine()
             : role == Role::Core                       ? out.core()
                                                        : nullptr;
    };
    out.nics(static_cast<long>(cluster_.count(VertexKind::Nic)));
    for (const VertexKind kind : {VertexKind::Leaf, VertexKind::Spine, VertexKind::Core,
                                  VertexKind::Router, VertexKind::Border, VertexKind::Other}) {
      const Role role = *role_of(kind);
      const auto ports = ports_.find(role);
      out.switches(role, product(role), static_cast<long>(cluster_.count(kind)),
                   ports == ports_.end() ? 0 : ports->second);
    }
    for (const auto& [seam, cables] : seams_) {
      const Role low = std::min(seam.low, seam.high);
      const Role high = std::max(seam.low, seam.high);
      const CableRuns& runs = out.parts().runs;
      const Metres run = low == Role::Nic      ? or_else(runs.host, metres(2))
                         : seam.between_groups ? or_else(runs.spine, metres(100))
                                               : or_else(runs.leaf, metres(2));
      const std::string far = seam.between_groups ? "other groups' " : "";
      out.links({{std::string(name(low)), product(low)},
                 {far + std::string(name(high)), product(high)},
                 cables,
                 units::bytes_per_second(seam.speed_bytes_per_s),
                 run});
    }
  }

 private:
  void count(const Link& link) {
    const auto low = role_of(cluster_.kind(link.from));
    const auto high = role_of(cluster_.kind(link.to));
    if (!low || !high) {
      return;
    }
    const double speed = (link.bandwidth / link.cables).in(units::bytes_per_second(1));
    seams_[{*low, *high, far(link), speed}] += link.cables;
    ports_[*low] += link.cables;
    ports_[*high] += link.cables;
  }

  /// Whether a link leaves its dragonfly group.
  [[nodiscard]] bool far(const Link& link) const {
    const VertexKind kind = cluster_.kind(link.from);
    const ClusterSpec& spec = cluster_.spec();
    const bool plus = spec.fabric == FabricKind::DragonflyPlus && kind == VertexKind::Spine;
    if (kind != cluster_.kind(link.to) || (kind != VertexKind::Router && !plus)) {
      return false;
    }
    const auto size =
        static_cast<VertexId>(std::max(1, plus ? spec.dragonfly.spines : spec.dragonfly.switches));
    VertexId first = link.from;  // vertices of a kind are numbered one after the other
    if (const auto known = first_.find(kind); known != first_.end()) {
      first = known->second;
    } else {
      while (first > 0 && cluster_.kind(first - 1) == kind) {
        --first;
      }
      first_[kind] = first;
    }
    return (link.from - first) / size != (link.to - first) / size;
  }

  const Cluster& cluster_;
  std::map<Seam, long> seams_;
  std::map<Role, long> ports_;
  mutable std::map<VertexKind, VertexId> first_;
};

}  // namespace

void write_graph(const Cluster& cluster, Bill& bill) {
  Census(cluster).write(bill);
}

}  // namespace topology::bill
