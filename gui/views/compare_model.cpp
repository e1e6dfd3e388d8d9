#include "gui/views/compare_model.hpp"

#include "gui/words.hpp"

namespace gui {

namespace {

double figure(const Result& r, int column) {
  switch (column) {
    case CompareModel::Step:
      return r.step_s;
    case CompareModel::Mfu:
      return r.mfu;
    case CompareModel::Tokens:
      return r.tokens_per_s;
    case CompareModel::Memory:
      return r.memory_bytes;
    case CompareModel::Power:
      return r.power_w;
    case CompareModel::Energy:
      return r.energy_j;
    case CompareModel::Gpus:
      return r.gpus;
    default:
      return 0;
  }
}

QString figure_text(const Result& r, int column) {
  const double value = figure(r, column);
  switch (column) {
    case CompareModel::Step:
      return time_text(value);
    case CompareModel::Mfu:
      return percent_text(value);
    case CompareModel::Memory:
      return bytes_text(value) + (r.fits ? "" : " (!)");
    case CompareModel::Power:
      return power_text(value);
    case CompareModel::Energy:
      return energy_text(value);
    default:
      return count_text(value);
  }
}

}  // namespace

void CompareModel::show_rows(std::vector<Compared> rows) {
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

int CompareModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int CompareModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QString CompareModel::cell(const Compared& row, int column) const {
  if (column == Name) {
    return row.title + (row.stale ? tr(" (out of date)") : QString());
  }
  if (!row.result) {
    return "–";
  }
  if (column == Fidelity) {
    return row.result->flow ? tr("flow") : tr("closed form");
  }
  QString text = figure_text(*row.result, column);
  const Result* first = rows_.front().result.get();
  if (first != nullptr && first != row.result.get() && figure(*first, column) > 0) {
    const double change = figure(*row.result, column) / figure(*first, column) - 1;
    text += QString("  %1%2 %").arg(change < 0 ? "" : "+").arg(100 * change, 0, 'f', 1);
  }
  return text;
}

QVariant CompareModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) {
    return {};
  }
  if (role == Qt::DisplayRole || role == Qt::ToolTipRole) {
    return cell(rows_[static_cast<std::size_t>(index.row())], index.column());
  }
  if (role == Qt::TextAlignmentRole && index.column() != Name) {
    return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
  }
  return {};
}

QVariant CompareModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole) {
    return {};
  }
  if (orientation == Qt::Vertical) {
    return section == 0 ? tr("baseline") : QString::number(section);
  }
  const QStringList names{tr("Scenario"),    tr("Step time"),    tr("MFU"),
                          tr("Tokens/s"),    tr("Memory"),       tr("Power"),
                          tr("Energy/step"), tr("Accelerators"), tr("By")};
  return names.value(section);
}

QString CompareModel::csv() const {
  QString text =
      "scenario,step_time_s,mfu,tokens_per_s,memory_bytes,power_w,energy_j_per_step,gpus,"
      "fidelity\n";
  for (const Compared& row : rows_) {
    text += '"' + QString(row.title).replace('"', "\"\"") + '"';
    for (int column = Step; column <= Gpus; ++column) {
      text +=
          ',' + (row.result ? QString::number(figure(*row.result, column), 'g', 12) : QString());
    }
    text += row.result ? (row.result->flow ? ",flow\n" : ",closed-form\n") : ",\n";
  }
  return text;
}

}  // namespace gui
