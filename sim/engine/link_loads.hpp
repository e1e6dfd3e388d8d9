#pragma once
// How busy a flow simulation kept the links of the cluster. Internal to sim/engine.
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/engine/flow.hpp"
#include "sim/engine/network.hpp"
#include "sim/engine/traffic.hpp"
#include "topology/cluster.hpp"

namespace sim {

class LinkLoads {
 public:
  /// Loads over `time`, in all `states` of health together; utilisation is of the whole bandwidth.
  LinkLoads(const topology::Cluster& cluster, const Traffic& traffic, const Network& network,
            std::size_t states, units::Seconds time);
  /// The busiest channels (links or trunks), at most 10 kinds.
  [[nodiscard]] std::vector<LinkLoad> busiest() const;
  /// Every link that carried something; a trunk's bytes fall on its links by their bandwidth.
  [[nodiscard]] std::vector<LinkLoad> all() const;
  /// What each of `loads`, from all(), carried by kind; kinds that nothing was carried for are left
  /// out. `kind_of`: of a route.
  struct ByKind {
    std::vector<std::uint32_t> kinds;  ///< ascending
    std::vector<units::Bytes> bytes;   ///< [loads x kinds]
  };
  using KindOf = std::function<std::uint32_t(Network::RouteId)>;
  [[nodiscard]] ByKind by_kind(const std::vector<LinkLoad>& loads, const KindOf& kind_of) const;

 private:
  [[nodiscard]] LinkLoad load(topology::LinkId channel, units::Bytes carried) const;

  const topology::Cluster& cluster_;
  const Network& network_;
  std::size_t states_;
  units::Seconds time_;
  std::vector<units::Bytes> carried_;  // by channel
  std::vector<std::uint32_t> kind_;    // by channel, in the first state
  const Traffic& traffic_;
};

}  // namespace sim
