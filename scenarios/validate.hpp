#pragma once
// `gpuplan validate`: predictions against a table of measurements.
#include <filesystem>
#include <string>
#include <vector>

#include "calib/csv.hpp"
#include "calib/validation.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/simulate.hpp"

namespace scenarios {

enum class ValidationKind { Training, Gemm, Attention, Collectives };

struct ValidateOptions {
  std::filesystem::path table;
  ValidationKind kind = ValidationKind::Training;
  std::vector<std::string>
      where;                     ///< "tier=A": only rows whose column has that text; all must hold
  std::filesystem::path out;     ///< the rows with prediction, error and reason; empty: none
  std::filesystem::path report;  ///< a page of all errors (HTML), for training runs; empty: none
  OutputFormat format = OutputFormat::Table;
  std::filesystem::path profile;  ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
  std::filesystem::path write_band;  ///< the band of measured steps (training only); empty: none
  double fail_above = 0.0;  ///< exit code 1 if the median error is larger; 0: never
};

/// Writes the summary to stdout. Returns the exit code.
/// @throws topology::InputError, topology::RuntimeFailure
int validate(const ValidateOptions& options);

/// Closed-form predictions of a table of training runs, in seconds per step; rows that cannot be
/// simulated say why.
calib::Validation validate_training(const calib::CsvTable& table, const Catalog& catalog,
                                    ProfileStore& profiles);

}  // namespace scenarios
