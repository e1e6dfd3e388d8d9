#pragma once
// What all fabrics with NICs have in common: the way from a GPU to a NIC and from a NIC to a GPU,
// and other NICs where one is lost. Internal to topology.
#include "topology/build/scale_up.hpp"

namespace topology::build {

class NicRouter : public Router {
 public:
  /// Scale-up and the host come first; where a link there is lost, the NICs.
  bool route(Walk& walk, int from, int to, const RouteRequest& request) const final;

 protected:
  /// Whose NIC sends to another node.
  enum class Sender {
    Own,    ///< the GPU's own
    OnRail  ///< that of the neighbour on the destination's rail, if scale-up reaches it. Source:
            ///< NCCL's PXN (PCI x NVLink), NVIDIA developer blog on NCCL 2.12, 2022.
  };
  /// `nic` is the vertex of the NIC of GPU 0; the others follow.
  NicRouter(const ClusterSpec& spec, Locality local, VertexId nic, Sender sender);

  /// Walks from the sender's NIC to the receiver's. False where that is not possible.
  virtual bool cross(Walk& walk, int sender, int receiver, const RouteRequest& request) const = 0;

  [[nodiscard]] VertexId nic_of(int gpu) const { return nic_ + static_cast<VertexId>(gpu); }
  [[nodiscard]] int gpus_per_node() const { return gpus_per_node_; }

 private:
  [[nodiscard]] int relay(int from, int to) const;
  bool detour(Walk& walk, int from, int to, const RouteRequest& request) const;
  bool attempt(Walk& walk, int from, int sender, int receiver, int to,
               const RouteRequest& request) const;

  int gpus_, gpus_per_node_;
  Locality local_;
  VertexId nic_;
  Sender sender_;
};

}  // namespace topology::build
