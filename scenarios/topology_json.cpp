#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/topology_report.hpp"

namespace scenarios {

using nlohmann::ordered_json;
using topology::Bill;
using topology::BillLine;
using topology::ClusterSpec;
using topology::Reach;
using topology::Role;

namespace {

template <class Quantity>
ordered_json number(const std::optional<Quantity>& value) {
  return value ? ordered_json(value->base()) : ordered_json(nullptr);
}

ordered_json source_json(const topology::Provenance& from) {
  if (from.source.empty()) {
    return nullptr;
  }
  return {{"source", from.source},
          {"as_of", from.as_of},
          {"evidence", from.evidence.empty() ? "read" : from.evidence}};
}

ordered_json bill_json(const Bill& bill) {
  ordered_json list = ordered_json::array();
  for (const BillLine& line : bill.lines) {
    list.push_back({{"network", name(line.use)},
                    {"role", name(line.role)},
                    {"item", line.item},
                    {"where", line.where},
                    {"count", line.count},
                    {"ports_used", line.ports_used},
                    {"unit_power_w", number(line.unit_power)},
                    {"power_w", number(line.power())},
                    {"power_from", source_json(line.power_from)},
                    {"unit_price_usd", number(line.unit_price)},
                    {"price_usd", number(line.price())},
                    {"price_from", source_json(line.price_from)},
                    {"with_node", line.with_node}});
  }
  return list;
}

template <class Power, class Price>
ordered_json total_json(const Power& power, const Price& price, int gpus) {
  return {{"power_w", power.sum.base()},
          {"power_per_gpu_w", power.sum.base() / gpus},
          {"power_unknown_lines", power.unknown_lines},
          {"price_usd", price.sum.base()},
          {"price_per_gpu_usd", price.sum.base() / gpus},
          {"price_unknown_lines", price.unknown_lines}};
}

ordered_json side_json(const std::optional<topology::SideNetwork>& side) {
  if (!side) {
    return nullptr;
  }
  return {{"network", name(side->network)},
          {"nics_per_node", side->nics_per_node},
          {"nic_bandwidth_bytes_per_s", side->nic_bandwidth.base()},
          {"node_bandwidth_bytes_per_s", side->node_bandwidth.base()},
          {"oversubscription", side->oversubscription}};
}

ordered_json groups_json(const ClusterSpec& c) {
  ordered_json groups = ordered_json::array();
  int rest = c.gpus;
  for (const topology::NodeGroup& group : c.other_nodes) {
    rest -= group.gpus;
    groups.push_back({{"accelerator", group.accelerator.id}, {"gpus", group.gpus}});
  }
  groups.insert(groups.begin(), ordered_json{{"accelerator", c.accelerator.id}, {"gpus", rest}});
  return groups;
}

ordered_json reach_json(const std::vector<Reach>& reach) {
  ordered_json list = ordered_json::array();
  for (const Reach& one : reach) {
    list.push_back({{"way", way(one.highest)},
                    {"peers", one.peers},
                    {"min_links", one.min_links},
                    {"max_links", one.max_links},
                    {"min_switches", one.min_switches},
                    {"max_switches", one.max_switches},
                    {"min_latency_s", one.min_latency.base()},
                    {"max_latency_s", one.max_latency.base()}});
  }
  return list;
}

ordered_json switches_json(const TopologyReport& r) {
  ordered_json list = ordered_json::array();
  for (const BillLine& line : r.bill.lines) {
    if (is_switch(line.role)) {
      list.push_back({{"network", name(line.use)},
                      {"tier", name(line.role)},
                      {"count", line.count},
                      {"product", line.item},
                      {"ports_used", line.ports_used}});
    }
  }
  return list;
}

ordered_json cables_json(const Bill& bill) {
  std::map<std::string, long> cables;
  for (const BillLine& line : bill.lines) {
    if (line.role == Role::Cable) {
      cables[fmt::format("{}: {}", name(line.use), line.where)] += line.count;
    }
  }
  return cables;
}

}  // namespace

std::string topology_json(const TopologyReport& r) {
  const ClusterSpec& c = r.spec;
  ordered_json j;
  j["cluster"] = c.id;
  j["fabric"] = name(c.fabric);
  j["network"] = name(c.network);
  j["gpus"] = c.gpus;
  j["accelerators"] = groups_json(c);
  j["nodes"] = c.nodes();
  j["gpus_per_node"] = c.gpus_per_node;
  j["scale_up_domain_gpus"] = c.scale_up_domain;
  j["scale_up_bandwidth_bytes_per_s"] = c.accelerator.scale_up.bandwidth.base();
  j["nic_bandwidth_bytes_per_s"] = c.nic_bandwidth.base();
  j["oversubscription"] = r.oversubscription;
  j["bisection_bytes_per_s"] =
      r.bisection ? ordered_json(r.bisection->bandwidth.base()) : ordered_json(nullptr);
  j["bisection_of_full"] = r.bisection ? ordered_json(r.bisection->of_full) : ordered_json(nullptr);
  j["storage_network"] = side_json(c.storage_network);
  j["front_end_network"] = side_json(c.front_end_network);
  j["switches"] = switches_json(r);
  j["cables"] = cables_json(r.bill);
  j["reach_from_gpu_0"] = reach_json(r.reach);
  j["bill_of_materials"] = bill_json(r.bill);
  j["network_total"] = total_json(r.bill.network_power(), r.bill.network_price(), c.gpus);
  j["in_nodes_total"] = total_json(r.bill.node_power(), r.bill.node_price(), c.gpus);
  j["warnings"] = c.assumptions;
  return j.dump(2);
}

}  // namespace scenarios
