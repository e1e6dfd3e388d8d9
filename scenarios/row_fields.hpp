#pragma once
// Reads the columns of one row of a table of training runs. Internal to the row readers.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "scenarios/training_row.hpp"

namespace scenarios {

/// Why a row cannot become a job.
struct Skip {
  std::string reason;
};

/// Reads the columns of one row.
class Fields {
 public:
  explicit Fields(const TableRow& row) : row_(row) {}

  [[nodiscard]] std::string_view text(std::string_view column) const {
    const auto it = row_.find(column);
    return it == row_.end() ? std::string_view{} : std::string_view(it->second);
  }
  [[nodiscard]] std::optional<double> number(std::string_view column) const {
    const std::string_view t = text(column);
    double value = 0.0;
    const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), value);
    if (t.empty() || error != std::errc{} || end != t.data() + t.size()) {
      return std::nullopt;
    }
    return value;
  }
  [[nodiscard]] std::optional<int> integer(std::string_view column) const {
    const auto value = number(column);
    return value && std::abs(*value) < 2e9 ? std::optional(static_cast<int>(std::lround(*value)))
                                           : std::nullopt;
  }
  [[nodiscard]] int required(std::string_view column) const {
    const auto value = integer(column);
    if (!value || *value <= 0) {
      throw Skip{fmt::format("column {} is empty or not a positive number", column)};
    }
    return *value;
  }
  [[nodiscard]] int degree(std::string_view column) const {
    return std::max(1, integer(column).value_or(1));
  }

 private:
  const TableRow& row_;
};

}  // namespace scenarios
