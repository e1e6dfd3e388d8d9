#include "tests/fuzz/targets.hpp"

#include <filesystem>

#include "calib/collective_profile.hpp"
#include "calib/csv.hpp"
#include "calib/profile.hpp"
#include "calib/record.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/import_hf.hpp"
#include "scenarios/queue/queue_file.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/yaml.hpp"
#include "sim/collective/msccl.hpp"

#include "tests/scenarios/temporary_files.hpp"

namespace fuzz {

namespace {

const std::string kHfConfigs = std::string(GPUPLAN_SOURCE_DIR) + "/tests/scenarios/hf/";
const std::string kScenarios = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/";

void read_scenario(const std::string& bytes) {
  static const TemporaryFiles kFiles;
  static const scenarios::Catalog kCatalog(kScenarios + "catalog");
  (void)scenarios::load_scenario(kFiles.write("scenario.yaml", bytes), {}, kCatalog);
}

/// Its jobs are drawn while it is read.
void read_queue(const std::string& bytes) {
  static const TemporaryFiles kFiles;
  static const scenarios::Catalog kCatalog(kScenarios + "catalog");
  scenarios::ProfileStore store(kScenarios + "catalog");
  (void)scenarios::read_queue(kFiles.write("queue.yaml", bytes), kCatalog, store);
}

void read_entry(const std::string& bytes) {
  const auto document = scenarios::read_yaml_text(bytes, "entry.yaml");
  scenarios::check_schema(document, "accelerator");
}

void read_hf_config(const std::string& bytes) {
  (void)scenarios::model_block(scenarios::read_hf_config(bytes, "models/some/config.json"));
}

void read_device_profile(const std::string& bytes) {
  static const TemporaryFiles kFiles;
  (void)calib::read_profile(kFiles.write("profile.json", bytes));
}

void read_collective_profile(const std::string& bytes) {
  static const TemporaryFiles kFiles;
  (void)calib::read_collective_profile(kFiles.write("collectives.json", bytes));
}

void read_table(const std::string& bytes) {
  const calib::CsvTable table = calib::parse_csv(bytes, "table.csv");
  (void)calib::gemm_records(table);
}

void read_msccl(const std::string& bytes) {
  (void)sim::schedule_of(sim::read_msccl_text(bytes, "schedule.xml"), units::gibibytes(1));
}

}  // namespace

std::vector<Target> targets() {
  std::vector<Target> all{
      {"scenario",
       read_scenario,
       {kScenarios + "examples/llama3-405b-16k.yaml",
        kScenarios + "examples/mixtral-8x7b-64-h100.yaml",
        kScenarios + "examples/workloads/llava-1.5-7b-16-h100.yaml"}},
      {"queue", read_queue, {std::string(GPUPLAN_SOURCE_DIR) + "/tests/fuzz/seed_queue.yaml"}},
      {"entry", read_entry, {kScenarios + "catalog/accelerators/h100-sxm.yaml"}},
      {"hf_config",
       read_hf_config,
       {kHfConfigs + "llama-3.1-8b.json", kHfConfigs + "gpt2.json", kHfConfigs + "deepseek-v3.json",
        kHfConfigs + "qwen1.5-moe-a2.7b.json"}},
      {"device_profile", read_device_profile, {kScenarios + "catalog/profiles/h100-sxm.json"}},
      {"collective_profile",
       read_collective_profile,
       {kScenarios + "catalog/profiles/collectives-h100-sxm.json"}},
      {"table", read_table, {std::string(GPUPLAN_SOURCE_DIR) + "/tests/fuzz/seed_gemm.csv"}},
      {"msccl", read_msccl, {std::string(GPUPLAN_SOURCE_DIR) + "/tests/fuzz/seed_msccl.xml"}}};
  const std::vector<Target> graphs = topology_targets();
  all.insert(all.end(), graphs.begin(), graphs.end());
  const std::vector<Target> measurements = measurement_targets();
  all.insert(all.end(), measurements.begin(), measurements.end());
  const std::vector<Target> traces = trace_targets();
  all.insert(all.end(), traces.begin(), traces.end());
  return all;
}

}  // namespace fuzz
