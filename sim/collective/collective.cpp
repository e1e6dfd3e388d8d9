#include "sim/collective/collective.hpp"

#include <algorithm>

namespace sim {

double busbw_factor(Collective op, int ranks) {
  if (ranks <= 1) {
    return 0.0;
  }
  const double n = ranks;
  switch (op) {
    case Collective::AllReduce:
      return 2.0 * (n - 1.0) / n;
    case Collective::AllGather:
    case Collective::ReduceScatter:
    case Collective::AllToAll:
      return (n - 1.0) / n;
    case Collective::Broadcast:
    case Collective::SendRecv:
      return 1.0;
  }
  return 1.0;
}

CollectiveCost collective_cost(const topology::ClusterSpec& cluster,
                               const calib::CollectiveProfile& profile, Collective op,
                               units::Bytes size, const Group& group) {
  if (group.ranks <= 1 || size <= units::Bytes{}) {
    return {};
  }
  const bool across = group.per_domain < group.ranks;
  const units::Bytes sent = size * busbw_factor(op, group.ranks);
  const units::Bytes wire = across ? sent / static_cast<double>(group.per_domain) : units::Bytes{};
  const units::Seconds inside = sent / (cluster.accelerator.scale_up.bandwidth * profile.efficiency);
  const units::Seconds outside =
      across ? wire / (cluster.nic_bandwidth * profile.efficiency) : units::Seconds{};
  const units::Seconds transfer =
      across ? (group.per_domain > 1 ? std::max(inside, outside) : outside) : inside;
  const units::Seconds latency = units::microseconds(10);
  CollectiveCost cost;
  cost.time = latency + transfer;
  cost.latency = latency;
  cost.wire_bytes = wire;
  cost.rate = across ? wire / transfer : units::BytesPerSecond{};
  return cost;
}

}  // namespace sim
