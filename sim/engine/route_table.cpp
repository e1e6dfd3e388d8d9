#include "sim/engine/route_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "topology/error.hpp"

namespace sim {

using topology::expects;

std::uint32_t RouteTable::add_link(double capacity) {
  expects(capacity > 0.0 && std::isfinite(capacity), "a link needs a positive capacity");
  capacity_.push_back(capacity);
  first_over_.push_back(kNone);
  return static_cast<std::uint32_t>(capacity_.size() - 1);
}

/// A way without hops is left out: its bytes arrive no later than those on any other.
Network::RouteId RouteTable::add(std::span<const std::span<const Hop>> ways) {
  const auto route = static_cast<Network::RouteId>(size());
  for (const std::span<const Hop> hops : ways) {
    if (!hops.empty()) {
      add_way(route, hops);
    }
  }
  first_way_.push_back(static_cast<std::uint32_t>(ways_.size()));
  return route;
}

void RouteTable::add_way(Network::RouteId route, std::span<const Hop> hops) {
  Way way{.reach = std::numeric_limits<double>::infinity(),
          .first_hop = static_cast<std::uint32_t>(link_.size()),
          .hop_count = static_cast<std::uint32_t>(hops.size())};
  for (const Hop& hop : hops) {
    expects(hop.link < capacity_.size(), "a route may only cross links that were added");
    expects(hop.weight > 0.0, "the weight of a hop is positive");
    way.reach = std::min(way.reach, capacity_[hop.link] / hop.weight);
    way.plain = way.plain && hop.weight == 1.0;
    crossing_.push_back({.route = route,
                         .way = static_cast<std::uint32_t>(ways_.size()) - first_way_.back(),
                         .hop = static_cast<std::uint32_t>(link_.size()) - way.first_hop,
                         .next = first_over_[hop.link]});
    first_over_[hop.link] = static_cast<std::uint32_t>(crossing_.size() - 1);
    link_.push_back(hop.link);
    weight_.push_back(hop.weight);
  }
  ways_.push_back(way);
}

void RouteTable::sort_crossings() {
  std::vector<Crossing> sorted;
  sorted.reserve(crossing_.size());
  for (std::uint32_t& first : first_over_) {
    std::uint32_t at =
        std::exchange(first, first == kNone ? kNone : static_cast<std::uint32_t>(sorted.size()));
    while (at != kNone) {
      sorted.push_back(crossing_[at]);
      at = std::exchange(sorted.back().next, crossing_[at].next == kNone
                                                 ? kNone
                                                 : static_cast<std::uint32_t>(sorted.size()));
    }
  }
  crossing_ = std::move(sorted);
}

}  // namespace sim
