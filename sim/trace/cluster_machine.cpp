#include "sim/trace/cluster_machine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/engine/between_switches.hpp"
#include "topology/error.hpp"

namespace sim {

using topology::Precision;
using units::Bytes;
using units::Seconds;

namespace {

Collective counterpart(TraceCollective op) {
  switch (op) {
    case TraceCollective::AllReduce:
      return Collective::AllReduce;
    case TraceCollective::Barrier:
      return Collective::Barrier;
    case TraceCollective::Reduce:
      return Collective::Reduce;
    case TraceCollective::AllGather:
      return Collective::AllGather;
    case TraceCollective::AllToAll:
      return Collective::AllToAll;
    case TraceCollective::ReduceScatter:
    case TraceCollective::ReduceScatterBlock:
      return Collective::ReduceScatter;
    case TraceCollective::Gather:
    case TraceCollective::Scatter:
    case TraceCollective::Broadcast:
      break;
  }
  return Collective::Broadcast;
}

/// nccl-tests' largest buffer of a call, see collective_cost.
Bytes largest_buffer(const CollectiveCall& call, std::size_t ranks) {
  return call.op == TraceCollective::AllGather ? call.size * static_cast<double>(ranks) : call.size;
}

}  // namespace

ClusterMachine::ClusterMachine(const topology::Cluster& cluster, const calib::DeviceProfile& device,
                               const calib::CollectiveProfile& collectives, Network& network,
                               topology::Routing routing, double fabric_efficiency,
                               TraceCompute compute)
    : cluster_(cluster),
      device_(device),
      collectives_(collectives),
      network_(network),
      routing_(routing),
      compute_(compute) {
  for (topology::LinkId i = 0; i < cluster.channel_count(); ++i) {
    const double share = between_switches(cluster, i) ? fabric_efficiency : 1.0;
    network.add_link(share * cluster.capacity(i, {.routing = routing}));
  }
}

Seconds ClusterMachine::compute_time(int rank, const TraceNode& node) const {
  const bool has_work = node.operations > units::Flops{} || node.traffic > Bytes{};
  const bool recorded = node.duration > Seconds{};
  if (!has_work || node.on_cpu || (recorded && compute_ == TraceCompute::Recorded)) {
    return node.duration;
  }
  const topology::Accelerator& accelerator = cluster_.spec().accelerator_of(rank);
  const units::FlopsPerSecond peak = accelerator.peak_for(Precision::Bf16);
  if (node.operations > units::Flops{} && peak <= units::FlopsPerSecond{}) {
    throw topology::InputError({}, accelerator.id,
                               "has no 16-bit peak, so num_ops of the traces say nothing about it");
  }
  const Seconds products = node.operations > units::Flops{} ? node.operations / peak : Seconds{};
  return std::max(products, calib::memory_time(device_, node.traffic));
}

int ClusterMachine::domain(int rank) const {
  return rank / std::max(1, cluster_.spec().scale_up_domain);
}

CollectiveCost ClusterMachine::cost(const CollectiveCall& call,
                                    const TraceCommunicator& group) const {
  const auto ranks = static_cast<int>(group.members.size());
  std::vector<int> domains;
  domains.reserve(group.members.size());
  for (const int r : group.members) {
    domains.push_back(domain(r));
  }
  std::sort(domains.begin(), domains.end());
  const auto end = std::unique(domains.begin(), domains.end());
  const auto spread = std::max(1, static_cast<int>(end - domains.begin()));
  return collective_cost(cluster_.spec(), collectives_, counterpart(call.op),
                         largest_buffer(call, group.members.size()),
                         {.ranks = ranks, .per_domain = (ranks + spread - 1) / spread});
}

std::uint32_t ClusterMachine::start(const CollectiveCall& call, const TraceCommunicator& group,
                                    std::uint64_t tag) {
  const CollectiveCost c = cost(call, group);
  if (c.wire_bytes <= Bytes{}) {
    network_.after(c.time, tag);
    return 1;
  }
  return flows(call, group, c, tag);
}

/// Every member's NIC sends to its like in the next domain; in an all-to-all to those in all other
/// domains. The same flows as sim/engine/flow.cpp starts for a step.
std::uint32_t ClusterMachine::flows(const CollectiveCall& call, const TraceCommunicator& group,
                                    const CollectiveCost& c, std::uint64_t tag) {
  std::vector<std::vector<int>> by_domain;
  std::vector<int> order(group.members);
  std::stable_sort(order.begin(), order.end(),
                   [this](int a, int b) { return domain(a) < domain(b); });
  for (const int r : order) {
    if (by_domain.empty() || domain(by_domain.back().front()) != domain(r)) {
      by_domain.emplace_back();
    }
    by_domain.back().push_back(r);
  }
  const std::size_t domains = by_domain.size();
  const bool pairwise = counterpart(call.op) == Collective::AllToAll;
  const std::size_t targets = pairwise ? domains - 1 : 1;
  for (std::size_t d = 0; d < domains; ++d) {
    for (std::size_t i = 0; i < by_domain[d].size(); ++i) {
      for (std::size_t t = 1; t <= targets; ++t) {
        const std::vector<int>& next = by_domain[(d + t) % domains];
        flow(by_domain[d][i], next[i % next.size()], c, 1.0 / static_cast<double>(targets), tag);
      }
    }
  }
  return static_cast<std::uint32_t>(group.members.size() * targets);
}

void ClusterMachine::flow(int from, int to, const CollectiveCost& c, double share,
                          std::uint64_t tag) {
  // The same two ranks always take the same path.
  const std::uint64_t pair =
      static_cast<std::uint64_t>(from) << 32U | static_cast<std::uint32_t>(to);
  const auto [route, is_new] = routes_.try_emplace(pair);
  if (is_new) {
    if (!cluster_.route_into(from, to, {.routing = routing_, .flow = pair}, way_)) {
      throw topology::InputError({}, cluster_.spec().id,
                                 fmt::format("has no way from GPU {} to GPU {}", from, to));
    }
    route->second = network_.add_route(way_);
  }
  network_.start_flow(c.wire_bytes * share, c.latency, route->second, c.rate * share, tag);
}

void ClusterMachine::send(const Message& m, std::uint64_t tag) {
  const bool inside = domain(m.source) == domain(m.destination);
  const CollectiveCost c = collective_cost(cluster_.spec(), collectives_, Collective::SendRecv,
                                           m.size, {.ranks = 2, .per_domain = inside ? 2 : 1});
  if (c.wire_bytes > Bytes{}) {
    flow(m.source, m.destination, c, 1.0, tag);
  } else {
    network_.after(c.time, tag);
  }
}

std::vector<LinkLoad> ClusterMachine::busiest(Seconds total) const {
  std::vector<LinkLoad> loads;
  for (topology::LinkId i = 0; i < cluster_.channel_count(); ++i) {
    const Bytes carried = network_.carried(i);
    if (carried > Bytes{}) {
      const auto capacity = cluster_.capacity(i, {.routing = routing_});
      loads.push_back({.link = i, .carried = carried, .utilisation = carried / (capacity * total)});
    }
  }
  constexpr std::size_t kShown = 10;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(kShown, loads.size()));
  std::partial_sort(
      loads.begin(), loads.begin() + shown, loads.end(), [](const LinkLoad& a, const LinkLoad& b) {
        return a.utilisation != b.utilisation ? a.utilisation > b.utilisation : a.link < b.link;
      });
  loads.resize(static_cast<std::size_t>(shown));
  for (LinkLoad& load : loads) {
    load.label = cluster_.channel_label(load.link);
  }
  return loads;
}

std::vector<std::string> simplifications(const Matching& matching) {
  const auto uses = [&](auto... ops) {
    return std::any_of(matching.calls.begin(), matching.calls.end(),
                       [&](const CollectiveCall& c) { return ((c.op == ops) || ...); });
  };
  std::vector<std::string> all = matching.warnings;
  if (uses(TraceCollective::Gather, TraceCollective::Scatter)) {
    all.emplace_back("gather and scatter are costed as a broadcast of the full buffer");
  }
  return all;
}

}  // namespace sim
