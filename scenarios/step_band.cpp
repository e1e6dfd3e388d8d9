#include "scenarios/step_band.hpp"

#include <map>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/statistics.hpp"
#include "topology/error.hpp"
#include "topology/import/text_file.hpp"

namespace scenarios {

using nlohmann::ordered_json;

namespace {

constexpr double kLow = 0.05, kHigh = 0.95;

double three_digits(double x) {
  return std::stod(fmt::format("{:.3f}", x));
}

double number(const ordered_json& json, const char* key, const std::string& file) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_number() || !(at->get<double>() > 0.0)) {
    throw topology::InputError({.file = file}, key,
                               "is no number above 0; make the file again with gpuplan validate "
                               "--kind training --write-band");
  }
  return at->get<double>();
}

}  // namespace

calib::Bands read_step_band(const std::filesystem::path& file) {
  constexpr std::size_t kLargest = 1U << 16U;
  const auto json = ordered_json::parse(topology::read_text_file(file, kLargest), nullptr,
                                        /*allow_exceptions=*/false);
  if (!json.is_object()) {
    throw topology::InputError({.file = file.string()}, "", "is not a JSON object");
  }
  calib::Band band;
  band.low = number(json, "low", file.string());
  band.high = number(json, "high", file.string());
  band.records = static_cast<int>(number(json, "records", file.string()));
  return {band};
}

std::string step_band_text(const calib::Validation& v, const std::string& table) {
  std::vector<double> ratios;
  std::map<std::string, std::vector<double>> by_source;
  for (const calib::ValidationRow& row : v.rows) {
    if (row.error()) {
      const double ratio = *row.measured / *row.predicted;
      ratios.push_back(ratio);
      by_source[row.source].push_back(ratio);
    }
  }
  constexpr std::size_t kFewest = 40;
  if (ratios.size() < kFewest) {
    throw topology::InputError(fmt::format(
        "{} scored rows are too few for a band, expected {} or more", ratios.size(), kFewest));
  }
  int inside = 0;
  for (const auto& [source, own] : by_source) {
    std::vector<double> others;
    for (const auto& [name, list] : by_source) {
      if (name != source) {
        others.insert(others.end(), list.begin(), list.end());
      }
    }
    const double low = calib::quantile(others, kLow), high = calib::quantile(others, kHigh);
    for (const double ratio : own) {
      inside += ratio >= low && ratio <= high ? 1 : 0;
    }
  }
  const ordered_json json{
      {"low", three_digits(calib::quantile(ratios, kLow))},
      {"high", three_digits(calib::quantile(ratios, kHigh))},
      {"records", ratios.size()},
      {"coverage_by_other_publishers",
       three_digits(static_cast<double>(inside) / static_cast<double>(ratios.size()))},
      {"table", table},
      {"command",
       fmt::format("gpuplan validate {} --kind training --write-band steps.json", table)},
      {"meaning", "90 % of the measured steps lie between low and high times the prediction"}};
  return json.dump(2) + "\n";
}

}  // namespace scenarios
