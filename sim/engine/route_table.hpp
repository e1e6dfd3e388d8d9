#pragma once
// The links of a network and the routes over them. A route is one or more ways, each a list of
// hops; what a flow needs of its way is worked out once here, however often the way is taken.
// Internal to sim/engine.
#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/network.hpp"

namespace sim {

class RouteTable {
 public:
  static constexpr std::uint32_t kNone = ~0U;

  std::uint32_t add_link(double capacity);
  Network::RouteId add(std::span<const std::span<const Hop>> ways);

  [[nodiscard]] const std::vector<double>& capacities() const { return capacity_; }
  [[nodiscard]] std::size_t size() const { return first_way_.size() - 1; }

  /// Ways are numbered over all routes; those of one follow each other.
  [[nodiscard]] std::uint32_t first_way(Network::RouteId route) const { return first_way_[route]; }
  [[nodiscard]] std::uint32_t way_count(Network::RouteId route) const {
    return first_way_[route + 1] - first_way_[route];
  }
  /// The rate per unit of weight at which a flow has its way to itself, bytes/s.
  [[nodiscard]] double reach(std::uint32_t way) const { return ways_[way].reach; }
  /// The links of a way, one for each hop.
  [[nodiscard]] std::span<const std::uint32_t> links(std::uint32_t way) const {
    return std::span(link_).subspan(ways_[way].first_hop, ways_[way].hop_count);
  }
  /// How often one of its hops crosses the link.
  [[nodiscard]] double weight(std::uint32_t way, std::uint32_t hop) const {
    return ways_[way].plain ? 1.0 : weight_[ways_[way].first_hop + hop];
  }

  /// A hop of a route over a link.
  struct Crossing {
    Network::RouteId route = 0;
    std::uint32_t way = 0;       ///< among those of the route
    std::uint32_t hop = 0;       ///< in the hops of the way
    std::uint32_t next = kNone;  ///< number of the next one over the same link
  };
  /// The first of those over a link, or kNone.
  [[nodiscard]] std::uint32_t first_crossing(std::uint32_t link) const { return first_over_[link]; }
  [[nodiscard]] const Crossing& crossing(std::uint32_t number) const { return crossing_[number]; }
  /// Puts the crossings of each link side by side in memory. Invalidates their numbers.
  void sort_crossings();

 private:
  struct Way {
    double reach = 0.0;
    std::uint32_t first_hop = 0;
    std::uint32_t hop_count = 0;
    bool plain = true;  ///< all its weights are 1: nothing else has to be read
  };
  void add_way(Network::RouteId route, std::span<const Hop> hops);

  std::vector<double> capacity_;             // bytes/s by link
  std::vector<std::uint32_t> first_over_;    // crossing by link
  std::vector<std::uint32_t> first_way_{0};  // by route
  std::vector<Way> ways_;
  std::vector<std::uint32_t> link_;  // by hop
  std::vector<double> weight_;       // by hop
  std::vector<Crossing> crossing_;
};

}  // namespace sim
