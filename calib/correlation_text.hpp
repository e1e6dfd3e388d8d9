#pragma once
// A correlation matrix as rows of text, two digits each: a line per parameter in a profile's file
// instead of one per pair. Private to this room.
#include <optional>
#include <string>
#include <vector>

namespace calib {

/// [p * p], row by row, as p texts "1.00 -0.02 ...".
std::vector<std::string> correlation_rows(const std::vector<double>& correlation);
/// The way back; nothing if there are not `size` rows of `size` numbers.
std::optional<std::vector<double>> correlation_from(const std::vector<std::string>& rows,
                                                    std::size_t size);

}  // namespace calib
