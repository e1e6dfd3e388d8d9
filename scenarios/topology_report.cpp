#include "scenarios/topology_report.hpp"

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "topology/network_parts.hpp"

namespace scenarios {

using topology::Bill;
using topology::BillLine;
using topology::ClusterSpec;
using topology::NetworkUse;
using topology::Reach;
using topology::Role;
using topology::VertexKind;

namespace {

std::string count_text(long n) {
  return format_count(static_cast<double>(n));
}

std::string row(std::string_view label, const std::string& value) {
  return fmt::format("  {:<22}{}\n", label, value);
}

std::string range(int low, int high) {
  return low == high ? std::to_string(low) : fmt::format("{} to {}", low, high);
}

std::string range(units::Seconds low, units::Seconds high) {
  return low == high ? format_time(low)
                     : fmt::format("{} to {}", format_time(low), format_time(high));
}

/// Accelerators of each kind, e.g. "1,024 x h100-sxm and 512 x a100-80".
std::string accelerators(const ClusterSpec& spec) {
  int rest = spec.gpus;
  std::string others;
  for (const topology::NodeGroup& group : spec.other_nodes) {
    rest -= group.gpus;
    others += fmt::format(" and {} x {}", count_text(group.gpus), group.accelerator.id);
  }
  return fmt::format("{} x {}{}", count_text(rest), spec.accelerator.id, others);
}

std::string summary(const TopologyReport& r) {
  const ClusterSpec& c = r.spec;
  std::string out = fmt::format("{}: {}, {}, {}\n", c.id.empty() ? "cluster" : c.id,
                                accelerators(c), name(c.fabric), name(c.network));
  std::string nodes = fmt::format("{} of {} accelerators", count_text(c.nodes()), c.gpus_per_node);
  if (c.nic_bandwidth > units::BytesPerSecond{}) {
    nodes += fmt::format(", {} of network for each", format_line_rate(c.nic_bandwidth));
  }
  out += row("nodes", nodes);
  if (c.scale_up_domain > 1) {
    const topology::ScaleUp& net = c.accelerator.scale_up;
    const int domains = (c.gpus + c.scale_up_domain - 1) / c.scale_up_domain;
    out +=
        row("scale-up",
            fmt::format("{} domain{} of {}, {} {} per accelerator and direction",
                        count_text(domains), domains == 1 ? "" : "s", count_text(c.scale_up_domain),
                        net.link.empty() ? "at" : net.link, format_bandwidth(net.bandwidth)));
  }
  if (r.bisection) {
    out += row("bisection",
               fmt::format("{} per direction, {:.4g} % of full",
                           format_bandwidth(r.bisection->bandwidth), 100 * r.bisection->of_full));
  } else {
    out += row("bisection", "not known in closed form for this kind of fabric");
  }
  return out;
}

std::string taper(const TopologyReport& r, Role role) {
  const std::size_t tier = role == Role::Leaf ? 0 : role == Role::Spine ? 1 : 2;
  return tier < r.oversubscription.size() ? fmt::format("{:.3g} : 1", r.oversubscription[tier])
                                          : std::string("-");
}

std::string tiers(const TopologyReport& r) {
  std::string out;
  for (const BillLine& line : r.bill.lines) {
    if (!is_switch(line.role)) {
      continue;
    }
    out += fmt::format("  {:<11}{:<16}{:>8}  {:<20}{:>12}{:>14}\n", name(line.use), name(line.role),
                       count_text(line.count), line.item, count_text(line.ports_used),
                       line.use == NetworkUse::Compute ? taper(r, line.role) : std::string("-"));
  }
  return out.empty()
             ? out
             : fmt::format("\nSwitches\n  {:<11}{:<16}{:>8}  {:<20}{:>12}{:>14}\n", "network",
                           "tier", "count", "product", "ports used", "down : up") +
                   out;
}

std::string side_network(std::string_view label, const topology::SideNetwork& side) {
  return row(label, fmt::format("{} x {} per node, {}, at most {} per node", side.nics_per_node,
                                format_line_rate(side.nic_bandwidth), name(side.network),
                                format_bandwidth(side.node_bandwidth)));
}

std::string side_networks(const ClusterSpec& c) {
  std::string out;
  if (c.storage_network) {
    out += side_network("storage", *c.storage_network);
  }
  if (c.front_end_network) {
    out += side_network("front end", *c.front_end_network);
  }
  return out;
}

std::string reach_table(const std::vector<Reach>& reach) {
  if (reach.empty()) {
    return {};
  }
  std::string out = fmt::format("\nFrom accelerator 0\n  {:<22}{:>9}{:>10}{:>10}  {}\n", "way",
                                "peers", "links", "switches", "latency");
  for (const Reach& one : reach) {
    out +=
        fmt::format("  {:<22}{:>9}{:>10}{:>10}  {}\n", way(one.highest), count_text(one.peers),
                    range(one.min_links, one.max_links), range(one.min_switches, one.max_switches),
                    range(one.min_latency, one.max_latency));
  }
  return out;
}

template <class Quantity>
std::string figure(const std::optional<Quantity>& value, std::string (*text)(Quantity)) {
  return value ? text(*value) : std::string("unknown");
}

std::string bill_table(const Bill& bill) {
  if (bill.lines.empty()) {
    return {};
  }
  std::string out = "\nBill of materials\n";
  out += fmt::format("  {:<10}{:<48}{:>10}{:>12}{:>14}{:>12}{:>22}\n", "network", "item", "count",
                     "W each", "USD each", "power", "price");
  for (const BillLine& line : bill.lines) {
    const std::string what = line.where.empty() ? fmt::format("{} {}", name(line.role), line.item)
                                                : fmt::format("{} ({})", line.item, line.where);
    out += fmt::format(
        "  {:<10}{:<48}{:>10}{:>12}{:>14}{:>12}{:>22}{}\n", name(line.use), what,
        count_text(line.count),
        line.unit_power ? fmt::format("{:g}", line.unit_power->in(units::watts(1))) : "unknown",
        line.unit_price ? fmt::format("{:g}", line.unit_price->in(units::usd(1))) : "unknown",
        figure(line.power(), format_power), figure(line.price(), format_money),
        line.with_node ? "  with the nodes" : "");
  }
  return out;
}

std::string left_out(int lines) {
  return lines == 0 ? std::string()
                    : fmt::format(", leaving out {} line{} whose figure is unknown", lines,
                                  lines == 1 ? "" : "s");
}

template <class Quantity>
std::string total_row(std::string_view label, const topology::Total<Quantity>& total, int gpus,
                      std::string (*text)(Quantity)) {
  const std::string rest = left_out(total.unknown_lines);
  return total.sum == Quantity{} && total.unknown_lines > 0
             ? row(label, "unknown" + rest)
             : row(label, fmt::format("{}, {} per accelerator{}", text(total.sum),
                                      text(total.sum / gpus), rest));
}

std::string totals(const TopologyReport& r) {
  if (r.bill.lines.empty()) {
    return {};
  }
  const int gpus = r.spec.gpus;
  return "\nSwitches, transceivers and cables\n" +
         total_row("power", r.bill.network_power(), gpus, format_power) +
         total_row("price", r.bill.network_price(), gpus, format_money) +
         "Network parts in the nodes, which count with them\n" +
         total_row("power", r.bill.node_power(), gpus, format_power) +
         total_row("price", r.bill.node_price(), gpus, format_money);
}

std::string table(const TopologyReport& r) {
  std::string out = summary(r) + side_networks(r.spec) + tiers(r) + reach_table(r.reach) +
                    bill_table(r.bill) + totals(r);
  for (const std::string& note : r.spec.assumptions) {
    out += fmt::format("\nwarning: {}", note);
  }
  return r.spec.assumptions.empty() ? out : out + "\n";
}

}  // namespace

bool is_switch(Role role) {
  return role == Role::Leaf || role == Role::Spine || role == Role::Core || role == Role::Router ||
         role == Role::OpticalSwitch;
}

std::string_view way(VertexKind highest) {
  switch (highest) {
    case VertexKind::Gpu:
      return "direct links";
    case VertexKind::ScaleUpSwitch:
      return "same scale-up domain";
    case VertexKind::PcieSwitch:
    case VertexKind::Host:
      return "same node, PCIe";
    case VertexKind::Nic:
      return "NIC to NIC";
    case VertexKind::Other:
      return "other devices";
    case VertexKind::Leaf:
      return "same leaf";
    case VertexKind::Router:
      return "routers";
    case VertexKind::Spine:
      return "over a spine";
    case VertexKind::Core:
      return "over a core";
    case VertexKind::Border:
      return "other site";
  }
  return "?";
}

TopologyReport describe_topology(const topology::Cluster& cluster) {
  const ClusterSpec& spec = cluster.spec();
  return {.spec = spec,
          .oversubscription = topology::oversubscription(spec),
          .bisection = topology::bisection(spec),
          .reach = topology::reach_from(cluster, 0),
          .bill = topology::bill_of_materials(cluster)};
}

void print_topology(const TopologyReport& report, OutputFormat format) {
  if (format == OutputFormat::Json) {
    fmt::print("{}\n", topology_json(report));
  } else {
    fmt::print("{}", table(report));
  }
}

}  // namespace scenarios
