#pragma once
// The shapes that a run measures, part by part; see docs/runner.md for why these.
#include <vector>

#include "calib/records.hpp"

namespace real_runner {

enum class Detail { Full, Quick };

std::vector<calib::GemmMeasurement> gemm_grid(Detail detail);
std::vector<calib::AttentionMeasurement> attention_grid(Detail detail);
std::vector<calib::MemoryBoundMeasurement> memory_grid(Detail detail);
std::vector<calib::TransferMeasurement> transfer_grid(Detail detail);
std::vector<calib::LaunchMeasurement> launch_grid(Detail detail);
std::vector<calib::LayerMeasurement> layer_grid(Detail detail);
/// `ranks`: data-parallel replicas; with more than one, single-device steps are measured, too.
std::vector<calib::StepMeasurement> step_grid(Detail detail, int ranks);
std::vector<calib::OverlapMeasurement> overlap_grid(Detail detail, int ranks);
std::vector<calib::PowerMeasurement> power_grid(Detail detail, int ranks);

struct CollectiveRange {
  int ranks = 1, nodes = 1;
  units::Bytes smallest, largest;
};
std::vector<calib::CollectiveMeasurement> collective_grid(Detail detail,
                                                          const CollectiveRange& range);

}  // namespace real_runner
