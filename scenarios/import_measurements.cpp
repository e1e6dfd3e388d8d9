#include "scenarios/import_measurements.hpp"

#include <map>
#include <set>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"

namespace scenarios {

using nlohmann::ordered_json;

namespace {

std::map<std::string, int> count_by_type(const calib::RunRecords& run) {
  std::map<std::string, int> counts;
  for (const auto& line : run.lines) {
    ++counts[std::string(type_name(line.measurement))];
  }
  return counts;
}

std::string json_text(const std::vector<calib::RunRecords>& runs, const std::string& out) {
  ordered_json j;
  j["out"] = out;
  j["runs"] = ordered_json::array();
  for (const calib::RunRecords& run : runs) {
    const calib::Machine& machine = run.header.machine;
    j["runs"].push_back({{"run", run.header.run},
                         {"accelerator", machine.accelerator},
                         {"devices", machine.devices},
                         {"nodes", machine.nodes},
                         {"records", count_by_type(run)},
                         {"notes", run.header.notes}});
  }
  return j.dump(2) + "\n";
}

std::string table_text(const std::vector<calib::RunRecords>& runs, const std::string& out) {
  std::string text = fmt::format("{}: {} run{}\n", out, runs.size(), runs.size() == 1 ? "" : "s");
  for (const calib::RunRecords& run : runs) {
    const calib::Machine& machine = run.header.machine;
    std::string kinds;
    for (const auto& [type, count] : count_by_type(run)) {
      kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, type);
    }
    text += fmt::format("  {}: {} on {}\n", run.header.run, kinds,
                        machine.accelerator.empty()
                            ? "an accelerator that is not stated (--accelerator)"
                            : machine.accelerator);
    for (const std::string& note : run.header.notes) {
      text += fmt::format("    {}\n", note);
    }
  }
  return text;
}

}  // namespace

void make_run_names_unique(std::vector<calib::RunRecords>& runs) {
  std::set<std::string> used;
  for (calib::RunRecords& run : runs) {
    const std::string name = run.header.run;
    for (int i = 2; !used.insert(run.header.run).second; ++i) {
      run.header.run = fmt::format("{} #{}", name, i);
    }
  }
}

int import_measurements(const ImportMeasurementsOptions& options) {
  std::vector<calib::RunRecords> runs;
  for (const std::filesystem::path& file : options.files) {
    calib::Records records = calib::import_measurements(file, options.known, options.as);
    for (calib::RunRecords& run : records.runs) {
      runs.push_back(std::move(run));
    }
  }
  make_run_names_unique(runs);
  const std::string lines = calib::record_lines(runs);
  if (options.out.empty()) {
    fmt::print("{}", lines);
    return 0;
  }
  write_file(options.out, lines);
  fmt::print("{}", options.format == OutputFormat::Json ? json_text(runs, options.out.string())
                                                        : table_text(runs, options.out.string()));
  return 0;
}

}  // namespace scenarios
