// Rail-optimised, fat-tree, three-tier and rail-only fabrics: leaves, spines and cores as
// plan_fabric() counts them, once per plane (NIC port), rail (rail-only) and site.
#include <utility>

#include <fmt/format.h>

#include "topology/build/scale_up.hpp"
#include "topology/clos_plan.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {

VertexId offset(VertexId first, int index) {
  return first + static_cast<VertexId>(index);
}

/// First vertices and trunks of one Clos network.
struct Net {
  VertexId leaf = 0, spine = 0, core = 0;
  std::uint32_t leaf_up = 0, leaf_down = 0;  ///< of leaf 0; one each per leaf
  std::uint32_t pod_up = 0, pod_down = 0;    ///< of pod 0; one each per pod
  std::uint32_t site_up = 0, site_down = 0;  ///< between its top switches and the border
};

/// Where a GPU's NIC is plugged in.
struct Port {
  int site = 0;
  int rail = 0;      ///< of a rail-only fabric; 0 elsewhere
  int endpoint = 0;  ///< in the networks of that site and rail
};

/// The numbers behind a Clos fabric: which network a port belongs to, and which leaf.
struct Layout {
  FabricPlan plan;
  int gpus = 0, gpus_per_node = 1;
  VertexId nic = 0, border = 0;
  std::vector<Net> nets;  ///< by (site * rails + rail) * planes + plane

  [[nodiscard]] Port port(int gpu) const {
    const int per_site = gpus / plan.sites;
    const int local = gpu % per_site;
    if (plan.rails == 1) {
      return {.site = gpu / per_site, .rail = 0, .endpoint = local};
    }
    return {.site = gpu / per_site, .rail = local % plan.rails, .endpoint = local / plan.rails};
  }
  [[nodiscard]] const Net& net(const Port& port, int plane) const {
    const int index = (port.site * plan.rails + port.rail) * plan.planes + plane;
    return nets[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] int leaf_of(int endpoint) const {
    const ClosPlan& net = plan.net;
    if (net.rails == 1) {
      return endpoint / net.leaf_endpoints;
    }
    const int node = endpoint / plan.gpus_per_node;
    return node / net.leaf_endpoints * net.rails + endpoint % plan.gpus_per_node;
  }
  [[nodiscard]] VertexId nic_of(int gpu) const { return offset(nic, gpu); }
  [[nodiscard]] VertexId leaf_vertex(int gpu, int plane) const {
    const Port at = port(gpu);
    return offset(net(at, plane).leaf, leaf_of(at.endpoint));
  }
};

bool uses_trunks(Routing routing) {
  return routing == Routing::Adaptive || routing == Routing::Spray;
}

class ClosRouter final : public Router {
 public:
  ClosRouter(Layout layout, Locality local) : at_(std::move(layout)), local_(std::move(local)) {}

  bool route(Walk& walk, int from, int to, const RouteRequest& request) const override {
    if (local_.walk(walk, from, to)) {
      return true;
    }
    if (attempt(walk, from, relay(from, to), to, to, request)) {
      return true;
    }
    return !walk.all_up() && detour(walk, from, to, request);
  }

 private:
  /// The accelerator whose NIC sends: the one on the destination's rail in the sender's node, if
  /// scale-up reaches it. Source: NCCL's PXN (PCI x NVLink), NVIDIA developer blog on NCCL 2.12,
  /// 2022.
  [[nodiscard]] int relay(int from, int to) const {
    if (!local_.forwards) {
      return from;
    }
    const int on_rail = from / at_.gpus_per_node * at_.gpus_per_node + to % at_.gpus_per_node;
    return on_rail < at_.gpus && local_.scale_up->joins(from, on_rail) ? on_rail : from;
  }

  /// Another NIC of either node where the right ones are lost, reached over scale-up. Starts beside
  /// the lost one, so that the neighbours of several lost NICs share the load.
  bool detour(Walk& walk, int from, int to, const RouteRequest& request) const {
    if (!local_.forwards) {
      return false;
    }
    const int node = at_.gpus_per_node;
    for (int i = 0; i < node; ++i) {
      const int receiver = to / node * node + (to + i) % node;
      for (int j = 0; j < node; ++j) {
        const int sender = from / node * node + (receiver + j) % node;
        const bool reaches = receiver < at_.gpus && sender < at_.gpus &&
                             local_.scale_up->joins(from, sender) &&
                             local_.scale_up->joins(to, receiver);
        if (reaches && attempt(walk, from, sender, receiver, to, request)) {
          return true;
        }
      }
    }
    return false;
  }

  bool attempt(Walk& walk, int from, int sender, int receiver, int to,
               const RouteRequest& request) const {
    const Port out = at_.port(sender);
    const Port in = at_.port(receiver);
    if (out.rail != in.rail) {
      return false;  // rail-only, and scale-up does not reach the other rail
    }
    walk.restart();
    if (sender != from) {
      local_.scale_up->walk(walk, from, sender);
    }
    if (!walk.up(static_cast<VertexId>(sender), at_.nic_of(sender)) ||
        !walk.up(at_.nic_of(receiver), static_cast<VertexId>(receiver))) {
      return false;
    }
    walk.to(at_.nic_of(sender));
    if (!cross_planes(walk, sender, receiver, request)) {
      return false;
    }
    walk.to(static_cast<VertexId>(receiver));
    if (receiver != to) {
      local_.scale_up->walk(walk, receiver, to);
    }
    return true;
  }

  /// From NIC to NIC, in equal parts over all planes whose ports are up at both ends.
  bool cross_planes(Walk& walk, int sender, int receiver, const RouteRequest& request) const {
    const int planes = at_.plan.planes;
    const auto open = [&](int plane) {
      return walk.all_up() ||
             (walk.up(at_.nic_of(sender), at_.leaf_vertex(sender, plane)) &&
              walk.up(at_.leaf_vertex(receiver, plane), at_.nic_of(receiver)));
    };
    int usable = 0;
    for (int plane = 0; plane < planes; ++plane) {
      usable += open(plane) ? 1 : 0;
    }
    // All rails of a node choose alike, so that they can be folded; leaves shared by a whole node
    // need the endpoint itself, or all its NICs would crowd on one uplink.
    const int digit = at_.plan.net.rails > 1 || at_.plan.rails > 1 ? receiver / at_.gpus_per_node
                                                                   : receiver;
    walk.fork();
    for (int plane = 0; plane < planes; ++plane) {
      if (open(plane)) {
        walk.branch(1.0 / usable);
        if (!cross(walk, sender, receiver, plane, digit, request)) {
          return false;
        }
      }
    }
    walk.join();
    return usable > 0;
  }

  bool cross(Walk& walk, int sender, int receiver, int plane, int digit,
             const RouteRequest& request) const {
    const Port out = at_.port(sender);
    const Port in = at_.port(receiver);
    walk.to(at_.leaf_vertex(sender, plane));
    RouteRequest way = request;
    way.flow = request.flow * static_cast<std::uint64_t>(at_.plan.planes) +
               static_cast<std::uint64_t>(plane);
    PathChoice choice(way, sender, receiver, digit);
    const Step step{.up = at_.net(out, plane),
                    .down = at_.net(in, plane),
                    .from_leaf = at_.leaf_of(out.endpoint),
                    .to_leaf = at_.leaf_of(in.endpoint)};
    const bool trunks = uses_trunks(request.routing);
    bool arrived = true;
    if (out.site != in.site) {
      arrived = trunks ? between_sites_by_trunk(walk, step, out.site, in.site)
                       : between_sites(walk, step, out.site, in.site, choice);
    } else if (step.from_leaf != step.to_leaf) {
      arrived = trunks ? cross_by_trunk(walk, step) : cross_by_choice(walk, step, choice);
    }
    if (!arrived || !walk.up(walk.at(), at_.nic_of(receiver))) {
      return false;
    }
    walk.to(at_.nic_of(receiver));
    return true;
  }

  /// A way from one leaf to another, in one network or in those of two sites.
  struct Step {
    const Net& up;
    const Net& down;
    int from_leaf, to_leaf;
  };

  [[nodiscard]] VertexId spine(const Net& net, int pod, int plane) const {
    return offset(net.spine, pod * at_.plan.net.spines_per_pod + plane);
  }
  [[nodiscard]] VertexId core(const Net& net, int plane, int i) const {
    return offset(net.core, plane * at_.plan.net.cores_per_plane + i);
  }

  bool cross_by_choice(Walk& walk, const Step& s, PathChoice& choice) const {
    const ClosPlan& plan = at_.plan.net;
    const int up = plan.pod_of(s.from_leaf);
    const int down = plan.pod_of(s.to_leaf);
    const VertexId last = offset(s.up.leaf, s.to_leaf);
    const VertexId first = walk.at();
    const auto core_up = [&](int plane, int c) {
      return walk.up(spine(s.up, up, plane), core(s.up, plane, c)) &&
             walk.up(core(s.up, plane, c), spine(s.up, down, plane));
    };
    const auto spine_up = [&](int plane) {
      if (!walk.up(first, spine(s.up, up, plane)) || !walk.up(spine(s.up, down, plane), last)) {
        return false;
      }
      bool any = up == down;
      for (int c = 0; c < plan.cores_per_plane && !any; ++c) {
        any = core_up(plane, c);
      }
      return any;
    };
    const bool sound = walk.all_up();
    const int plane = sound ? choice.pick(plan.spines_per_pod)
                            : choice.pick_of(plan.spines_per_pod, spine_up);
    if (plane < 0) {
      return false;
    }
    walk.to(spine(s.up, up, plane));
    if (up != down) {
      const int c = sound ? choice.pick(plan.cores_per_plane)
                          : choice.pick_of(plan.cores_per_plane,
                                           [&](int i) { return core_up(plane, i); });
      walk.to(core(s.up, plane, c));
      walk.to(spine(s.up, down, plane));
    }
    walk.to(last);
    return true;
  }

  bool over(Walk& walk, std::uint32_t first_trunk, int index, VertexId next) const {
    const std::uint32_t trunk = first_trunk + static_cast<std::uint32_t>(index);
    if (!walk.trunk_up(trunk)) {
      return false;
    }
    walk.over(trunk, next);
    return true;
  }

  bool cross_by_trunk(Walk& walk, const Step& s) const {
    const ClosPlan& plan = at_.plan.net;
    const int up = plan.pod_of(s.from_leaf);
    const int down = plan.pod_of(s.to_leaf);
    if (!over(walk, s.up.leaf_up, s.from_leaf, spine(s.up, up, 0))) {
      return false;
    }
    if (up != down && (!over(walk, s.up.pod_up, up, core(s.up, 0, 0)) ||
                       !over(walk, s.up.pod_down, down, spine(s.up, down, 0)))) {
      return false;
    }
    return over(walk, s.up.leaf_down, s.to_leaf, offset(s.up.leaf, s.to_leaf));
  }

  /// Up to a top switch, over the border to the other site, and down again.
  bool between_sites(Walk& walk, const Step& s, int from_site, int to_site,
                     PathChoice& choice) const {
    const ClosPlan& plan = at_.plan.net;
    const int up = plan.pod_of(s.from_leaf);
    const int down = plan.pod_of(s.to_leaf);
    const VertexId here = offset(at_.border, from_site);
    const VertexId there = offset(at_.border, to_site);
    std::vector<VertexId> climb, descend;
    if (plan.tiers() == 1) {
      if (!walk.up(walk.at(), here) || !walk.up(there, offset(s.down.leaf, s.to_leaf))) {
        return false;
      }
    } else {
      const int core_ways = plan.tiers() == 3 ? plan.cores_per_plane : 1;
      const auto way = [&](int i) {
        const int plane = i / core_ways;
        climb = {spine(s.up, up, plane)};
        descend = {spine(s.down, down, plane), offset(s.down.leaf, s.to_leaf)};
        if (plan.tiers() == 3) {
          climb.push_back(core(s.up, plane, i % core_ways));
          descend.insert(descend.begin(), core(s.down, plane, i % core_ways));
        }
      };
      const VertexId first = walk.at();
      const int ways = plan.spines_per_pod * core_ways;
      const int chosen = choice.pick_of(ways, [&](int i) {
        way(i);
        return chain_up(walk, first, climb, here) && chain_up(walk, there, descend);
      });
      if (chosen < 0) {
        return false;
      }
      way(chosen);
    }
    for (const VertexId v : climb) {
      walk.to(v);
    }
    if (!walk.up(here, there)) {
      return false;
    }
    walk.to(here);
    walk.to(there);
    if (descend.empty()) {
      descend.push_back(offset(s.down.leaf, s.to_leaf));
    }
    for (const VertexId v : descend) {
      walk.to(v);
    }
    return true;
  }

  static bool chain_up(const Walk& walk, VertexId at, const std::vector<VertexId>& chain) {
    for (const VertexId next : chain) {
      if (!walk.up(at, next)) {
        return false;
      }
      at = next;
    }
    return true;
  }
  static bool chain_up(const Walk& walk, VertexId at, const std::vector<VertexId>& chain,
                       VertexId last) {
    return chain_up(walk, at, chain) && walk.up(chain.empty() ? at : chain.back(), last);
  }

  bool between_sites_by_trunk(Walk& walk, const Step& s, int from_site, int to_site) const {
    const ClosPlan& plan = at_.plan.net;
    const int up = plan.pod_of(s.from_leaf);
    const int down = plan.pod_of(s.to_leaf);
    const VertexId here = offset(at_.border, from_site);
    const VertexId there = offset(at_.border, to_site);
    const int tiers = plan.tiers();
    bool open = tiers == 1 || over(walk, s.up.leaf_up, s.from_leaf, spine(s.up, up, 0));
    open = open && (tiers < 3 || over(walk, s.up.pod_up, up, core(s.up, 0, 0)));
    open = open && over(walk, s.up.site_up, 0, here) && walk.up(here, there);
    if (!open) {
      return false;
    }
    walk.to(there);
    const VertexId leaf = offset(s.down.leaf, s.to_leaf);
    const VertexId top = tiers == 1   ? leaf
                         : tiers == 2 ? spine(s.down, down, 0)
                                      : core(s.down, 0, 0);
    open = over(walk, s.down.site_down, 0, top);
    open = open && (tiers < 3 || over(walk, s.down.pod_down, down, spine(s.down, down, 0)));
    return open && (tiers == 1 || over(walk, s.down.leaf_down, s.to_leaf, leaf));
  }

  Layout at_;
  Locality local_;
};

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
    at_.gpus_per_node = spec.gpus_per_node;
  }

  Layout draw() {
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

  void draw_spines(Net& net) {
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

  void draw_cores(Net& net) {
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
    const auto first_pod = static_cast<VertexId>(&net - at_.nets.data()) *
                           static_cast<VertexId>(plan.pods);
    net.pod_up = add_trunks(up, "spines of pod", first_pod, "cores");
    net.pod_down = net.pod_up + static_cast<std::uint32_t>(up.size());
  }

  /// All ways up, then all ways down. Returns the number of the first.
  std::uint32_t add_trunks(const std::vector<Ends>& up, const std::string& below, VertexId first,
                           const std::string& above) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < up.size(); ++i) {
      const std::uint32_t trunk = draft_.trunk(
          fmt::format("{} {} -> {} {}", below, first + i, up[i].size(), above), up[i]);
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
    if (sites.bandwidth <= units::BytesPerSecond{}) {
      throw InputError({}, "cluster.sites.bandwidth",
                       "several sites need the bandwidth between two of them");
    }
    const int tiers = plan.tiers();
    const int tops = tiers == 3 ? plan.cores() : tiers == 2 ? plan.spines() : plan.leaves();
    const int nets_per_site = at_.plan.rails * at_.plan.planes;
    const units::BytesPerSecond each =
        sites.bandwidth * (static_cast<double>(sites.count - 1) / tops / nets_per_site);
    for (std::size_t i = 0; i < at_.nets.size(); ++i) {
      Net& net = at_.nets[i];
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
  Layout at_;
};

}  // namespace

std::unique_ptr<Router> build_clos(const ClusterSpec& spec, Draft& draft) {
  if (spec.nic_bandwidth <= units::BytesPerSecond{}) {
    throw InputError({}, "cluster.nic_bandwidth",
                     "a scale-out network needs the bandwidth of its NICs");
  }
  Locality local = draw_locality(spec, draft);
  if (spec.fabric == FabricKind::RailOnly && !local.forwards && spec.gpus_per_node > 1) {
    throw InputError({}, "cluster.fabric",
                     "a rail-only fabric needs a scale-up network that forwards to other rails");
  }
  Layout layout = Drawing(spec, draft).draw();
  return std::make_unique<ClosRouter>(std::move(layout), std::move(local));
}

}  // namespace topology::build
