#include "gui/forms/fabric_draft.hpp"

#include <algorithm>
#include <cmath>
#include <exception>

#include <QCoreApplication>

#include "gui/words.hpp"
#include "scenarios/scenario.hpp"
#include "topology/bill_of_materials.hpp"
#include "topology/fabric_facts.hpp"
#include "topology/hardware.hpp"

namespace gui {

namespace {

struct Fabrics {
  Q_DECLARE_TR_FUNCTIONS(fabrics)
};

QString word(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

Cell figure(double value) {
  return {{}, value};
}
template <class Quantity>
Cell figure(const std::optional<Quantity>& value) {
  return figure(value ? value->base() : std::nan(""));
}

QString source_of(const topology::BillLine& line) {
  const topology::Provenance& from =
      line.price_from.source.empty() ? line.power_from : line.price_from;
  return from.source.empty()
             ? Fabrics::tr("not known")
             : QString::fromStdString(from.source) +
                   (from.as_of.empty() ? "" : " (" + QString::fromStdString(from.as_of) + ")");
}

std::vector<std::vector<Cell>> rows_of(const topology::Bill& bill) {
  std::vector<std::vector<Cell>> rows;
  for (const topology::BillLine& line : bill.lines) {
    rows.push_back({{word(name(line.use))},
                    {word(name(line.role))},
                    {QString::fromStdString(line.item)},
                    figure(static_cast<double>(line.count)),
                    figure(line.power()),
                    figure(line.price()),
                    {QString::fromStdString(line.where)},
                    {source_of(line)}});
  }
  return rows;
}

QString summary_of(const topology::ClusterSpec& spec, const topology::Bill& bill) {
  const auto power = bill.network_power();
  const auto price = bill.network_price();
  QStringList said{Fabrics::tr("%1 accelerators in %2 nodes.")
                       .arg(count_text(spec.gpus), count_text(spec.nodes()))};
  if (const auto halves = topology::bisection(spec)) {
    said << Fabrics::tr("Between the halves: %1, %2 of what the NICs of one can send.")
                .arg(bandwidth_text(halves->bandwidth.base()), percent_text(halves->of_full));
  }
  said << Fabrics::tr("Network: %1, %2.")
              .arg(power_text(power.sum.base()), money_text(price.sum.base()));
  if (price.unknown_lines > 0) {
    said << Fabrics::tr("%1 lines have no price in the catalog and are left out of the sum.")
                .arg(price.unknown_lines);
  }
  return said.join(" ");
}

std::vector<Column> columns() {
  return {{"network", Fabrics::tr("Network")},
          {"role", Fabrics::tr("Part")},
          {"item", Fabrics::tr("Item")},
          {"count", Fabrics::tr("Count"), &count_text},
          {"power_w", Fabrics::tr("Power"), &power_text},
          {"price_usd", Fabrics::tr("Price"), &money_text},
          {"where", Fabrics::tr("Where")},
          {"source", Fabrics::tr("Source")}};
}

}  // namespace

FabricShape shape_of(const QString& kind) {
  switch (
      topology::fabric_from_name(kind.toStdString()).value_or(topology::FabricKind::SingleDomain)) {
    case topology::FabricKind::Dragonfly:
      return FabricShape::Dragonfly;
    case topology::FabricKind::DragonflyPlus:
      return FabricShape::DragonflyPlus;
    case topology::FabricKind::Torus:
      return FabricShape::Torus;
    case topology::FabricKind::SingleDomain:
    case topology::FabricKind::Custom:
      return FabricShape::Single;
    default:
      return FabricShape::Clos;
  }
}

QString FabricDraft::value() const {
  QStringList fabric;
  const auto add = [](QStringList& to, const char* key, const QString& text) {
    if (!text.isEmpty()) {
      to << QString("%1: %2").arg(key, text);
    }
  };
  const FabricShape shape = shape_of(kind);
  add(fabric, "kind", kind);
  add(fabric, "network", network);
  add(fabric, "node", node);
  if (shape == FabricShape::Torus) {
    add(fabric, "scale_up_domain", gpus);
    add(fabric, "torus", torus);
    add(fabric, "optical_cube", optical_cube);
    add(fabric, "twisted", twisted);
  } else {
    add(fabric, "switch", network_switch);
  }
  if (shape == FabricShape::Clos) {
    add(fabric, "nodes_per_leaf", nodes_per_leaf);
    add(fabric, "leaf_oversubscription", leaf_oversubscription);
    add(fabric, "spine_oversubscription", spine_oversubscription);
  }
  if (shape == FabricShape::Dragonfly || shape == FabricShape::DragonflyPlus) {
    QStringList group;
    add(group, "switches", switches);
    add(group, "endpoints", endpoints);
    add(group, "spines", shape == FabricShape::DragonflyPlus ? spines : QString());
    add(group, "global_links", global_links);
    add(fabric, "dragonfly", "{" + group.join(", ") + "}");
  }
  QStringList cluster{"fabric: {" + fabric.join(", ") + "}"};
  add(cluster, "gpus", gpus);
  if (!nic_bandwidth.isEmpty() && shape != FabricShape::Torus) {
    cluster << "overrides: {nic.bandwidth: " + nic_bandwidth + "}";
  }
  return "{" + cluster.join(", ") + "}";
}

FabricDraft draft_of(const Checked& now) {
  const auto said = [&now](const char* key) {
    const scenarios::Explained* known = explained(now, QString("cluster.") + key);
    return known == nullptr || known->source.starts_with("default")
               ? QString()
               : QString::fromStdString(known->value);
  };
  // Another speed than that of the node's NICs is the fabric's own.
  const scenarios::Explained* speed = explained(now, "cluster.nic.bandwidth");
  const scenarios::Explained* nic = explained(now, "cluster.node.nic");
  const bool own_nic =
      speed != nullptr && nic != nullptr && !speed->source.starts_with("catalog " + nic->value);
  return {.node = said("node"),
          .kind = said("kind"),
          .network = said("network"),
          .network_switch = said("switch"),
          .gpus = now.scenario ? QString::number(now.scenario->cluster.gpus) : QString(),
          .nic_bandwidth = own_nic ? said("nic.bandwidth") : QString(),
          .nodes_per_leaf = said("nodes_per_leaf"),
          .leaf_oversubscription = said("leaf_oversubscription"),
          .spine_oversubscription = said("spine_oversubscription"),
          .switches = said("dragonfly.switches"),
          .endpoints = said("dragonfly.endpoints"),
          .spines = said("dragonfly.spines"),
          .global_links = said("dragonfly.global_links"),
          .torus = said("torus").replace(",", ", "),
          .optical_cube = said("optical_cube"),
          .twisted = said("twisted")};
}

void propose_groups(FabricDraft& draft, int ports) {
  const bool plus = shape_of(draft.kind) == FabricShape::DragonflyPlus;
  const auto fill = [](QString& field, int value) {
    field = field.isEmpty() ? QString::number(std::max(1, value)) : field;
  };
  fill(draft.switches, ports / 2);
  fill(draft.endpoints, plus ? ports / 2 : ports / 4);
  fill(draft.global_links, plus ? ports / 2 : ports / 4);
  if (plus) {
    fill(draft.spines, ports / 2);
  }
}

FabricPreview preview_of(const Subject& subject, const FabricDraft& draft,
                         const scenarios::Catalog& catalog) {
  FabricPreview preview;
  try {
    const QString text = with_settings(subject, {{"cluster", draft.value()}});
    const scenarios::Scenario s = scenarios::load_scenario_text(
        text.toStdString(), subject.path.toStdString(), {}, catalog, scenarios::LayoutIs::Searched);
    const topology::Bill bill = topology::bill_of_materials(s.cluster);
    preview.summary = summary_of(s.cluster, bill);
    preview.columns = columns();
    preview.rows = rows_of(bill);
  } catch (const std::exception& e) {
    preview.complaint = QString::fromUtf8(e.what());
  }
  return preview;
}

}  // namespace gui
