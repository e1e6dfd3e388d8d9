#pragma once
// `gpuplan calibrate`: measurements in, a profile with its certainty out.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "calib/collective_profile.hpp"
#include "calib/fit/calibration_set.hpp"
#include "calib/import/description.hpp"
#include "calib/profile.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/simulate.hpp"
#include "topology/cluster_spec.hpp"

namespace scenarios {

struct CalibrateOptions {
  std::vector<std::filesystem::path> files;  ///< records, nccl-tests output, tables
  calib::Description known;  ///< known.accelerator also chooses among several that were measured
  std::vector<std::string> also;  ///< accelerators whose measurements count as this one's
  /// Catalog name or file of the profile that gives what was not measured; empty: the catalog's for
  /// the accelerator; "none": reference figures and papers alone.
  std::string parent;
  bool inside_only = false;  ///< leave networks between nodes as the parent has them
  std::filesystem::path out;
  std::filesystem::path report;       ///< HTML; empty: none
  std::filesystem::path residuals{};  ///< CSV of every measurement beside its fit; empty: none
  OutputFormat format = OutputFormat::Table;
};

/// What was fitted, and to what.
struct Calibration {
  calib::CalibrationSet set;
  std::optional<calib::DeviceProfile> device;
  std::optional<calib::CollectiveProfile> collectives;
  /// Of each of set.collectives: the time that the fitted profile predicts; nothing where it
  /// cannot.
  std::vector<std::optional<units::Seconds>> collective_times;
  std::vector<std::string> warnings;
};

/// Fits all that the files hold. @throws topology::InputError
Calibration calibrate_records(const CalibrateOptions& options, const Catalog& catalog);

/// Fits, writes the profile (and the report), prints a summary. Returns the exit code.
/// @throws topology::InputError, topology::RuntimeFailure
int calibrate(const CalibrateOptions& options);

/// The cluster that a collective was measured on: the catalog's fabric of its name, else one with
/// the typical latencies of its kind of network.
topology::ClusterSpec measured_cluster(const calib::CollectiveMeasurement& measurement,
                                       const topology::Accelerator& accelerator,
                                       const Catalog& catalog);

/// The profile as a file's text: kernels, with collectives under "collectives" where there are
/// both.
std::string profile_text(const Calibration& calibration);

/// A self-contained HTML page: residuals by size and shape, parameters, outliers, provenance.
std::string calibration_page(const Calibration& calibration);

}  // namespace scenarios
