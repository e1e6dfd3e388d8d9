#include "calib/validation.hpp"

#include <array>
#include <utility>

namespace calib {

std::optional<double> ValidationRow::error() const {
  if (!measured || !predicted || !(*measured > 0.0)) {
    return std::nullopt;
  }
  return *predicted / *measured - 1.0;
}

namespace {

ValidationSummary summarise(const std::vector<const ValidationRow*>& rows) {
  std::vector<double> errors;
  int predicted = 0, with_band = 0, in_band = 0;
  for (const ValidationRow* row : rows) {
    predicted += row->predicted ? 1 : 0;
    if (const auto e = row->error()) {
      errors.push_back(*e);
      if (row->low && row->high) {
        ++with_band;
        in_band += *row->measured >= *row->low && *row->measured <= *row->high ? 1 : 0;
      }
    }
  }
  const Residual r = residual(errors);
  return {.rows = static_cast<int>(rows.size()),
          .predicted = predicted,
          .scored = r.records,
          .skipped = static_cast<int>(rows.size()) - predicted,
          .median_abs_error = r.median,
          .mean_abs_error = r.mean,
          .p90_abs_error = r.p90,
          .max_abs_error = r.max,
          .bias = r.bias,
          .with_band = with_band,
          .in_band = in_band};
}

struct Label {
  const char* name;
  std::string ValidationRow::*value;
};
constexpr std::array kLabels{Label{"accelerator", &ValidationRow::accelerator},
                             Label{"source", &ValidationRow::source},
                             Label{"framework", &ValidationRow::framework}};

}  // namespace

ValidationSummary summarise(const std::vector<ValidationRow>& rows) {
  std::vector<const ValidationRow*> all;
  for (const ValidationRow& row : rows) {
    all.push_back(&row);
  }
  return summarise(all);
}

Validation validation(std::vector<ValidationRow> rows) {
  Validation v;
  v.rows = std::move(rows);
  v.summary = summarise(v.rows);
  std::map<std::string, std::vector<const ValidationRow*>> pairs;
  for (const ValidationRow& row : v.rows) {
    if (!row.accelerator.empty() && row.pair_with_source) {
      pairs[row.accelerator + " " + row.source].push_back(&row);
    }
  }
  for (const auto& [value, members] : pairs) {
    v.by["accelerator, source"][value] = summarise(members);
  }
  for (const Label& label : kLabels) {
    std::map<std::string, std::vector<const ValidationRow*>> groups;
    for (const ValidationRow& row : v.rows) {
      if (!(row.*label.value).empty()) {
        groups[row.*label.value].push_back(&row);
      }
    }
    for (const auto& [value, members] : groups) {
      v.by[label.name][value] = summarise(members);
    }
  }
  return v;
}

}  // namespace calib
