#pragma once
// The records of one accelerator, sorted by what they are fitted with.
#include <map>
#include <span>
#include <string>
#include <vector>

#include "calib/collective_tables.hpp"
#include "calib/record.hpp"
#include "calib/records.hpp"

namespace calib {

struct CalibrationSet {
  std::string accelerator;
  std::vector<GemmRecord> gemm;
  std::vector<AttentionRecord> attention_forward, attention_backward;

  template <class M>
  struct Of {
    M measurement;
    int line = 0;
    std::string where;  ///< file
  };
  std::vector<Of<MemoryBoundMeasurement>> memory_bound;
  std::vector<LaunchMeasurement> launches;
  std::vector<OverlapMeasurement> overlaps;
  std::vector<PowerMeasurement> powers;
  std::vector<Of<CollectiveMeasurement>> collectives;

  std::vector<std::string> files, runs;  ///< runs with their dates
  std::map<std::string, int> left_out;   ///< records that no fit uses, by reason

  [[nodiscard]] bool has_kernels() const {
    return !gemm.empty() || !attention_forward.empty() || !attention_backward.empty() ||
           !memory_bound.empty() || !launches.empty() || !overlaps.empty() || !powers.empty();
  }
};

/// The runs of `accelerator` (also those of `aliases`, whose measurements count as its own) in
/// `files`. Records with flags that spoil a time (wrong-result, busy, shared-device, socket), calls
/// of one operator of a trace, layers and steps are left out and counted: layers and steps are
/// checks, not something to fit kernels to.
CalibrationSet calibration_set(std::span<const Records> files, const std::string& accelerator,
                               std::span<const std::string> aliases = {});

/// Accelerators of all runs, in the order in which they appear; "" where a run does not say.
std::vector<std::string> accelerators_of(std::span<const Records> files);

}  // namespace calib
