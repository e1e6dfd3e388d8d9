#include "sim/collective/collective.hpp"

#include <algorithm>

#include "sim/collective/impl/algorithms.hpp"

namespace sim {

namespace {

/// Switches on the way between two domains: the leaf alone, or leaf, spine and leaf.
int switches_passed(const topology::ClusterSpec& cluster, int domains) {
  return domains <= cluster.nodes_per_leaf ? 1 : 3;
}

}  // namespace

impl::Across impl::across_domains(const topology::ClusterSpec& cluster,
                                  const calib::CollectiveProfile& profile, Collective op,
                                  units::Bytes size, const Group& group) {
  const int per_domain = std::max(1, group.per_domain);
  const int domains = (group.ranks + per_domain - 1) / per_domain;
  const topology::ScaleUp& scale_up = cluster.accelerator.scale_up;
  return {.profile = profile,
          .network = profile.network(cluster.network),
          .scale_up = scale_up,
          .op = op,
          .size = size,
          .ranks = group.ranks,
          .per_domain = per_domain,
          .domains = domains,
          .domain_rate = calib::domain_rate(profile, scale_up, std::max(2, per_domain)),
          .line_rate = cluster.nic_bandwidth,
          .wire_latency =
              cluster.nic_latency +
              cluster.switch_latency * static_cast<double>(switches_passed(cluster, domains)),
          .in_network_reduction = cluster.in_network_reduction,
          .leaf_domains = cluster.nodes_per_leaf,
          .oversubscription = cluster.leaf_oversubscription};
}

namespace {

using impl::Across;
using impl::Candidate;

/// Keeps the fastest of the allowed candidates.
class Choice {
 public:
  explicit Choice(Allowed allowed) : allowed_(allowed) {}
  [[nodiscard]] bool allows(Algorithm algorithm, Protocol protocol) const {
    return allowed_.has(algorithm) && allowed_.has(protocol);
  }
  void offer(const Candidate& candidate) {
    if (!best_ || candidate.time.total() < best_->time.total()) {
      best_ = candidate;
    }
  }
  [[nodiscard]] const std::optional<Candidate>& best() const { return best_; }

 private:
  Allowed allowed_;
  std::optional<Candidate> best_;
};

/// What no library chooses by itself.
void offer_others(Choice& choice, const Across& across) {
  if (choice.allows(Algorithm::HalvingDoubling, Protocol::Simple)) {
    choice.offer(impl::halving_doubling(across));
  }
  const bool splits = across.op == Collective::AllReduce && across.per_domain > 1;
  if (splits && choice.allows(Algorithm::Hierarchical, Protocol::Simple)) {
    choice.offer(impl::hierarchical(across));
  }
}

void offer_rings_and_trees(Choice& choice, const Across& across) {
  const bool reduces_all = across.op == Collective::AllReduce;
  for (const Protocol protocol : calib::kProtocols) {
    if (choice.allows(Algorithm::Ring, protocol)) {
      choice.offer(impl::ring(across, protocol));
    }
    if (reduces_all && choice.allows(Algorithm::Tree, protocol)) {
      choice.offer(impl::tree(across, protocol));
    }
  }
  if (reduces_all && choice.allows(Algorithm::NvlsTree, Protocol::Simple)) {
    if (const auto candidate = impl::in_switch_tree(across)) {
      choice.offer(*candidate);
    }
  }
  for (const Algorithm collnet : {Algorithm::CollNetDirect, Algorithm::CollNetChain}) {
    if (reduces_all && across.in_network_reduction && choice.allows(collnet, Protocol::Simple)) {
      if (const auto candidate = impl::in_network(across, collnet)) {
        choice.offer(*candidate);
      }
    }
  }
  const bool moves_shards =
      across.op == Collective::AllGather || across.op == Collective::ReduceScatter;
  if (moves_shards && across.per_domain == 1 && choice.allows(Algorithm::Pat, Protocol::Simple)) {
    choice.offer(impl::parallel_aggregated_trees(across));
  }
}

std::optional<Candidate> best_across(const Across& across, Allowed allowed) {
  Choice choice(allowed);
  const bool pairwise = across.op == Collective::AllToAll || across.op == Collective::SendRecv;
  if (!pairwise) {
    offer_rings_and_trees(choice, across);
    if (!calib::is_stream(across.op)) {
      offer_others(choice, across);
    }
  } else if (choice.allows(Algorithm::Pairwise, Protocol::Simple)) {
    choice.offer(across.op == Collective::SendRecv ? impl::send(across) : impl::all_to_all(across));
  }
  const bool forwards = across.op == Collective::AllToAll && across.per_domain > 1;
  if (forwards && choice.allows(Algorithm::Hierarchical, Protocol::Simple)) {
    choice.offer(impl::hierarchical_all_to_all(across));
  }
  return choice.best();
}

std::optional<Candidate> best_inside(const topology::ClusterSpec& cluster,
                                     const calib::CollectiveProfile& profile, Collective op,
                                     units::Bytes size, int ranks, Allowed allowed) {
  const topology::ScaleUp& scale_up = cluster.accelerator.scale_up;
  std::optional<calib::CollectiveTime> time;
  if (scale_up.kind != topology::ScaleUpKind::Torus) {
    time = calib::domain_time(profile, scale_up, op, size, ranks, allowed);
  } else if (allowed.has(Algorithm::Torus) && allowed.has(Protocol::Simple)) {
    time = impl::torus(cluster, profile, op, size, ranks);
  }
  return time ? std::optional(Candidate{*time, units::Bytes{}}) : std::nullopt;
}

CollectiveCost cost_of(const Candidate& best) {
  CollectiveCost cost{.time = best.time.total(),
                      .latency = best.time.latency,
                      .wire_bytes = best.wire_bytes,
                      .rate = {},
                      .algorithm = best.time.algorithm,
                      .protocol = best.time.protocol};
  if (best.wire_bytes > units::Bytes{}) {
    cost.rate = best.wire_bytes / best.time.transfer;
  }
  return cost;
}

}  // namespace

std::optional<CollectiveCost> collective_cost(const topology::ClusterSpec& cluster,
                                              const calib::CollectiveProfile& profile,
                                              Collective op, units::Bytes size, const Group& group,
                                              Allowed allowed) {
  if (group.ranks <= 1 || (size <= units::Bytes{} && op != Collective::Barrier)) {
    return CollectiveCost{};
  }
  if (op == Collective::Barrier) {
    constexpr units::Bytes kElement = units::bytes(4);
    return collective_cost(cluster, profile, Collective::AllReduce, kElement, group, allowed);
  }
  const bool inside = group.per_domain >= group.ranks;
  const auto best =
      inside ? best_inside(cluster, profile, op, size, group.ranks, allowed)
             : best_across(impl::across_domains(cluster, profile, op, size, group), allowed);
  return best ? std::optional(cost_of(*best)) : std::nullopt;
}

CollectiveCost collective_cost(const topology::ClusterSpec& cluster,
                               const calib::CollectiveProfile& profile, Collective op,
                               units::Bytes size, const Group& group) {
  return *collective_cost(cluster, profile, op, size, group, Allowed{});
}

std::vector<CollectiveCost> collective_candidates(const topology::ClusterSpec& cluster,
                                                  const calib::CollectiveProfile& profile,
                                                  Collective op, units::Bytes size,
                                                  const Group& group, Allowed allowed) {
  std::vector<CollectiveCost> costs;
  for (int a = 0; a <= static_cast<int>(Algorithm::Hierarchical); ++a) {
    const auto algorithm = static_cast<Algorithm>(a);
    for (const Protocol protocol : calib::kProtocols) {
      if (!allowed.has(algorithm) || !allowed.has(protocol)) {
        continue;
      }
      const auto cost = collective_cost(cluster, profile, op, size, group,
                                        allowed.only(algorithm).only(protocol));
      if (cost && cost->time > units::Seconds{}) {
        costs.push_back(*cost);
      }
    }
  }
  std::stable_sort(costs.begin(), costs.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  return costs;
}

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
    case Collective::Reduce:
      break;
    case Collective::Barrier:
      return 0.0;
  }
  return 1.0;
}

}  // namespace sim
