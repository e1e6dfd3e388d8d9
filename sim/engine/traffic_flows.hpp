#pragma once
// The flows of a traffic on a network: its links and routes, the starts of flows, and what becomes
// of them where the health of links changes. Internal to sim/engine.
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/engine/health_course.hpp"
#include "sim/engine/network.hpp"
#include "sim/engine/traffic.hpp"

namespace sim {

class TrafficFlows {
 public:
  /// Adds links and routes to `network`. All three outlive it.
  TrafficFlows(const Traffic& traffic, const HealthCourse& course, Network& network,
               units::Seconds failover);

  /// Starts the flows of all kinds of ranks of a worker; returns how often their ends are told.
  std::uint16_t start(WorkerId worker, std::uint32_t role, const CollectiveCost& cost,
                      std::uint64_t tag);

  /// When the health of links changes next; nothing: not any more.
  [[nodiscard]] std::optional<units::Seconds> next_change() const;
  /// Flows that are under way go on over the links of the new state; those that lost a link only
  /// after the fail-over time.
  /// @pre next_change()
  void change();

 private:
  void add_links();
  void add_routes();
  [[nodiscard]] Network::RouteId route_of(std::uint32_t flow) const;

  const Traffic& traffic_;
  const HealthCourse& course_;
  Network& network_;
  units::Seconds failover_;
  std::size_t state_ = 0, changes_done_ = 0;
  std::vector<std::uint32_t> live_;  ///< flow of the traffic by id; only kept where faults come
};

}  // namespace sim
