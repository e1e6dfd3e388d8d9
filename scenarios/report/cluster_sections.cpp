// What the job runs on: tiers, cables, bill, busiest links.
#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/report/sections.hpp"
#include "topology/device_graph.hpp"

namespace scenarios {

namespace {

using topology::BillLine;

std::string counted(std::size_t count) {
  return format_count(static_cast<double>(count));
}

/// Networks are told in bits, links between accelerators in bytes.
std::string cables_text(std::size_t count, units::BytesPerSecond each, bool scale_up) {
  return fmt::format("{} x {}", counted(count),
                     scale_up ? format_bandwidth(each) : format_line_rate(each));
}

std::string tier_name(const Tier& t, const topology::ClusterSpec& c) {
  using topology::VertexKind;
  switch (t.kind) {
    case VertexKind::Gpu:
      return fmt::format("{} {}", counted(t.count), c.accelerator.id);
    case VertexKind::Nic:
      return fmt::format("{} NICs", counted(t.count));
    case VertexKind::Leaf:
    case VertexKind::Spine:
    case VertexKind::Core:
      return fmt::format("{} {} switches", counted(t.count), topology::name(t.kind));
    case VertexKind::ScaleUpSwitch:
      return fmt::format("{} scale-up domains, each with its switch", counted(t.count));
    default:
      return fmt::format("{} {}s", counted(t.count), topology::name(t.kind));
  }
}

Figure tiers_figure(const Fabric& fabric) {
  const topology::ClusterSpec& c = fabric.facts.spec;
  Figure f{.title = "Tiers",
           .svg = {},
           .note =
               "Devices of the compute network by tier, and the cables (or links inside nodes) "
               "to the tier below, each at its rate per direction.",
           .legend = {},
           .numbers = {}};
  f.numbers.columns = {{"tier", Align::Text},
                       {"cables to the next below", Align::Text},
                       {"cables among themselves", Align::Text}};
  std::vector<TierBox> boxes;
  for (const Tier& t : fabric.tiers) {
    const bool scale_up = t.kind == topology::VertexKind::Gpu;
    const std::string below = t.cables_below > 0
                                  ? cables_text(t.cables_below, t.bandwidth_below, scale_up)
                                  : std::string();
    const std::string inside = t.cables_inside > 0
                                   ? cables_text(t.cables_inside, t.bandwidth_inside, scale_up)
                                   : std::string();
    boxes.push_back({.text = tier_name(t, c),
                     .detail = inside.empty() ? inside : inside + " among themselves",
                     .below = below});
    f.numbers.rows.push_back({tier_name(t, c), below, inside});
  }
  f.svg = tier_chart(f.title, boxes);
  return f;
}

Facts fabric_facts(const TopologyReport& r) {
  const topology::ClusterSpec& c = r.spec;
  Facts facts{
      {"cluster", fmt::format("{}: {} x {}, {}, {}", c.id, format_count(c.gpus), c.accelerator.id,
                              topology::name(c.fabric), topology::name(c.network))},
      {"nodes", fmt::format("{} of {} accelerators", format_count(c.nodes()), c.gpus_per_node)}};
  if (r.bisection) {
    facts.push_back({"bisection", fmt::format("{} per direction, {:.4g} % of full",
                                              format_bandwidth(r.bisection->bandwidth),
                                              100 * r.bisection->of_full)});
  }
  const auto power = r.bill.network_power();
  const auto price = r.bill.network_price();
  if (!r.bill.lines.empty()) {
    facts.push_back(
        {"network power", fmt::format("{}{}", format_power(power.sum),
                                      power.unknown_lines > 0 ? ", unknown lines left out" : "")});
    facts.push_back(
        {"network price", fmt::format("{}{}", format_money(price.sum),
                                      price.unknown_lines > 0 ? ", unknown lines left out" : "")});
  }
  return facts;
}

std::string cited(const topology::Provenance& from) {
  return from.source.empty() ? std::string()
                             : fmt::format("{} ({}{})", from.source, from.as_of,
                                           from.evidence.empty() ? "" : ", " + from.evidence);
}

Table bill_table(const topology::Bill& bill) {
  Table t{.caption = "Bill of the networks",
          .columns = {{"item", Align::Text},
                      {"network", Align::Text},
                      {"count"},
                      {"W each"},
                      {"USD each"},
                      {"price"},
                      {"source of the price", Align::Text}},
          .rows = {},
          .folded = true};
  for (const BillLine& line : bill.lines) {
    t.rows.push_back(
        {line.where.empty() ? fmt::format("{} {}", topology::name(line.role), line.item)
                            : fmt::format("{} ({})", line.item, line.where),
         std::string(topology::name(line.use)), format_count(static_cast<double>(line.count)),
         line.unit_power ? fmt::format("{:g}", line.unit_power->base()) : "unknown",
         line.unit_price ? fmt::format("{:g}", line.unit_price->base()) : "unknown",
         line.with_node ? "with the nodes"
         : line.price() ? format_money(*line.price())
                        : "unknown",
         cited(line.price_from)});
  }
  return t;
}

Table links_table(const Prediction& p) {
  Table t{.caption = "Busiest links of a step",
          .columns = {{"link", Align::Text}, {"busy"}, {"carried"}, {"alike"}},
          .rows = {}};
  for (const sim::LinkLoad& l : p.busiest_links) {
    t.rows.push_back(
        {l.label, format_share(l.utilisation), format_bytes(l.carried), format_count(l.alike)});
  }
  return t;
}

}  // namespace

Section topology_section(const Findings& f) {
  if (!f.fabric.value) {
    return left_out("topology", "Cluster and network", f.fabric.why_not);
  }
  const Fabric& fabric = *f.fabric.value;
  Section s{.id = "topology", .title = "Cluster and network", .blocks = {}};
  s.blocks.emplace_back(facts_table(fabric_facts(fabric.facts)));
  s.blocks.emplace_back(tiers_figure(fabric));
  if (!f.step.busiest_links.empty()) {
    s.blocks.emplace_back(links_table(f.step));
  } else {
    s.blocks.emplace_back(
        Paragraph{f.step.fidelity == Fidelity::Flow
                      ? std::string("No transfer of the step leaves a scale-up domain.")
                      : f.no_flow + " Only flow simulation knows the load of links."});
  }
  if (!f.step.conditions.empty()) {
    s.blocks.emplace_back(BulletList{.title = "Conditions", .items = f.step.conditions});
  }
  if (!fabric.facts.bill.lines.empty()) {
    s.blocks.emplace_back(bill_table(fabric.facts.bill));
  }
  return s;
}

}  // namespace scenarios
