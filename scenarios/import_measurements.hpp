#pragma once
// `gpuplan import nccl-tests|silicon-csv|kineto|dcgm`: other tools' measurements as records.
#include <filesystem>
#include <vector>

#include "calib/import/any.hpp"
#include "scenarios/simulate.hpp"

namespace scenarios {

struct ImportMeasurementsOptions {
  std::vector<std::filesystem::path> files;
  calib::MeasurementFormat as = calib::MeasurementFormat::NcclTests;
  calib::Description known;   ///< holds for all files
  std::filesystem::path out;  ///< empty: the records go to stdout
  OutputFormat format = OutputFormat::Table;
};

/// Writes the records of all files, a run (or more) each, to `out` or stdout. With `out`, a summary
/// goes to stdout. Returns the exit code.
/// @throws topology::InputError, topology::RuntimeFailure
int import_measurements(const ImportMeasurementsOptions& options);

/// Names of runs that occur more than once get a number, so that files can be put together.
void make_run_names_unique(std::vector<calib::RunRecords>& runs);

}  // namespace scenarios
