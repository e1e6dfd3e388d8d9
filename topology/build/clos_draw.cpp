// Draws Clos fabrics: leaves, spines and cores as plan_fabric() counts them, once per plane (NIC
// port), rail (rail-only) and site.
#include <utility>

#include <fmt/format.h>

#include "topology/build/clos_net.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {

/// `total` cables over `ways` links: the i-th gets its share, the first ones one more if they do
/// not divide.
int share_of(int total, int ways, int i) {
  return total / ways + (i < total % ways ? 1 : 0);
}

/// Draws the switches of all networks and the cables between them.
class Drawing {
 public:
  Drawing(const ClusterSpec& spec, Draft& draft) : spec_(spec), draft_(draft) {
    at_.plan = plan_fabric(spec);
    at_.gpus = spec.gpus;
  }

  ClosLayout draw() {
    const ClosPlan& plan = at_.plan.net;
    const int copies = at_.plan.copies();
    at_.nic = add(VertexKind::Nic, spec_.gpus);
    const VertexId leaf = add(VertexKind::Leaf, plan.leaves() * copies);
    const VertexId spine = add(VertexKind::Spine, plan.spines() * copies);
    const VertexId core = add(VertexKind::Core, plan.cores() * copies);
    at_.border = add(VertexKind::Border, at_.plan.sites > 1 ? at_.plan.sites : 0);
    for (int i = 0; i < copies; ++i) {
      at_.nets.push_back({.leaf = offset(leaf, plan.leaves() * i),
                          .spine = offset(spine, plan.spines() * i),
                          .core = offset(core, plan.cores() * i)});
    }
    draw_endpoints();
    for (int i = 0; i < copies; ++i) {
      draw_spines(at_.nets[static_cast<std::size_t>(i)]);
      draw_cores(at_.nets[static_cast<std::size_t>(i)]);
    }
    if (at_.plan.sites > 1) {
      draw_sites();
    }
    return std::move(at_);
  }

 private:
  VertexId add(VertexKind kind, int count) {
    return draft_.add(kind, static_cast<std::size_t>(count));
  }

  /// GPU - NIC - leaf of every plane. Half of the NIC-to-NIC latency is spent at either end.
  void draw_endpoints() {
    const units::Seconds nic = spec_.nic_latency / 2;
    for (int gpu = 0; gpu < spec_.gpus; ++gpu) {
      const units::BytesPerSecond bandwidth = spec_.nic_bandwidth_of(gpu);
      draft_.cable(static_cast<VertexId>(gpu), at_.nic_of(gpu), bandwidth, nic, nic);
      for (int plane = 0; plane < at_.plan.planes; ++plane) {
        draft_.cable(at_.nic_of(gpu), at_.leaf_vertex(gpu, plane), bandwidth / at_.plan.planes,
                     spec_.switch_latency, units::Seconds{});
      }
    }
  }

  using Ends = std::vector<std::pair<VertexId, VertexId>>;

  /// Two trunks, there and back, over the same cables. Returns the number of the first.
  std::uint32_t trunk_pair(const std::string& below, const std::string& above, const Ends& up) {
    Ends down;
    for (const auto& [from, to] : up) {
      down.emplace_back(to, from);
    }
    const std::uint32_t first = draft_.trunk(below + " -> " + above, up);
    draft_.trunk(above + " -> " + below, std::move(down));
    return first;
  }

  void draw_spines(ClosNet& net) {
    const ClosPlan& plan = at_.plan.net;
    if (plan.spines_per_pod == 0) {
      return;
    }
    const auto bandwidth =
        spec_.nic_bandwidth * (plan.leaf_up / plan.spines_per_pod / at_.plan.planes);
    std::vector<Ends> up(static_cast<std::size_t>(plan.leaves()));
    for (int leaf = 0; leaf < plan.leaves(); ++leaf) {
      for (int j = 0; j < plan.spines_per_pod; ++j) {
        const VertexId from = offset(net.leaf, leaf);
        const VertexId to = offset(net.spine, plan.pod_of(leaf) * plan.spines_per_pod + j);
        draft_.cable(from, to, bandwidth, spec_.switch_latency, spec_.switch_latency,
                     share_of(plan.leaf_uplinks, plan.spines_per_pod, j));
        up[static_cast<std::size_t>(leaf)].emplace_back(from, to);
      }
    }
    net.leaf_up = add_trunks(up, "leaf", net.leaf - at_.nets.front().leaf, "spines");
    net.leaf_down = net.leaf_up + static_cast<std::uint32_t>(up.size());
  }

  void draw_cores(ClosNet& net) {
    const ClosPlan& plan = at_.plan.net;
    if (plan.cores_per_plane == 0) {
      return;
    }
    const auto bandwidth =
        spec_.nic_bandwidth * (plan.spine_up / plan.cores_per_plane / at_.plan.planes);
    std::vector<Ends> up(static_cast<std::size_t>(plan.pods));
    for (int spine = 0; spine < plan.spines(); ++spine) {
      const int plane = spine % plan.spines_per_pod;
      for (int c = 0; c < plan.cores_per_plane; ++c) {
        const VertexId from = offset(net.spine, spine);
        const VertexId to = offset(net.core, plane * plan.cores_per_plane + c);
        draft_.cable(from, to, bandwidth, spec_.switch_latency, spec_.switch_latency,
                     share_of(plan.spine_uplinks, plan.cores_per_plane, c));
        up[static_cast<std::size_t>(spine / plan.spines_per_pod)].emplace_back(from, to);
      }
    }
    const auto first_pod =
        static_cast<VertexId>(&net - at_.nets.data()) * static_cast<VertexId>(plan.pods);
    net.pod_up = add_trunks(up, "spines of pod", first_pod, "cores");
    net.pod_down = net.pod_up + static_cast<std::uint32_t>(up.size());
  }

  /// All ways up, then all ways down. Returns the number of the first.
  std::uint32_t add_trunks(const std::vector<Ends>& up, const std::string& below, VertexId first,
                           const std::string& above) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < up.size(); ++i) {
      const std::uint32_t trunk =
          draft_.trunk(fmt::format("{} {} -> {} {}", below, first + i, up[i].size(), above), up[i]);
      number = i == 0 ? trunk : number;
    }
    for (std::size_t i = 0; i < up.size(); ++i) {
      Ends down;
      for (const auto& [from, to] : up[i]) {
        down.emplace_back(to, from);
      }
      draft_.trunk(fmt::format("{} {} -> {} {}", up[i].size(), above, below, first + i),
                   std::move(down));
    }
    return number;
  }

  /// Every top switch of a site hangs on its border with an equal share of what leads out.
  void draw_sites() {
    const ClosPlan& plan = at_.plan.net;
    const Sites& sites = spec_.sites;
    const int tiers = plan.tiers();
    const int tops = tiers == 3 ? plan.cores() : tiers == 2 ? plan.spines() : plan.leaves();
    const int nets_per_site = at_.plan.rails * at_.plan.planes;
    const units::BytesPerSecond each =
        sites.bandwidth * (static_cast<double>(sites.count - 1) / tops / nets_per_site);
    for (std::size_t i = 0; i < at_.nets.size(); ++i) {
      ClosNet& net = at_.nets[i];
      const int site = static_cast<int>(i) / nets_per_site;
      const VertexId first = tiers == 3 ? net.core : tiers == 2 ? net.spine : net.leaf;
      Ends up;
      for (int t = 0; t < tops; ++t) {
        draft_.cable(offset(first, t), offset(at_.border, site), each, spec_.switch_latency,
                     spec_.switch_latency);
        up.emplace_back(offset(first, t), offset(at_.border, site));
      }
      net.site_up = trunk_pair(fmt::format("top switches of site {}", site), "border", up);
      net.site_down = net.site_up + 1;
    }
    for (int a = 0; a < sites.count; ++a) {
      for (int b = a + 1; b < sites.count; ++b) {
        draft_.cable(offset(at_.border, a), offset(at_.border, b), sites.bandwidth, sites.latency,
                     sites.latency);
      }
    }
  }

  const ClusterSpec& spec_;
  Draft& draft_;
  ClosLayout at_;
};

}  // namespace

ClosLayout draw_clos(const ClusterSpec& spec, Draft& draft) {
  return Drawing(spec, draft).draw();
}

}  // namespace topology::build
