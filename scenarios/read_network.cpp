// The parts of a scenario that flow simulation reads: network, placement and neighbours.
#include "calib/collective_profile.hpp"
#include "scenarios/scenario_parts.hpp"
#include "topology/names.hpp"

namespace scenarios {

namespace {

using sim::PlacementRule;
using topology::Named;

constexpr std::array kPlacements{Named<PlacementRule>{PlacementRule::Packed, "packed"},
                                 Named<PlacementRule>{PlacementRule::RailAligned, "rail-aligned"},
                                 Named<PlacementRule>{PlacementRule::Scattered, "scattered"}};

std::optional<PlacementRule> placement_from_name(std::string_view name) {
  return topology::value_in(kPlacements, name);
}

PlacementWords read_placement(const Values& in) {
  if (in.is_list("placement")) {
    return {.rule = PlacementRule::Listed, .nodes = in.integers("placement")};
  }
  return {.rule = in.word("placement", PlacementRule::Packed, placement_from_name, "packed")};
}

std::optional<units::Seconds> maybe_time(const Values& in, std::string_view key) {
  return in.has(key) ? std::optional(in.quantity<units::Seconds>(key)) : std::nullopt;
}

FaultWords read_fault(const Values& in) {
  return {.what = in.text("what"),
          .where = in.where("what"),
          .at = in.quantity("at", units::Seconds{}),
          .lasts = maybe_time(in, "for"),
          .every = maybe_time(in, "every"),
          .left = in.has("left") ? in.number("left") : 0.0};
}

}  // namespace

NetworkConditions read_network(const Values& scenario, topology::NetworkKind kind) {
  NetworkConditions network;
  const Values in = scenario.map("network");
  network.routing = topology::customary_routing(kind);
  network.routing = in.word("routing", network.routing, topology::routing_from_name,
                            topology::name(network.routing), "what the technology does");
  const calib::FabricEfficiency measured = calib::fabric_efficiency(kind, network.routing);
  network.efficiency = in.number("efficiency", measured.share, measured.source);
  network.failover = in.quantity("failover", network.failover);
  for (const Values& fault : in.items("faults")) {
    network.faults.push_back(read_fault(fault));
  }
  const Values cluster = scenario.map("cluster");
  if (cluster.has("fabric_gpus")) {
    network.fabric_gpus = cluster.integer("fabric_gpus");
  }
  network.placement = read_placement(scenario);
  for (const Values& neighbour : scenario.items("neighbours")) {
    const topology::Location where = neighbour.where("scenario");
    network.neighbours.push_back(
        {.scenario = std::filesystem::path(where.file).parent_path() / neighbour.text("scenario"),
         .where = where,
         .placement = read_placement(neighbour)});
  }
  return network;
}

}  // namespace scenarios
