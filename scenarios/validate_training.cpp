#include <map>
#include <utility>

#include <fmt/format.h>

#include "scenarios/profiles.hpp"
#include "scenarios/training_row.hpp"
#include "scenarios/validate.hpp"
#include "sim/engine/closed_form.hpp"
#include "sim/report/step_report.hpp"
#include "sim/step/build.hpp"

namespace scenarios {

namespace {

TableRow row_of(const calib::CsvTable& table, std::size_t index) {
  TableRow row;
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    row.emplace(table.header[c], table.rows[index][c]);
  }
  return row;
}

std::string text_or(const TableRow& row, std::string_view column, const char* otherwise) {
  const auto it = row.find(column);
  return it == row.end() || it->second.empty() ? otherwise : it->second;
}

/// The part of a row's id before the dash names the publication: "kor22-003".
std::string short_source(const TableRow& row) {
  const std::string id = text_or(row, "id", "");
  return id.empty() ? "vtrain_single" : id.substr(0, id.find('-'));
}

/// Accelerators and frameworks of the catalog, each read once.
class Lookup {
 public:
  explicit Lookup(const Catalog& catalog) : catalog_(catalog) {
    for (const std::string& name : catalog.names(EntryKind::Model)) {
      models_.push_back(catalog.model(name));
    }
  }
  RowCatalog view() {
    return {.accelerator =
                [this](std::string_view id) {
                  return cached(accelerators_, id, [this](std::string_view name) {
                    return catalog_.accelerator(name);
                  });
                },
            .framework =
                [this](std::string_view id) {
                  return cached(frameworks_, id,
                                [this](std::string_view name) { return catalog_.framework(name); });
                },
            .models = models_};
  }

 private:
  template <class T, class Read>
  const T& cached(std::map<std::string, T, std::less<>>& known, std::string_view id,
                  const Read& read) {
    const auto it = known.find(id);
    return it != known.end() ? it->second : known.emplace(std::string(id), read(id)).first->second;
  }
  const Catalog& catalog_;
  std::vector<sim::ModelSpec> models_;
  std::map<std::string, topology::Accelerator, std::less<>> accelerators_;
  std::map<std::string, sim::Framework, std::less<>> frameworks_;
};

calib::ValidationRow predict(const TableRow& row, const RowCatalog& catalog,
                             ProfileStore& profiles) {
  calib::ValidationRow out;
  out.accelerator = text_or(row, "accelerator_id", "a100-80gb-sxm");
  out.source = short_source(row);
  out.framework = text_or(row, "framework_family", "megatron-deepspeed");
  RowJob job = job_from_row(row, catalog);
  if (const auto* reason = std::get_if<std::string>(&job)) {
    out.reason = *reason;
    return out;
  }
  const auto& measured = std::get<MeasuredJob>(job);
  const DeviceModels& models = profiles.models(measured.job.cluster.accelerator);
  const sim::StepGraph graph =
      sim::build_step(measured.job, {.device = models.device, .collectives = models.collectives});
  const sim::StepTime time = sim::closed_form(graph);
  out.predicted = time.step.in(units::seconds(1));
  const sim::Bounded<double> band =
      sim::step_band(time.parts, time.step,
                     {.device = models.device, .collectives = models.collectives});
  out.low = band.low * *out.predicted;
  out.high = band.high * *out.predicted;
  if (measured.measured > units::Seconds{}) {
    out.measured = measured.measured.in(units::seconds(1));
  }
  out.notes = measured.assumptions;
  return out;
}

}  // namespace

calib::Validation validate_training(const calib::CsvTable& table, const Catalog& catalog,
                                    ProfileStore& profiles) {
  Lookup lookup(catalog);
  const RowCatalog view = lookup.view();
  std::vector<calib::ValidationRow> rows;
  rows.reserve(table.rows.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const TableRow row = row_of(table, i);
    rows.push_back(predict(row, view, profiles));
    rows.back().id = text_or(row, "id", fmt::format("line {}", table.lines[i]).c_str());
  }
  return calib::validation(std::move(rows));
}

}  // namespace scenarios
