#pragma once
// Comma-separated tables as RFC 4180 has them: a header line, quoted fields, doubled quotes, LF or
// CRLF.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calib {

/// A table in memory. Every row has as many fields as the header.
struct CsvTable {
  std::string file;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<int> lines;  ///< line in the file at which each row starts, from 1

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
  /// @throws topology::InputError naming the file and the columns that it has.
  [[nodiscard]] std::size_t required_column(std::string_view name) const;
  /// The field as a finite number. @throws topology::InputError with file, line and column name.
  [[nodiscard]] double number(std::size_t row, std::size_t column) const;
  /// As `number`, nothing for an empty field.
  [[nodiscard]] std::optional<double> optional_number(std::size_t row, std::size_t column) const;
  /// The field as a whole number that fits 53 bits. @throws topology::InputError
  [[nodiscard]] long long integer(std::size_t row, std::size_t column) const;
};

/// Parses `text`; `file` is for messages. A byte order mark and empty lines are skipped.
/// @throws topology::InputError for no header, binary content, an open quote, or a row of another
/// length.
CsvTable parse_csv(std::string_view text, std::string file);

/// @throws topology::InputError if the file cannot be read or parsed, or is above 256 MiB.
CsvTable read_csv(const std::filesystem::path& file);

/// One field as it has to be written: in quotes where it holds a comma, a quote or a line end.
std::string csv_field(std::string_view text);

}  // namespace calib
