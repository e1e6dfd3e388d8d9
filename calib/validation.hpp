#pragma once
// Predictions against a table of measurements, whatever they are of: rows, reasons for rows left
// out, and the summary that `gpuplan validate` prints. error = predicted / measured - 1, a signed
// fraction.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "calib/statistics.hpp"

namespace calib {

struct ValidationRow {
  std::string id;                              ///< of the row in its table
  std::string accelerator, source, framework;  ///< labels to group by; empty where there is none
  std::optional<double> measured, predicted;   ///< in the unit of the table
  std::optional<double> low{}, high{};  ///< the 90 % band of the prediction; nothing: none is known
  std::string reason;                          ///< why it was skipped; empty where it was predicted
  bool pair_with_source = false;  ///< also grouped by accelerator and source together
  std::vector<std::string> notes;  ///< assumptions and warnings that belong to this prediction

  /// predicted / measured - 1, nothing unless both are there and measured is above 0.
  [[nodiscard]] std::optional<double> error() const;
};

struct ValidationSummary {
  int rows = 0;
  int predicted = 0;
  int scored = 0;   ///< predicted and measured: the errors below are over these
  int skipped = 0;  ///< not predicted
  double median_abs_error = 0.0, mean_abs_error = 0.0, p90_abs_error = 0.0, max_abs_error = 0.0;
  double bias = 0.0;  ///< signed mean
  int with_band = 0;  ///< scored rows whose prediction has a band
  int in_band = 0;    ///< of these, measured inside it: about 90 % where bands are honest
};

struct Validation {
  std::vector<ValidationRow> rows;
  ValidationSummary summary;
  /// by["accelerator"]["h100-sxm"], by["accelerator, source"]["h100-sxm bf16"] (kernels), by["source"][...], by["framework"][...]
  std::map<std::string, std::map<std::string, ValidationSummary>> by;
};

ValidationSummary summarise(const std::vector<ValidationRow>& rows);

/// Rows with their summaries, over all and by each label that some row has.
Validation validation(std::vector<ValidationRow> rows);

}  // namespace calib
