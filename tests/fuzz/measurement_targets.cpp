// Measurement records and the formats of other tools that become records.
#include "calib/import/any.hpp"

#include "tests/fuzz/targets.hpp"

namespace fuzz {

namespace {

const std::string kSeeds = std::string(GPUPLAN_SOURCE_DIR) + "/tests/fuzz/";

void import_as(const std::string& bytes, calib::MeasurementFormat format) {
  calib::Description known;
  known.load = calib::Load::Compute;
  const calib::Records records = calib::import_measurements(bytes, "input", known, format);
  // What was imported must be readable again.
  (void)calib::parse_records(calib::record_lines(records.runs), "again");
}
void read_records(const std::string& bytes) {
  import_as(bytes, calib::MeasurementFormat::Records);
}
void read_nccl_tests(const std::string& bytes) {
  import_as(bytes, calib::MeasurementFormat::NcclTests);
}
void read_measured_table(const std::string& bytes) {
  import_as(bytes, calib::MeasurementFormat::Table);
}
void read_kineto(const std::string& bytes) {
  import_as(bytes, calib::MeasurementFormat::Kineto);
}
void read_power_series(const std::string& bytes) {
  import_as(bytes, calib::MeasurementFormat::PowerSeries);
}

}  // namespace

std::vector<Target> measurement_targets() {
  return {{"records", read_records, {kSeeds + "seed_records.jsonl"}},
          {"nccl_tests",
           read_nccl_tests,
           {kSeeds + "seed_nccl_tests.txt", kSeeds + "seed_nccl_tests.json",
            kSeeds + "seed_rccl_tests.json"}},
          {"measured_table",
           read_measured_table,
           {kSeeds + "seed_gemm.csv", kSeeds + "seed_sweep.csv"}},
          {"kineto", read_kineto, {kSeeds + "seed_kineto.json"}},
          {"power_series",
           read_power_series,
           {kSeeds + "seed_dmon.txt", kSeeds + "seed_power.csv", kSeeds + "seed_power.prom",
            kSeeds + "seed_power.json"}}};
}

}  // namespace fuzz
