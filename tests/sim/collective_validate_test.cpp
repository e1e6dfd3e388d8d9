// The cost model against published and measured tables.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "calib/collective_catalog.hpp"
#include "sim/collective/validate.hpp"

namespace {

const std::filesystem::path kRoot = GPUPLAN_SOURCE_DIR;
const std::filesystem::path kTruth = kRoot / ".." / "shared" / "truth";

/// Scale-up networks as in scenarios/catalog/accelerators.
struct Known {
  const char* id;
  const char* profile;
  topology::ScaleUpKind kind;
  double bandwidth, peer;
  bool in_switch;
};
constexpr Known kKnown[] = {
    {"a100-80", "a100-80", topology::ScaleUpKind::Switched, 300, 300, false},
    {"a100-40", "a100-80", topology::ScaleUpKind::Switched, 300, 300, false},
    {"h100-sxm", "h100-sxm", topology::ScaleUpKind::Switched, 450, 450, true},
    {"h200-sxm", "h200-sxm", topology::ScaleUpKind::Switched, 450, 450, true},
    {"b200-sxm", "b200-sxm", topology::ScaleUpKind::Switched, 900, 900, true},
    {"gb200", "gb200", topology::ScaleUpKind::Switched, 900, 900, true},
    {"gb300", "gb200", topology::ScaleUpKind::Switched, 900, 900, true},
    {"l40s", "l40s", topology::ScaleUpKind::Pcie, 31, 31, false},
    {"mi300x", "h100-sxm", topology::ScaleUpKind::Mesh, 448, 64, false},
    {"mi355x", "h100-sxm", topology::ScaleUpKind::Mesh, 535.5, 76.5, false}};

class Accelerators {
 public:
  Accelerators() {
    for (const Known& known : kKnown) {
      topology::Accelerator accelerator;
      accelerator.id = known.id;
      accelerator.profile = known.profile;
      accelerator.scale_up.kind = known.kind;
      accelerator.scale_up.bandwidth = units::gigabytes_per_second(known.bandwidth);
      accelerator.scale_up.peer_bandwidth = units::gigabytes_per_second(known.peer);
      accelerator.scale_up.in_switch_reduction = known.in_switch;
      auto profile =
          calib::collective_profile_for(accelerator, kRoot / "scenarios/catalog/profiles");
      all_[known.id] = {accelerator, std::move(profile)};
    }
  }
  [[nodiscard]] sim::AcceleratorLookup lookup() const {
    return [this](const std::string& id) {
      const auto found = all_.find(id);
      return found == all_.end()
                 ? sim::KnownAccelerator{}
                 : sim::KnownAccelerator{&found->second.first, &found->second.second};
    };
  }

 private:
  std::map<std::string, std::pair<topology::Accelerator, calib::CollectiveProfile>> all_;
};

TEST(CollectiveValidation, PredictsOrSaysWhyNot) {
  const auto table = std::filesystem::path(testing::TempDir()) / "collective_validation.csv";
  std::ofstream(table)
      << "id,system,gpus,nodes,interconnect,library,algo_proto,collective,bytes,time_us,algbw_GBps,"
         "busbw_GBps\n"
         "a,8xH100,32,4,IB NDR 400G x8,NCCL,auto,all_reduce,1073741824,6000,,\n"
         "b,8xH100,32,4,IB NDR 400G x8,NCCL,CollNet/SHARP,all_reduce,1073741824,6000,,\n"
         "c,8xH20,32,4,IB NDR 400G x8,NCCL,auto,all_reduce,1073741824,6000,,\n";
  const Accelerators accelerators;
  const auto result = sim::validate_collectives(table, accelerators.lookup());
  ASSERT_EQ(result.rows.size(), 3U);
  EXPECT_NEAR(result.rows[0].error().value(), 0.0, 0.3);
  EXPECT_FALSE(result.rows[1].predicted);
  EXPECT_NE(result.rows[1].reason.find("SHARP"), std::string::npos);
  EXPECT_NE(result.rows[2].reason.find("h20"), std::string::npos);
}

TEST(CollectiveValidationOnMeasurements, MeetsItsTargetInsideNodes) {
  const auto table = kTruth / "silicon" / "nccl_intranode.csv";
  if (!std::filesystem::exists(table)) {
    GTEST_SKIP() << "../shared/truth/silicon/nccl_intranode.csv is not there";
  }
  const Accelerators accelerators;
  const auto result = sim::validate_collectives(table, accelerators.lookup());
  EXPECT_EQ(result.summary.skipped, 0);
  EXPECT_LT(result.summary.median_abs_error, 0.05);
  for (const auto& [accelerator, summary] : result.by.at("accelerator")) {
    EXPECT_LT(summary.median_abs_error, 0.10) << accelerator;
  }
}

TEST(CollectiveValidationOnMeasurements, StaysNearPublishedSweeps) {
  const auto table = kTruth / "collectives_open.csv";
  if (!std::filesystem::exists(table)) {
    GTEST_SKIP() << "../shared/truth/collectives_open.csv is not there";
  }
  const Accelerators accelerators;
  const auto result = sim::validate_collectives(table, accelerators.lookup());
  EXPECT_GT(result.summary.predicted, 700);
  EXPECT_LT(result.summary.median_abs_error, 0.10);
  EXPECT_LT(result.summary.mean_abs_error, 0.20);
}

}  // namespace
