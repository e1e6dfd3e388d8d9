// Ways over rail-optimised, fat-tree, three-tier and rail-only fabrics.
#include <cstdint>
#include <utility>

#include "topology/build/clos_net.hpp"
#include "topology/build/nic_router.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {

/// A way from one leaf to another, in one network or in those of two sites.
struct Leaves {
  const ClosNet& up;
  const ClosNet& down;
  int from, to;          ///< leaves
  int from_pod, to_pod;  ///< their pods
  int from_site, to_site;
};

class ClosRouter final : public NicRouter {
 public:
  ClosRouter(const ClusterSpec& spec, Locality local, ClosLayout layout)
      : NicRouter(spec, std::move(local), layout.nic, Sender::OnRail), at_(std::move(layout)) {}

 protected:
  /// From NIC to NIC, in equal parts over all planes that lead there.
  bool cross(Walk& walk, int sender, int receiver, const RouteRequest& request) const override {
    if (at_.port(sender).rail != at_.port(receiver).rail) {
      return false;  // rail-only: scale-up has to change the rail first
    }
    const int planes = at_.plan.planes;
    std::uint64_t open = ~std::uint64_t{0};
    for (int usable = planes; usable > 0;) {
      walk.fork();
      int failed = -1;
      for (int plane = 0; plane < planes && failed < 0; ++plane) {
        if ((open >> plane & 1U) == 0) {
          continue;
        }
        walk.branch(1.0 / usable);
        failed = cross_plane(walk, sender, receiver, plane, request) ? -1 : plane;
      }
      if (failed < 0) {
        walk.join();
        return true;
      }
      walk.rewind();
      open &= ~(std::uint64_t{1} << failed);
      --usable;
    }
    return false;
  }

 private:
  bool cross_plane(Walk& walk, int sender, int receiver, int plane,
                   const RouteRequest& request) const {
    const ClosPort out = at_.port(sender);
    const ClosPort in = at_.port(receiver);
    const VertexId first = at_.leaf_vertex(sender, plane);
    const VertexId last = at_.leaf_vertex(receiver, plane);
    if (!walk.all_up() && (!walk.up(walk.at(), first) || !walk.up(last, nic_of(receiver)))) {
      return false;
    }
    walk.to(first);
    const int from = at_.leaf_of(out.endpoint);
    const int to = at_.leaf_of(in.endpoint);
    const Leaves way{.up = at_.net(out, plane),
                     .down = at_.net(in, plane),
                     .from = from,
                     .to = to,
                     .from_pod = at_.plan.net.pod_of(from),
                     .to_pod = at_.plan.net.pod_of(to),
                     .from_site = out.site,
                     .to_site = in.site};
    if (first != last && !climb(walk, way, choice(sender, receiver, plane, request), request)) {
      return false;
    }
    walk.to(nic_of(receiver));
    return true;
  }

  /// All rails of a node choose alike, so that they can be folded; leaves shared by a whole node
  /// need the endpoint itself, or all its NICs would crowd on one uplink.
  [[nodiscard]] PathChoice choice(int sender, int receiver, int plane,
                                  const RouteRequest& request) const {
    const bool by_rail = at_.plan.net.rails > 1 || at_.plan.rails > 1;
    RouteRequest way = request;
    way.flow = request.flow * static_cast<std::uint64_t>(at_.plan.planes) +
               static_cast<std::uint64_t>(plane);
    return {way, sender, receiver, by_rail ? receiver / gpus_per_node() : receiver};
  }

  bool climb(Walk& walk, const Leaves& way, PathChoice choice, const RouteRequest& request) const {
    const bool trunks = request.routing == Routing::Adaptive || request.routing == Routing::Spray;
    if (way.from_site != way.to_site) {
      return trunks ? between_sites_by_trunk(walk, way) : between_sites(walk, way, choice);
    }
    return trunks ? over_trunks(walk, way) : over_one_way(walk, way, choice);
  }

  [[nodiscard]] bool core_up(const Walk& walk, const Leaves& way, int plane, int c) const {
    return walk.up(at_.spine(way.up, way.from_pod, plane), at_.core(way.up, plane, c)) &&
           walk.up(at_.core(way.up, plane, c), at_.spine(way.up, way.to_pod, plane));
  }

  [[nodiscard]] bool spine_up(const Walk& walk, const Leaves& way, int plane) const {
    if (!walk.up(offset(way.up.leaf, way.from), at_.spine(way.up, way.from_pod, plane)) ||
        !walk.up(at_.spine(way.up, way.to_pod, plane), offset(way.up.leaf, way.to))) {
      return false;
    }
    bool any = way.from_pod == way.to_pod;
    for (int c = 0; c < at_.plan.net.cores_per_plane && !any; ++c) {
      any = core_up(walk, way, plane, c);
    }
    return any;
  }

  bool over_one_way(Walk& walk, const Leaves& way, PathChoice& choice) const {
    const ClosPlan& plan = at_.plan.net;
    const bool sound = walk.all_up();
    const int plane =
        sound ? choice.pick(plan.spines_per_pod)
              : choice.pick_of(plan.spines_per_pod, [&](int i) { return spine_up(walk, way, i); });
    if (plane < 0) {
      return false;
    }
    walk.to(at_.spine(way.up, way.from_pod, plane));
    if (way.from_pod != way.to_pod) {
      const int c = sound ? choice.pick(plan.cores_per_plane)
                          : choice.pick_of(plan.cores_per_plane,
                                           [&](int i) { return core_up(walk, way, plane, i); });
      walk.to(at_.core(way.up, plane, c));
      walk.to(at_.spine(way.up, way.to_pod, plane));
    }
    walk.to(offset(way.up.leaf, way.to));
    return true;
  }

  /// All spines and cores together. Where links are lost, at least one whole way must be left.
  bool over_trunks(Walk& walk, const Leaves& way) const {
    bool any = walk.all_up();
    for (int plane = 0; plane < at_.plan.net.spines_per_pod && !any; ++plane) {
      any = spine_up(walk, way, plane);
    }
    if (!any) {
      return false;
    }
    walk.over(trunk(way.up.leaf_up, way.from), at_.spine(way.up, way.from_pod, 0));
    if (way.from_pod != way.to_pod) {
      walk.over(trunk(way.up.pod_up, way.from_pod), at_.core(way.up, 0, 0));
      walk.over(trunk(way.up.pod_down, way.to_pod), at_.spine(way.up, way.to_pod, 0));
    }
    walk.over(trunk(way.up.leaf_down, way.to), offset(way.up.leaf, way.to));
    return true;
  }

  static std::uint32_t trunk(std::uint32_t first, int index) {
    return first + static_cast<std::uint32_t>(index);
  }

  /// The switches between a leaf and the border of its site, for one of the ways up or down.
  struct Ladder {
    VertexId spine = 0, core = 0;
    int rungs = 0;  ///< 0: the leaf hangs on the border; 1: a spine; 2: spine and core
  };
  [[nodiscard]] Ladder ladder(const ClosNet& net, int pod, int way) const {
    const ClosPlan& plan = at_.plan.net;
    if (plan.tiers() < 3) {
      return {.spine = at_.spine(net, pod, way), .core = 0, .rungs = plan.tiers() - 1};
    }
    const int plane = way / plan.cores_per_plane;
    return {.spine = at_.spine(net, pod, plane),
            .core = at_.core(net, plane, way % plan.cores_per_plane),
            .rungs = 2};
  }
  static VertexId top(const Ladder& l, VertexId leaf) {
    return l.rungs == 0 ? leaf : l.rungs == 1 ? l.spine : l.core;
  }
  static bool up_the(const Walk& walk, const Ladder& l, VertexId leaf, VertexId border) {
    return (l.rungs < 1 || walk.up(leaf, l.spine)) && (l.rungs < 2 || walk.up(l.spine, l.core)) &&
           walk.up(top(l, leaf), border);
  }
  static bool down_the(const Walk& walk, const Ladder& l, VertexId leaf, VertexId border) {
    return (l.rungs < 1 || walk.up(l.spine, leaf)) && (l.rungs < 2 || walk.up(l.core, l.spine)) &&
           walk.up(border, top(l, leaf));
  }

  /// Up to a top switch, over the borders to the other site, and down again.
  bool between_sites(Walk& walk, const Leaves& way, PathChoice& choice) const {
    const ClosPlan& plan = at_.plan.net;
    const VertexId from = offset(way.up.leaf, way.from);
    const VertexId to = offset(way.down.leaf, way.to);
    const VertexId here = offset(at_.border, way.from_site);
    const VertexId there = offset(at_.border, way.to_site);
    const int ways = plan.tiers() == 1
                         ? 1
                         : plan.spines_per_pod * (plan.tiers() == 3 ? plan.cores_per_plane : 1);
    const auto pick = [&](const auto& passable) {
      return walk.all_up() ? choice.pick(ways) : choice.pick_of(ways, passable);
    };
    const int up =
        pick([&](int i) { return up_the(walk, ladder(way.up, way.from_pod, i), from, here); });
    const int down =
        pick([&](int i) { return down_the(walk, ladder(way.down, way.to_pod, i), to, there); });
    if (up < 0 || down < 0 || !walk.up(here, there)) {
      return false;
    }
    const Ladder climb = ladder(way.up, way.from_pod, up);
    const Ladder descent = ladder(way.down, way.to_pod, down);
    for (const VertexId v : {climb.spine, climb.core}) {
      if (climb.rungs > 0 && walk.at() != top(climb, from)) {
        walk.to(v);
      }
    }
    walk.to(here);
    walk.to(there);
    walk.to(top(descent, to));
    if (descent.rungs == 2) {
      walk.to(descent.spine);
    }
    if (descent.rungs > 0) {
      walk.to(to);
    }
    return true;
  }

  bool between_sites_by_trunk(Walk& walk, const Leaves& way) const {
    const VertexId here = offset(at_.border, way.from_site);
    const VertexId there = offset(at_.border, way.to_site);
    const VertexId leaf = offset(way.down.leaf, way.to);
    const int tiers = at_.plan.net.tiers();
    if (!walk.up(here, there)) {
      return false;
    }
    const auto over = [&](std::uint32_t number, VertexId next) {
      const bool open = walk.trunk_up(number);
      if (open) {
        walk.over(number, next);
      }
      return open;
    };
    const bool out =
        (tiers == 1 || over(trunk(way.up.leaf_up, way.from), at_.spine(way.up, way.from_pod, 0))) &&
        (tiers < 3 || over(trunk(way.up.pod_up, way.from_pod), at_.core(way.up, 0, 0))) &&
        over(way.up.site_up, here);
    if (!out) {
      return false;
    }
    walk.to(there);
    const Ladder descent = ladder(way.down, way.to_pod, 0);
    return over(way.down.site_down, top(descent, leaf)) &&
           (tiers < 3 || over(trunk(way.down.pod_down, way.to_pod), descent.spine)) &&
           (tiers == 1 || over(trunk(way.down.leaf_down, way.to), leaf));
  }

  ClosLayout at_;
};

void check(const ClusterSpec& spec, const Locality& local) {
  if (spec.nic_bandwidth <= units::BytesPerSecond{}) {
    throw InputError({}, "cluster.nic_bandwidth",
                     "a scale-out network needs the bandwidth of its NICs");
  }
  const bool joined = local.forwards && local.scale_up->size() >= spec.gpus_per_node;
  if (spec.fabric == FabricKind::RailOnly && spec.gpus_per_node > 1 && !joined) {
    throw InputError({}, "cluster.fabric",
                     "a rail-only fabric needs a scale-up network over the whole node that "
                     "forwards to other rails; choose rail-optimised");
  }
}

}  // namespace

std::unique_ptr<Router> build_clos(const ClusterSpec& spec, Draft& draft) {
  Locality local = draw_locality(spec, draft);
  check(spec, local);
  return std::make_unique<ClosRouter>(spec, std::move(local), draw_clos(spec, draft));
}

}  // namespace topology::build
