#include "sim/engine/traffic_flows.hpp"

#include <algorithm>
#include <span>

namespace sim {

using units::Seconds;

TrafficFlows::TrafficFlows(const Traffic& traffic, const HealthCourse& course, Network& network,
                           Seconds failover)
    : traffic_(traffic), course_(course), network_(network), failover_(failover) {
  add_links();
  add_routes();
}

void TrafficFlows::add_links() {
  for (std::size_t link = 0; link < traffic_.links(); ++link) {
    // A channel of which nothing is left has no flows; the engine wants a rate all the same.
    const units::BytesPerSecond rate = traffic_.capacity(link);
    network_.add_link(rate > units::BytesPerSecond{} ? rate : units::bytes_per_second(1));
  }
}

/// Without faults a worker's flows of a role share a route; with them each has its own in every
/// state of health, since a fault may concern one alone.
void TrafficFlows::add_routes() {
  std::vector<std::span<const Hop>> ways;
  const bool faults = !course_.changes.empty();
  for (std::uint32_t flow = 0; faults && flow < traffic_.flows(); ++flow) {
    for (std::size_t state = 0; state < course_.states.size(); ++state) {
      network_.add_route(traffic_.hops(flow, state));
    }
  }
  for (WorkerId w = 0; !faults && w < traffic_.workers(); ++w) {
    for (std::uint32_t role = 0; role < Role::kCount; ++role) {
      const auto [first, last] = traffic_.flows(w, role);
      ways.clear();
      for (std::uint32_t flow = first; flow < last; ++flow) {
        ways.push_back(traffic_.hops(flow, 0));
      }
      network_.add_route(ways);
    }
  }
}

Network::RouteId TrafficFlows::route_of(std::uint32_t flow) const {
  return static_cast<Network::RouteId>(flow * course_.states.size() + state_);
}

std::uint16_t TrafficFlows::start(WorkerId w, std::uint32_t role, const CollectiveCost& cost,
                                  std::uint64_t tag) {
  if (course_.changes.empty()) {
    network_.start_flow(cost.wire_bytes, cost.latency, w * Role::kCount + role, cost.rate, tag);
    return 1;
  }
  const auto [first, last] = traffic_.flows(w, role);
  for (std::uint32_t flow = first; flow < last; ++flow) {
    const Network::FlowId id =
        network_.start_flow(cost.wire_bytes, cost.latency, route_of(flow), cost.rate, tag);
    if (id != Network::kNoFlow) {
      live_.resize(std::max(live_.size(), id + std::size_t{1}));
      live_[id] = flow;
    }
  }
  return static_cast<std::uint16_t>(last - first);
}

std::optional<Seconds> TrafficFlows::next_change() const {
  return changes_done_ < course_.changes.size()
             ? std::optional(course_.changes[changes_done_].first)
             : std::nullopt;
}

void TrafficFlows::change() {
  const std::size_t before = state_;
  state_ = course_.changes[changes_done_++].second;
  for (Network::FlowId id = 0; id < live_.size(); ++id) {
    if (network_.under_way(id)) {
      const std::span<const Hop> hops = traffic_.hops(live_[id], before);
      const bool lost = std::any_of(hops.begin(), hops.end(), [&](const Hop& hop) {
        return traffic_.loses(hop.link, before, state_);
      });
      network_.reroute(id, route_of(live_[id]), lost ? failover_ : Seconds{});
    }
  }
}

}  // namespace sim
