#include "calib/import/any.hpp"

#include <algorithm>
#include <utility>

#include "calib/csv.hpp"
#include "calib/import/gzip.hpp"
#include "calib/import/kineto.hpp"
#include "calib/import/nccl_tests.hpp"
#include "calib/import/power_series.hpp"
#include "calib/import/tables.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

constexpr std::size_t kLargest = std::size_t{1} << 30U;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::optional<MeasurementFormat> recognise_json(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  if (has(line, "\"type\"") && has(line, "\"run\"")) {
    return MeasurementFormat::Records;
  }
  if (has(text, "\"traceEvents\"")) {
    return MeasurementFormat::Kineto;
  }
  if (has(text, "\"resultType\"") || has(text, "\"metric\"")) {
    return MeasurementFormat::PowerSeries;
  }
  if (has(text, "\"results\"") || has(text, "\"busBw\"")) {
    return MeasurementFormat::NcclTests;
  }
  return std::nullopt;
}

}  // namespace

std::optional<MeasurementFormat> recognise(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(first);
  if (text.front() == '{' || (text.front() == '[' && !text.starts_with("[1,"))) {
    return recognise_json(text);
  }
  const std::string_view line = text.substr(0, text.find('\n'));
  if (has(line, "latency_us") || has(line, "busbw_GBps")) {
    return MeasurementFormat::Table;
  }
  if (has(text, "algbw") && has(text, "busbw")) {
    return MeasurementFormat::NcclTests;
  }
  if (has(text, "#Entity") || has(text, "# Entity") || has(text, "POWER") || has(text, "power")) {
    return MeasurementFormat::PowerSeries;
  }
  return std::nullopt;
}

Records import_measurements(std::string text, const std::string& file, const Description& known,
                            std::optional<MeasurementFormat> format) {
  text = maybe_gunzip(std::move(text), file, kLargest);
  const auto chosen = format ? format : recognise(text);
  if (!chosen) {
    throw topology::InputError({.file = file}, "",
                               "is no measurement that can be read, expected records (JSON lines), "
                               "nccl-tests output, a table, a PyTorch trace or a power series");
  }
  Records records;
  records.file = file;
  switch (*chosen) {
    case MeasurementFormat::Records:
      return parse_records(text, file);
    case MeasurementFormat::Table:
      records.runs = import_table(parse_csv(text, file), known);
      break;
    case MeasurementFormat::NcclTests:
      records.runs.push_back(import_nccl_tests(text, file, known));
      break;
    case MeasurementFormat::Kineto:
      records.runs.push_back(import_kineto(text, file, known));
      break;
    case MeasurementFormat::PowerSeries:
      records.runs.push_back(import_power_series(text, file, known));
      break;
  }
  return records;
}

Records import_measurements(const std::filesystem::path& file, const Description& known,
                            std::optional<MeasurementFormat> format) {
  return import_measurements(read_maybe_gzip(file, kLargest), file.string(), known, format);
}

}  // namespace calib
