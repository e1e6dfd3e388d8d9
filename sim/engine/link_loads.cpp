#include "sim/engine/link_loads.hpp"

#include <algorithm>
#include <set>

namespace sim {

LinkLoads::LinkLoads(const topology::Cluster& cluster, const Traffic& traffic,
                     const Network& network, std::size_t states, units::Seconds time)
    : cluster_(cluster), network_(network), states_(states), time_(time), traffic_(traffic) {
  std::vector<units::Bytes> of_link;
  for (std::uint32_t link = 0; link < traffic.links(); ++link) {
    of_link.push_back(network.carried(link));
  }
  for (topology::LinkId channel = 0; channel < cluster.channel_count(); ++channel) {
    units::Bytes sum;
    for (std::size_t state = 0; state < states; ++state) {
      sum += of_link[traffic.link_of(channel, state)];
    }
    carried_.push_back(sum);
    kind_.push_back(traffic.kind_of(channel, 0));
  }
}

LinkLoad LinkLoads::load(topology::LinkId channel, units::Bytes carried) const {
  return {.link = channel,
          .carried = carried,
          .utilisation = carried / (cluster_.capacity(channel) * time_),
          .alike = 1,
          .label = cluster_.channel_label(channel)};
}

std::vector<LinkLoad> LinkLoads::busiest() const {
  constexpr std::size_t kShown = 10;
  std::vector<topology::LinkId> order;
  std::vector<char> seen(traffic_.links(), 0);
  for (topology::LinkId channel = 0; channel < carried_.size(); ++channel) {
    if (carried_[channel] > units::Bytes{} && seen[kind_[channel]] == 0) {
      seen[kind_[channel]] = 1;  // the first of each kind
      order.push_back(channel);
    }
  }
  const auto utilisation = [this](topology::LinkId id) {
    return carried_[id] / cluster_.capacity(id);
  };
  const std::size_t shown = std::min(kShown, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](topology::LinkId a, topology::LinkId b) {
                      const auto [x, y] = std::pair(utilisation(a), utilisation(b));
                      return x != y ? x > y : a < b;
                    });
  std::vector<LinkLoad> loads;
  for (std::size_t i = 0; i < shown; ++i) {
    loads.push_back(load(order[i], carried_[order[i]]));
    loads.back().alike = traffic_.alike(kind_[order[i]]);
  }
  return loads;
}

std::vector<LinkLoad> LinkLoads::all() const {
  std::vector<units::Bytes> bytes(cluster_.link_count());
  std::vector<std::uint32_t> alike(cluster_.link_count(), 1);
  for (topology::LinkId channel = 0; channel < carried_.size(); ++channel) {
    if (carried_[channel] == units::Bytes{}) {
      continue;
    }
    const units::BytesPerSecond whole = cluster_.capacity(channel);
    const auto members = cluster_.members(channel);
    const auto count = static_cast<std::uint32_t>(members.size());
    for (const topology::LinkId id : members) {
      bytes[id] += carried_[channel] * (cluster_.link(id).bandwidth / whole);
      alike[id] = std::max(alike[id], traffic_.alike(kind_[channel]) * count);
    }
  }
  std::vector<LinkLoad> loads;
  for (topology::LinkId id = 0; id < bytes.size(); ++id) {
    if (bytes[id] > units::Bytes{}) {
      loads.push_back(load(id, bytes[id]));
      loads.back().alike = alike[id];
    }
  }
  return loads;
}

LinkLoads::ByKind LinkLoads::by_kind(const std::vector<LinkLoad>& loads,
                                     const KindOf& kind_of) const {
  std::set<std::uint32_t> seen;
  const auto each_of = [this, &kind_of](std::uint32_t link, const auto& see) {
    network_.carried_by_route(link, [&](Network::RouteId route, units::Bytes sent) {
      if (sent > units::Bytes{}) {
        see(kind_of(route), sent);
      }
    });
  };
  for (std::uint32_t link = 0; link < traffic_.links(); ++link) {
    each_of(link, [&seen](std::uint32_t kind, units::Bytes /*sent*/) { seen.insert(kind); });
  }
  ByKind found{.kinds = {seen.begin(), seen.end()}, .bytes = {}};
  const std::size_t kinds = found.kinds.size();
  std::vector<units::Bytes> of_link(traffic_.links() * kinds);
  for (std::uint32_t link = 0; link < traffic_.links(); ++link) {
    each_of(link, [&](std::uint32_t kind, units::Bytes sent) {
      const auto place = std::lower_bound(found.kinds.begin(), found.kinds.end(), kind);
      of_link[link * kinds + static_cast<std::size_t>(place - found.kinds.begin())] += sent;
    });
  }
  std::vector<std::size_t> row_of(cluster_.link_count(), loads.size());
  for (std::size_t row = 0; row < loads.size(); ++row) {
    row_of[loads[row].link] = row;
  }
  found.bytes.resize(loads.size() * kinds);
  for (topology::LinkId channel = 0; channel < carried_.size(); ++channel) {
    if (carried_[channel] == units::Bytes{}) {
      continue;
    }
    const units::BytesPerSecond whole = cluster_.capacity(channel);
    for (const topology::LinkId id : cluster_.members(channel)) {
      const double share = cluster_.link(id).bandwidth / whole;
      for (std::size_t state = 0; state < states_; ++state) {
        const std::size_t link = traffic_.link_of(channel, state);
        for (std::size_t kind = 0; kind < kinds; ++kind) {
          found.bytes[row_of[id] * kinds + kind] += of_link[link * kinds + kind] * share;
        }
      }
    }
  }
  return found;
}

}  // namespace sim
