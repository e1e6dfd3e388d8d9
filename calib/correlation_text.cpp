#include "calib/correlation_text.hpp"

#include <cmath>
#include <cstddef>
#include <cstdlib>

#include <fmt/format.h>

namespace calib {

std::vector<std::string> correlation_rows(const std::vector<double>& correlation) {
  const auto size =
      static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(correlation.size()))));
  std::vector<std::string> rows(size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < size; ++k) {
      rows[i] += fmt::format("{}{:.2f}", k == 0 ? "" : " ", correlation[i * size + k]);
    }
  }
  return rows;
}

std::optional<std::vector<double>> correlation_from(const std::vector<std::string>& rows,
                                                    std::size_t size) {
  std::vector<double> correlation;
  for (const std::string& row : rows) {
    const char* at = row.c_str();
    for (std::size_t k = 0; k < size; ++k) {
      char* end = nullptr;
      const double r = std::strtod(at, &end);
      if (end == at || !(r >= -1.0 && r <= 1.0)) {
        return std::nullopt;
      }
      correlation.push_back(r);
      at = end;
    }
  }
  return rows.size() == size ? std::optional(std::move(correlation)) : std::nullopt;
}

}  // namespace calib
