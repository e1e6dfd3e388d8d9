#include "scenarios/compare.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/predict.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;
using sim::Part;
using units::Seconds;

/// Communication that nothing hides.
Seconds exposed(const sim::PartTimes& parts) {
  Seconds sum;
  for (const Part part : {Part::TpComm, Part::CpComm, Part::EpComm, Part::PpComm, Part::DpComm}) {
    sum += parts[part];
  }
  return sum;
}

/// One scenario: its prediction, or why there is none.
struct Row {
  std::string name;
  std::optional<Prediction> prediction;
  std::string trouble;
};

Row predict_row(const std::filesystem::path& file, const SimulateOptions& options,
                ProfileStore& store, const Catalog& catalog) {
  const Scenario scenario = load_scenario(file, options.sets, catalog);
  try {
    return {scenario.name, predict(scenario, options, store, catalog), {}};
  } catch (const sim::CutOff& e) {
    return {scenario.name, std::nullopt, fmt::format("does not finish: {}", e.what())};
  }
}

std::string table(const std::vector<Row>& rows) {
  std::size_t width = 8;
  for (const Row& row : rows) {
    width = std::max(width, row.name.size());
  }
  std::string out = fmt::format(
      "{:<{}}  {:>9}  {:>10}  {:>9}  {:>6}  {:>12}  {:>10}  {:>10}  {:>9}\n", "scenario", width,
      "GPUs", "step", "change", "MFU", "exposed comm", "bubble", "memory", "power");
  std::string notes;
  for (const Row& row : rows) {
    if (!row.prediction) {
      out += fmt::format("{:<{}}  {}\n", row.name, width, row.trouble);
      continue;
    }
    const sim::StepReport& r = row.prediction->report;
    const auto& first = rows.front().prediction;
    out += fmt::format(
        "{:<{}}  {:>9}  {:>10}  {:>9}  {:>4.1f} %  {:>12}  {:>10}  {:>10}  {:>9}{}\n", row.name,
        width, format_count(row.prediction->gpus), format_time(r.step.value),
        first ? fmt::format("{:+.2f} %", 100 * (r.step.value / first->report.step.value - 1.0))
              : "",
        100 * r.mfu.value, format_time(exposed(r.parts)), format_time(r.parts[Part::Bubble]),
        format_bytes(r.memory.total), format_power(r.power.cluster),
        r.memory.fits() ? "" : "  DOES NOT FIT");
    if (row.prediction->fidelity == Fidelity::Flow) {
      notes += fmt::format("  {}\n", row.name);
      for (const std::string& condition : row.prediction->conditions) {
        notes += fmt::format("    {}\n", condition);
      }
      notes += fmt::format("    {}\n", network_verdict(*row.prediction));
    }
  }
  return out + (notes.empty() ? "" : "\nWhy\n" + notes);
}

ordered_json json(const std::vector<Row>& rows) {
  ordered_json list = ordered_json::array();
  for (const Row& row : rows) {
    ordered_json j{{"scenario", row.name}, {"trouble", row.trouble}};
    if (row.prediction) {
      const sim::StepReport& r = row.prediction->report;
      j["gpus"] = row.prediction->gpus;
      j["step_time_s"] = r.step.value.in(units::seconds(1));
      j["mfu"] = r.mfu.value;
      j["exposed_communication_s"] = exposed(r.parts).in(units::seconds(1));
      j["bubble_s"] = r.parts[Part::Bubble].in(units::seconds(1));
      j["memory_bytes"] = r.memory.total.in(units::bytes(1));
      j["fits"] = r.memory.fits();
      j["power_w"] = r.power.cluster.in(units::watts(1));
      j["network"] = row.prediction->conditions;
      j["network_verdict"] =
          row.prediction->fidelity == Fidelity::Flow ? network_verdict(*row.prediction) : "";
      j["events"] = row.prediction->events;
      j["wall_s"] = row.prediction->wall_seconds;
    }
    list.push_back(std::move(j));
  }
  return {{"scenarios", std::move(list)}};
}

}  // namespace

int compare(const CompareOptions& options) {
  const Catalog catalog = Catalog::open(options.each.profile);
  ProfileStore store(catalog.directory(), options.each.profile);
  std::vector<Row> rows;
  for (const std::filesystem::path& file : options.scenarios) {
    rows.push_back(predict_row(file, options.each, store, catalog));
  }
  if (options.each.format == OutputFormat::Json) {
    fmt::print("{}\n", json(rows).dump(2));
  } else {
    fmt::print("{}", table(rows));
  }
  const bool all_well = std::all_of(rows.begin(), rows.end(), [](const Row& row) {
    return row.prediction && row.prediction->report.memory.fits();
  });
  return all_well ? 0 : 1;
}

}  // namespace scenarios
