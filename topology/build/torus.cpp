// Accelerators on a torus (TPU pods): no switches, no NICs.
#include <algorithm>
#include <utility>

#include "topology/build/torus_grid.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {
class TorusRouter final : public Router {
 public:
  explicit TorusRouter(TorusGrid grid) : grid_(std::move(grid)) {}
  bool route(Walk& walk, int from, int to, const RouteRequest& request) const override {
    return grid_.route(walk, VertexId{0}, from, to, request);
  }

 private:
  TorusGrid grid_;
};

/// Bandwidth of one cable: as stated for a peer, else the accelerator's share over two cables per
/// axis. TPU v5e: 200 GB/s over 4 cables = 50 GB/s.
units::BytesPerSecond cable_bandwidth(const ScaleUp& net, const TorusGrid& grid) {
  if (net.peer_bandwidth > units::BytesPerSecond{}) {
    return net.peer_bandwidth;
  }
  if (net.bandwidth <= units::BytesPerSecond{}) {
    throw InputError({}, "accelerator.scale_up.bandwidth",
                     "a torus needs the bandwidth of its links");
  }
  return net.bandwidth / std::max(1, grid.cables_per_device());
}
}  // namespace

std::unique_ptr<Router> build_torus(const ClusterSpec& spec, Draft& draft) {
  const ScaleUp& net = spec.accelerator.scale_up;
  TorusGrid grid(plan_torus(spec));
  grid.draw(draft, VertexId{0}, cable_bandwidth(net, grid), net.latency);
  return std::make_unique<TorusRouter>(std::move(grid));
}

}  // namespace topology::build
