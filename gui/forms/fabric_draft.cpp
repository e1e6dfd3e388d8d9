#include "gui/forms/fabric_draft.hpp"

#include <cmath>
#include <exception>

#include <QCoreApplication>

#include "gui/words.hpp"
#include "scenarios/scenario.hpp"
#include "topology/bill_of_materials.hpp"
#include "topology/fabric_facts.hpp"

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

QString FabricDraft::value() const {
  QStringList fabric;
  const auto add = [](QStringList& to, const char* key, const QString& text) {
    if (!text.isEmpty()) {
      to << QString("%1: %2").arg(key, text);
    }
  };
  add(fabric, "kind", kind);
  add(fabric, "network", network);
  add(fabric, "node", node);
  add(fabric, "switch", network_switch);
  add(fabric, "nodes_per_leaf", nodes_per_leaf);
  add(fabric, "leaf_oversubscription", leaf_oversubscription);
  add(fabric, "spine_oversubscription", spine_oversubscription);
  QStringList cluster{"fabric: {" + fabric.join(", ") + "}"};
  add(cluster, "gpus", gpus);
  if (!nic_bandwidth.isEmpty()) {
    cluster << "overrides: {nic.bandwidth: " + nic_bandwidth + "}";
  }
  return "{" + cluster.join(", ") + "}";
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
