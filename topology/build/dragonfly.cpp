// Dragonfly and dragonfly+: groups of switches joined all to all (or leaves to spines), groups
// joined all to all.
//
// Routes are minimal: to a gate of the own group that has a cable to the other one, over it, and
// from its far end to the destination. Static picks the gate by the destination, Ecmp by hash,
// Adaptive and Spray split the flow over all of them. Adaptive loads all cables between two groups
// as one trunk: packets go to the one that is free. Of UGAL (Kim et al. 2008) that is the choice
// among minimal ways; the choice of a longer way through a third group where the minimal ones are
// full is not modelled, so patterns in which one group sends to one other group only are timed too
// slow under Adaptive. Where the minimal ways are lost, flows go through a third group (Valiant,
// SIAM J. Comput. 11(2), 1982).
#include <fmt/format.h>

#include "topology/build/nic_router.hpp"
#include "topology/dragonfly_plan.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {

struct Layout {
  DragonflyPlan plan;
  VertexId nic = 0;
  VertexId leaf = 0, spine = 0;              ///< the first; those of a group follow one another
  std::uint32_t leaf_up = 0, leaf_down = 0;  ///< trunks of leaf 0 of a dragonfly+
  std::uint32_t global = 0;                  ///< trunk from group 0 to group 1; see trunk()

  [[nodiscard]] VertexId leaf_of(int group, int index) const {
    return leaf + static_cast<VertexId>(group * plan.leaves + index);
  }
  [[nodiscard]] VertexId gate(int group, int index) const {
    return plan.spines > 0 ? spine + static_cast<VertexId>(group * plan.spines + index)
                           : leaf_of(group, index);
  }
  /// The gates at both ends of a cable between two groups.
  [[nodiscard]] VertexId gate_to(int group, int peer, int cable) const {
    return gate(group, plan.gate_of(group, peer, cable));
  }
  [[nodiscard]] int switch_of(int endpoint) const { return endpoint / plan.endpoints_per_switch; }
  [[nodiscard]] int group_of(int endpoint) const { return switch_of(endpoint) / plan.leaves; }
  [[nodiscard]] VertexId switch_vertex(int endpoint) const {
    return leaf + static_cast<VertexId>(switch_of(endpoint));
  }
  /// All cables from one group to another.
  [[nodiscard]] std::uint32_t trunk(int from, int to) const {
    const int place = from * (plan.groups - 1) + (to > from ? to - 1 : to);
    return global + static_cast<std::uint32_t>(place);
  }
};

class DragonflyRouter final : public NicRouter {
 public:
  DragonflyRouter(const ClusterSpec& spec, Locality local, const Layout& layout)
      : NicRouter(spec, std::move(local), layout.nic, Sender::Own), at_(layout) {}

 protected:
  bool cross(Walk& walk, int sender, int receiver, const RouteRequest& request) const override {
    const VertexId first = at_.switch_vertex(sender);
    const VertexId last = at_.switch_vertex(receiver);
    const int from = at_.group_of(sender);
    const int to = at_.group_of(receiver);
    PathChoice choice(request, sender, receiver, receiver);
    walk.to(first);
    const bool arrived = from == to ? within(walk, from, last, choice, request.routing)
                                    : between(walk, from, to, last, choice, request.routing);
    if (arrived) {
      walk.to(nic_of(receiver));
    }
    return arrived;
  }

 private:
  /// How two switches of a group may be joined.
  enum class Local {
    Direct,   ///< by their own cable
    Detoured  ///< or through one other switch
  };

  static bool split(Routing routing) {
    return routing == Routing::Adaptive || routing == Routing::Spray;
  }

  /// Between two switches with endpoints in one group.
  bool within(Walk& walk, int group, VertexId last, PathChoice& choice, Routing routing) const {
    const VertexId here = walk.at();
    if (here == last) {
      return true;
    }
    if (at_.plan.spines == 0 || !split(routing)) {
      return inside(walk, group, last, choice);
    }
    const bool any = walk.all_up() || middle(walk, group, here, last, choice).has_value();
    if (any) {
      walk.over(at_.leaf_up + (here - at_.leaf), at_.gate(group, 0));
      walk.over(at_.leaf_down + (last - at_.leaf), last);
    }
    return any;
  }

  /// A switch of the group that joins two others which have no cable of their own.
  [[nodiscard]] std::optional<VertexId> middle(const Walk& walk, int group, VertexId from,
                                               VertexId to, PathChoice& choice) const {
    const bool over_spines = at_.plan.spines > 0 && is_leaf(from);
    const int count = over_spines ? at_.plan.spines : at_.plan.leaves;
    const auto vertex = [&](int i) {
      return over_spines ? at_.gate(group, i) : at_.leaf_of(group, i);
    };
    const auto joins = [&](int i) {
      const VertexId v = vertex(i);
      return v != from && v != to && walk.up(from, v) && walk.up(v, to);
    };
    const bool plain = at_.plan.spines > 0 && walk.all_up();
    const int chosen = plain ? choice.pick(count) : choice.pick_of(count, joins);
    return chosen < 0 ? std::nullopt : std::optional(vertex(chosen));
  }
  [[nodiscard]] bool is_leaf(VertexId v) const { return at_.plan.spines == 0 || v < at_.spine; }

  /// From where the walk stands to another switch of the group.
  bool inside(Walk& walk, int group, VertexId to, PathChoice& choice) const {
    const VertexId here = walk.at();
    if (here == to) {
      return true;
    }
    if (!joined(walk, here, to)) {
      const auto via = middle(walk, group, here, to, choice);
      if (!via) {
        return false;
      }
      walk.to(*via);
    }
    walk.to(to);
    return true;
  }
  /// Whether two switches of a group have a cable that is not lost.
  [[nodiscard]] bool joined(const Walk& walk, VertexId a, VertexId b) const {
    const bool cabled = at_.plan.spines == 0 || is_leaf(a) != is_leaf(b);
    return cabled && (walk.all_up() || walk.up(a, b));
  }

  /// Between two groups: by a minimal way, else by one with a detour inside a group, else through a
  /// third group.
  bool between(Walk& walk, int from, int to, VertexId last, PathChoice& choice,
               Routing routing) const {
    const VertexId first = walk.at();
    const auto open = [&](Local local) {
      return [this, &walk, first, last, from, to, local, &choice](int way) {
        return passable(walk, from, to, way, first, last, local, choice);
      };
    };
    if (split(routing) && spread(walk, from, to, last, open(Local::Direct), routing)) {
      return true;
    }
    for (const Local local : {Local::Direct, Local::Detoured}) {
      const int ways = at_.plan.ways();
      const int way = walk.all_up() ? choice.pick(ways) : choice.pick_of(ways, open(local));
      if (way >= 0) {
        return hop(walk, from, to, way, last, choice);
      }
    }
    return through_third(walk, from, to, last, choice);
  }

  [[nodiscard]] bool passable(const Walk& walk, int from, int to, int way, VertexId first,
                              VertexId last, Local local, PathChoice& choice) const {
    const VertexId out = at_.gate_to(from, to, way);
    const VertexId in = at_.gate_to(to, from, way);
    const auto reaches = [&](int group, VertexId a, VertexId b) {
      return a == b || joined(walk, a, b) ||
             (local == Local::Detoured && middle(walk, group, a, b, choice).has_value());
    };
    return walk.up(out, in) && reaches(from, first, out) && reaches(to, in, last);
  }

  /// To the gate of a way, over its cable, and on to a switch of the other group.
  bool hop(Walk& walk, int from, int to, int way, VertexId last, PathChoice& choice) const {
    const VertexId out = at_.gate_to(from, to, way);
    const VertexId in = at_.gate_to(to, from, way);
    if (!inside(walk, from, out, choice) || !walk.up(out, in)) {
      return false;
    }
    walk.to(in);
    return inside(walk, to, last, choice);
  }

  /// In equal parts over all cables of the ways that are open. False, with nothing walked, where
  /// none is.
  template <class Open>
  bool spread(Walk& walk, int from, int to, VertexId last, const Open& open,
              Routing routing) const {
    const int ways = at_.plan.ways();
    int usable = 0;
    for (int way = 0; way < ways; ++way) {
      usable += walk.all_up() || open(way) ? at_.plan.cables_of(way) : 0;
    }
    walk.fork();
    for (int way = 0; way < ways && usable > 0; ++way) {
      if (!walk.all_up() && !open(way)) {
        continue;
      }
      walk.branch(static_cast<double>(at_.plan.cables_of(way)) / usable);
      const VertexId out = at_.gate_to(from, to, way);
      const VertexId in = at_.gate_to(to, from, way);
      if (walk.at() != out) {
        walk.to(out);
      }
      if (routing == Routing::Adaptive) {
        walk.over(at_.trunk(from, to), in);
      } else {
        walk.to(in);
      }
      if (in != last) {
        walk.to(last);
      }
    }
    walk.join();
    return usable > 0;
  }

  bool through_third(Walk& walk, int from, int to, VertexId last, PathChoice& choice) const {
    const int groups = at_.plan.groups;
    const VertexId first = walk.at();
    const auto leads = [&](int a, int b, int way, VertexId start) {
      return passable(walk, a, b, way, start, at_.gate_to(b, a, way), Local::Detoured, choice);
    };
    const auto first_leg = [&](int third) {
      return choice.pick_of(at_.plan.ways(),
                            [&](int way) { return leads(from, third, way, first); });
    };
    const auto second_leg = [&](int third, VertexId start) {
      return choice.pick_of(at_.plan.ways(), [&](int way) {
        return passable(walk, third, to, way, start, last, Local::Detoured, choice);
      });
    };
    const int begin = choice.pick(groups);
    for (int i = 0; i < groups; ++i) {
      const int third = (begin + i) % groups;
      if (third == from || third == to) {
        continue;
      }
      const int one = first_leg(third);
      const VertexId entry = one < 0 ? first : at_.gate_to(third, from, one);
      const int two = one < 0 ? -1 : second_leg(third, entry);
      if (two >= 0) {
        return hop(walk, from, third, one, entry, choice) &&
               hop(walk, third, to, two, last, choice);
      }
    }
    return false;
  }

  Layout at_;
};

class Drawing {
 public:
  Drawing(const ClusterSpec& spec, Draft& draft) : spec_(spec), draft_(draft) {
    at_.plan = plan_dragonfly(spec);
    const auto or_nic = [&](units::BytesPerSecond stated) {
      return stated > units::BytesPerSecond{} ? stated : spec.nic_bandwidth;
    };
    local_ = or_nic(spec.dragonfly.local_bandwidth);
    global_ = or_nic(spec.dragonfly.global_bandwidth);
  }

  Layout draw() {
    const DragonflyPlan& plan = at_.plan;
    const bool plus = spec_.fabric == FabricKind::DragonflyPlus;
    at_.nic = add(VertexKind::Nic, spec_.gpus);
    at_.leaf = add(plus ? VertexKind::Leaf : VertexKind::Router, plan.groups * plan.leaves);
    at_.spine = add(VertexKind::Spine, plan.groups * plan.spines);
    draw_endpoints();
    for (int group = 0; group < plan.groups; ++group) {
      draw_group(group);
    }
    draw_group_trunks();
    for (int from = 0; from < plan.groups; ++from) {
      for (int to = 0; to < plan.groups; ++to) {
        if (from != to) {
          draw_pair(from, to);
        }
      }
    }
    return at_;
  }

 private:
  VertexId add(VertexKind kind, int count) {
    return draft_.add(kind, static_cast<std::size_t>(count));
  }

  void cable(VertexId a, VertexId b, units::BytesPerSecond bandwidth) {
    draft_.cable(a, b, bandwidth, spec_.switch_latency, spec_.switch_latency);
  }

  /// GPU - NIC - switch. Half of the NIC-to-NIC latency is spent at either end.
  void draw_endpoints() {
    const units::Seconds nic = spec_.nic_latency / 2;
    for (int gpu = 0; gpu < spec_.gpus; ++gpu) {
      const VertexId port = at_.nic + static_cast<VertexId>(gpu);
      const units::BytesPerSecond bandwidth = spec_.nic_bandwidth_of(gpu);
      draft_.cable(static_cast<VertexId>(gpu), port, bandwidth, nic, nic);
      draft_.cable(port, at_.switch_vertex(gpu), bandwidth, spec_.switch_latency, {});
    }
  }

  void draw_group(int group) {
    const DragonflyPlan& plan = at_.plan;
    for (int a = 0; a < plan.leaves; ++a) {
      for (int b = plan.spines > 0 ? 0 : a + 1; b < plan.gates(); ++b) {
        cable(at_.leaf_of(group, a), at_.gate(group, b), local_);
      }
    }
  }

  /// Leaf to spines and back in a dragonfly+: all ups of all groups, then all downs.
  void draw_group_trunks() {
    const DragonflyPlan& plan = at_.plan;
    for (int i = 0; plan.spines > 0 && i < 2 * plan.groups * plan.leaves; ++i) {
      const bool up = i < plan.groups * plan.leaves;
      const int leaf = i % (plan.groups * plan.leaves);
      std::vector<std::pair<VertexId, VertexId>> ends;
      for (int s = 0; s < plan.spines; ++s) {
        const VertexId below = at_.leaf + static_cast<VertexId>(leaf);
        const VertexId above = at_.gate(leaf / plan.leaves, s);
        ends.emplace_back(up ? below : above, up ? above : below);
      }
      const std::uint32_t trunk =
          draft_.trunk(up ? fmt::format("leaf {} -> {} spines", leaf, plan.spines)
                          : fmt::format("{} spines -> leaf {}", plan.spines, leaf),
                       std::move(ends));
      at_.leaf_up = i == 0 ? trunk : at_.leaf_up;
    }
    at_.leaf_down = at_.leaf_up + static_cast<std::uint32_t>(plan.groups * plan.leaves);
  }

  /// The cables from one group to another, drawn once for both, and their trunk.
  void draw_pair(int from, int to) {
    std::vector<std::pair<VertexId, VertexId>> ends;
    for (int i = 0; i < at_.plan.cables_per_pair; ++i) {
      const VertexId out = at_.gate_to(from, to, i);
      const VertexId in = at_.gate_to(to, from, i);
      if (from < to) {
        cable(out, in, global_);
      }
      if (i < at_.plan.ways()) {
        ends.emplace_back(out, in);
      }
    }
    const std::uint32_t trunk =
        draft_.trunk(fmt::format("group {} -> group {}", from, to), std::move(ends));
    at_.global = from == 0 && to == 1 ? trunk : at_.global;
  }

  const ClusterSpec& spec_;
  Draft& draft_;
  units::BytesPerSecond local_, global_;
  Layout at_;
};

}  // namespace

std::unique_ptr<Router> build_dragonfly(const ClusterSpec& spec, Draft& draft) {
  if (spec.nic_bandwidth <= units::BytesPerSecond{}) {
    throw InputError({}, "cluster.nic_bandwidth",
                     "a scale-out network needs the bandwidth of its NICs");
  }
  Locality local = draw_locality(spec, draft);
  const Layout layout = Drawing(spec, draft).draw();
  return std::make_unique<DragonflyRouter>(spec, std::move(local), layout);
}

}  // namespace topology::build
