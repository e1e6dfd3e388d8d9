#include "topology/build/nic_router.hpp"

#include <utility>

namespace topology::build {

NicRouter::NicRouter(const ClusterSpec& spec, Locality local, VertexId nic, Sender sender)
    : gpus_(spec.gpus),
      gpus_per_node_(spec.gpus_per_node),
      local_(std::move(local)),
      nic_(nic),
      sender_(sender) {}

bool NicRouter::route(Walk& walk, int from, int to, const RouteRequest& request) const {
  if (local_.walk(walk, from, to) && walk.intact()) {
    return true;
  }
  if (attempt(walk, from, relay(from, to), to, to, request)) {
    return true;
  }
  return !walk.all_up() && detour(walk, from, to, request);
}

int NicRouter::relay(int from, int to) const {
  if (sender_ == Sender::Own || !local_.forwards) {
    return from;
  }
  const int on_rail = from / gpus_per_node_ * gpus_per_node_ + to % gpus_per_node_;
  return on_rail < gpus_ && local_.scale_up->joins(from, on_rail) ? on_rail : from;
}

/// Another NIC of either node where the right ones are lost, reached over scale-up; a lost link of
/// the scale-up is gone round by the GPU's own NIC. Starts beside the lost one, so that the
/// neighbours of several lost NICs share the load.
bool NicRouter::detour(Walk& walk, int from, int to, const RouteRequest& request) const {
  if (attempt(walk, from, from, to, to, request)) {
    return true;
  }
  if (!local_.forwards) {
    return false;
  }
  const int node = gpus_per_node_;
  for (int i = 0; i < node; ++i) {
    const int receiver = to / node * node + (to + i) % node;
    for (int j = 0; j < node; ++j) {
      const int sender = from / node * node + (receiver + j) % node;
      const bool reaches = receiver < gpus_ && sender < gpus_ &&
                           local_.scale_up->joins(from, sender) &&
                           local_.scale_up->joins(to, receiver);
      if (reaches && attempt(walk, from, sender, receiver, to, request)) {
        return true;
      }
    }
  }
  return false;
}

bool NicRouter::attempt(Walk& walk, int from, int sender, int receiver, int to,
                        const RouteRequest& request) const {
  walk.restart();
  if (sender != from) {
    local_.scale_up->walk(walk, from, sender);
  }
  walk.to(nic_of(sender));
  if (!cross(walk, sender, receiver, request)) {
    return false;
  }
  walk.to(static_cast<VertexId>(receiver));
  if (receiver != to) {
    local_.scale_up->walk(walk, receiver, to);
  }
  return walk.intact();
}

}  // namespace topology::build
