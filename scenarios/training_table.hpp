#pragma once
// A table of measured training runs, ready to be predicted many times: rows are read, resolved and
// matched with their device models once.
#include <optional>
#include <string>
#include <vector>

#include "calib/csv.hpp"
#include "calib/validation.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/training_row.hpp"
#include "sim/engine/closed_form.hpp"
#include "sim/step/parameters.hpp"

namespace scenarios {

/// One row. Labels are texts of the table; empty where it has none.
struct TrainingCase {
  std::string id, source, publisher, accelerator, framework, tier, family;
  RowJob job;  ///< or why there is none
  const DeviceModels* models = nullptr;

  /// The job; null where the row cannot be simulated.
  [[nodiscard]] const MeasuredJob* measured() const { return std::get_if<MeasuredJob>(&job); }
};

/// Rows of one table. Refers to `profiles`.
class TrainingTable {
 public:
  TrainingTable(const calib::CsvTable& table, const Catalog& catalog, ProfileStore& profiles);

  [[nodiscard]] const std::vector<TrainingCase>& cases() const { return cases_; }

 private:
  std::vector<TrainingCase> cases_;
};

/// Closed-form prediction. @pre the case has a job
sim::StepTime predict_step(const TrainingCase& c, const sim::StepParameters& parameters);

/// All rows with their errors, by accelerator, source, framework, tier, family, scale and
/// precision.
calib::Validation validate_cases(const std::vector<TrainingCase>& cases,
                                 const sim::StepParameters& parameters);

}  // namespace scenarios
