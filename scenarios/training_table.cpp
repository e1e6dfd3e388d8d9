#include "scenarios/training_table.hpp"

#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "scenarios/row_choices.hpp"
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

/// Sources that are one publication count as one when rows are held out.
std::string publisher_of(const std::string& source) {
  return source.starts_with("vtrain") ? "vtrain" : source;
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

sim::StepTime step_time(const sim::TrainingJob& job, const TrainingCase& c,
                        const sim::StepParameters& parameters) {
  const sim::Profiles profiles{
      .device = c.models->device, .collectives = c.models->collectives, .steps = parameters};
  return sim::closed_form(sim::build_step(job, profiles));
}

/// Accelerators of a run, by powers of eight.
std::string scale_of(const TrainingCase& c) {
  if (c.measured() == nullptr) {
    return {};
  }
  const int gpus = c.measured()->job.cluster.gpus;
  return gpus == 1      ? "1"
         : gpus <= 8    ? "2 to 8"
         : gpus <= 64   ? "9 to 64"
         : gpus <= 512  ? "65 to 512"
         : gpus <= 4096 ? "513 to 4,096"
                        : "above 4,096";
}

/// Adds summaries of the rows by one more label; rows without it are left out.
void add_groups(calib::Validation& v, const std::vector<TrainingCase>& cases, const char* name,
                const std::function<std::string(const TrainingCase&)>& label) {
  std::map<std::string, std::vector<calib::ValidationRow>> groups;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (const std::string text = label(cases[i]); !text.empty()) {
      groups[text].push_back(v.rows[i]);
    }
  }
  for (const auto& [text, rows] : groups) {
    v.by[name][text] = calib::summarise(rows);
  }
}

}  // namespace

TrainingTable::TrainingTable(const calib::CsvTable& table, const Catalog& catalog,
                             ProfileStore& profiles) {
  Lookup lookup(catalog);
  const RowCatalog view = lookup.view();
  cases_.reserve(table.rows.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const TableRow row = row_of(table, i);
    const std::string source = short_source(row);
    TrainingCase c{.id = text_or(row, "id", fmt::format("line {}", table.lines[i]).c_str()),
                   .source = source,
                   .publisher = publisher_of(source),
                   .accelerator = text_or(row, "accelerator_id", "a100-80gb-sxm"),
                   .framework = text_or(row, "framework_family", "megatron-deepspeed"),
                   .tier = text_or(row, "tier", ""),
                   .family = text_or(row, "family", ""),
                   .job = job_from_row(row, view)};
    if (auto* job = std::get_if<MeasuredJob>(&c.job)) {
      c.models = &profiles.models(job->job.cluster.accelerator);
      settle(*job, [&c](const sim::TrainingJob& tried) { return step_time(tried, c, {}).step; });
    }
    cases_.push_back(std::move(c));
  }
}

sim::StepTime predict_step(const TrainingCase& c, const sim::StepParameters& parameters) {
  return step_time(c.measured()->job, c, parameters);
}

calib::Validation validate_cases(const std::vector<TrainingCase>& cases,
                                 const sim::StepParameters& parameters) {
  std::vector<calib::ValidationRow> rows;
  rows.reserve(cases.size());
  for (const TrainingCase& c : cases) {
    calib::ValidationRow row;
    row.id = c.id;
    row.accelerator = c.accelerator;
    row.source = c.source;
    row.framework = c.framework;
    if (const auto* reason = std::get_if<std::string>(&c.job)) {
      row.reason = *reason;
    } else {
      const MeasuredJob& job = *c.measured();
      const sim::StepTime time = predict_step(c, parameters);
      row.predicted = time.step.in(units::seconds(1));
      const sim::Bounded<double> band = sim::step_band(
          time.parts, time.step,
          {.device = c.models->device, .collectives = c.models->collectives, .steps = parameters});
      row.low = band.low * *row.predicted;
      row.high = band.high * *row.predicted;
      if (job.measured > units::Seconds{}) {
        row.measured = job.measured.in(units::seconds(1));
      }
      row.notes = job.assumptions;
    }
    rows.push_back(std::move(row));
  }
  calib::Validation v = calib::validation(std::move(rows));
  add_groups(v, cases, "tier", [](const TrainingCase& c) { return c.tier; });
  add_groups(v, cases, "family", [](const TrainingCase& c) { return c.family; });
  add_groups(v, cases, "scale", scale_of);
  return v;
}

}  // namespace scenarios
