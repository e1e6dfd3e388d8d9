// Rail-optimised, fat-tree and three-tier fabrics: leaves, spines and cores as plan_clos() counts
// them.
#include <utility>

#include "topology/build/scale_up.hpp"
#include "topology/clos_plan.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {

/// First vertices of the parts of a Clos fabric.
struct Parts {
  VertexId nic = 0;
  VertexId leaf = 0;
  VertexId spine = 0;
  VertexId core = 0;
};

VertexId offset(VertexId first, int index) {
  return first + static_cast<VertexId>(index);
}

int leaf_of(const ClosPlan& plan, int gpu, int gpus_per_node) {
  if (plan.rails == 1) {
    return gpu / plan.leaf_endpoints;
  }
  const int node = gpu / gpus_per_node;
  return node / plan.leaf_endpoints * plan.rails + gpu % gpus_per_node;
}

class ClosRouter final : public Router {
 public:
  ClosRouter(const ClosPlan& plan, Parts parts, Locality local, const ClusterSpec& spec)
      : plan_(plan),
        parts_(parts),
        local_(std::move(local)),
        gpus_(spec.gpus),
        gpus_per_node_(spec.gpus_per_node) {}

  void route(Walk& walk, int from, int to, Routing routing, std::uint64_t flow) const override {
    if (local_.walk(walk, from, to)) {
      return;
    }
    const int sender = relay(from, to);
    if (sender != from) {
      local_.scale_up->walk(walk, from, sender);
    }
    walk.to(offset(parts_.nic, sender));
    // All rails of a node choose alike, so that they can be folded; leaves shared by a whole node
    // need the endpoint itself, or all its NICs would crowd on one uplink.
    const int digit = plan_.rails > 1 ? to / gpus_per_node_ : to;
    PathChoice choice(routing, sender, to, flow, digit);
    cross(walk, leaf_of(plan_, sender, gpus_per_node_), leaf_of(plan_, to, gpus_per_node_), choice);
    walk.to(offset(parts_.nic, to));
    walk.to(static_cast<VertexId>(to));
  }

 private:
  /// The accelerator whose NIC sends: the one on the destination's rail in the sender's node, if
  /// scale-up reaches it. Source: NCCL's PXN (PCI x NVLink), NVIDIA developer blog on NCCL 2.12,
  /// 2022.
  [[nodiscard]] int relay(int from, int to) const {
    if (!local_.forwards) {
      return from;
    }
    const int on_rail = from / gpus_per_node_ * gpus_per_node_ + to % gpus_per_node_;
    return on_rail < gpus_ && local_.scale_up->joins(from, on_rail) ? on_rail : from;
  }

  void cross(Walk& walk, int from_leaf, int to_leaf, PathChoice& choice) const {
    walk.to(offset(parts_.leaf, from_leaf));
    if (from_leaf == to_leaf) {
      return;
    }
    const int up = plan_.pod_of(from_leaf);
    const int down = plan_.pod_of(to_leaf);
    const int plane = choice.pick(plan_.spines_per_pod);
    walk.to(offset(parts_.spine, up * plan_.spines_per_pod + plane));
    if (up != down) {
      const int core = choice.pick(plan_.cores_per_plane);
      walk.to(offset(parts_.core, plane * plan_.cores_per_plane + core));
      walk.to(offset(parts_.spine, down * plan_.spines_per_pod + plane));
    }
    walk.to(offset(parts_.leaf, to_leaf));
  }

  ClosPlan plan_;
  Parts parts_;
  Locality local_;
  int gpus_;
  int gpus_per_node_;
};

Parts add_parts(const ClosPlan& plan, Draft& draft) {
  Parts parts;
  parts.nic = draft.add(VertexKind::Nic, static_cast<std::size_t>(plan.endpoints));
  parts.leaf = draft.add(VertexKind::Leaf, static_cast<std::size_t>(plan.leaves()));
  parts.spine = draft.add(VertexKind::Spine, static_cast<std::size_t>(plan.spines()));
  parts.core = draft.add(VertexKind::Core, static_cast<std::size_t>(plan.cores()));
  return parts;
}

/// GPU - NIC - leaf. Half of the NIC-to-NIC latency is spent at either end.
void draw_endpoints(const ClosPlan& plan, const Parts& parts, const ClusterSpec& spec,
                    Draft& draft) {
  const units::Seconds nic = spec.nic_latency / 2;
  for (int gpu = 0; gpu < spec.gpus; ++gpu) {
    const VertexId port = offset(parts.nic, gpu);
    draft.cable(static_cast<VertexId>(gpu), port, spec.nic_bandwidth, nic, nic);
    draft.cable(port, offset(parts.leaf, leaf_of(plan, gpu, spec.gpus_per_node)),
                spec.nic_bandwidth, spec.switch_latency, units::Seconds{});
  }
}

/// `total` cables over `ways` links: the i-th gets its share, the first ones one more if they do
/// not divide.
int share_of(int total, int ways, int i) {
  return total / ways + (i < total % ways ? 1 : 0);
}

void draw_spines(const ClosPlan& plan, const Parts& parts, const ClusterSpec& spec, Draft& draft) {
  for (int leaf = 0; leaf < plan.leaves() && plan.spines_per_pod > 0; ++leaf) {
    const auto bandwidth = spec.nic_bandwidth * (plan.leaf_up / plan.spines_per_pod);
    for (int j = 0; j < plan.spines_per_pod; ++j) {
      draft.cable(offset(parts.leaf, leaf),
                  offset(parts.spine, plan.pod_of(leaf) * plan.spines_per_pod + j), bandwidth,
                  spec.switch_latency, spec.switch_latency,
                  share_of(plan.leaf_uplinks, plan.spines_per_pod, j));
    }
  }
}

void draw_cores(const ClosPlan& plan, const Parts& parts, const ClusterSpec& spec, Draft& draft) {
  for (int spine = 0; spine < plan.spines() && plan.cores_per_plane > 0; ++spine) {
    const int plane = spine % plan.spines_per_pod;
    const auto bandwidth = spec.nic_bandwidth * (plan.spine_up / plan.cores_per_plane);
    for (int c = 0; c < plan.cores_per_plane; ++c) {
      draft.cable(offset(parts.spine, spine), offset(parts.core, plane * plan.cores_per_plane + c),
                  bandwidth, spec.switch_latency, spec.switch_latency,
                  share_of(plan.spine_uplinks, plan.cores_per_plane, c));
    }
  }
}

}  // namespace

std::unique_ptr<Router> build_clos(const ClusterSpec& spec, Draft& draft) {
  if (spec.nic_bandwidth <= units::BytesPerSecond{}) {
    throw InputError({}, "cluster.nic_bandwidth",
                     "a scale-out network needs the bandwidth of its NICs");
  }
  const ClosPlan plan = plan_clos(spec);
  Locality local = draw_locality(spec, draft);
  const Parts parts = add_parts(plan, draft);
  draw_endpoints(plan, parts, spec, draft);
  draw_spines(plan, parts, spec, draft);
  draw_cores(plan, parts, spec, draft);
  return std::make_unique<ClosRouter>(plan, parts, std::move(local), spec);
}

}  // namespace topology::build
