#include "calib/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace calib {

using topology::InputError;

namespace {

constexpr std::uintmax_t kLargestTable = 256u << 20;
constexpr std::size_t kMostColumns = 10'000;
constexpr double kWholeNumbers = 9007199254740992.0;  // 2^53

/// Walks over the text once and hands out records.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") {
      text_.remove_prefix(3);
    }
  }

  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] int line() const { return line_; }

  /// The next record; one empty field for an empty line.
  std::vector<std::string> record() {
    std::vector<std::string> fields;
    while (true) {
      fields.push_back(field());
      if (fields.size() > kMostColumns) {
        throw InputError({file_, line_}, "",
                         fmt::format("more than {} fields in a row", kMostColumns));
      }
      if (done()) {
        return fields;
      }
      const char end = text_[at_++];
      if (end == ',') {
        continue;
      }
      ++line_;
      return fields;
    }
  }

 private:
  /// Leaves `at_` on the comma or line feed after the field.
  std::string field() {
    if (!done() && text_[at_] == '"') {
      return quoted();
    }
    const std::size_t first = at_;
    while (!done() && text_[at_] != ',' && text_[at_] != '\n') {
      if (text_[at_] == '\0') {
        throw InputError({file_, line_}, "", "is not text: found a zero byte");
      }
      ++at_;
    }
    std::string_view field = text_.substr(first, at_ - first);
    if (!field.empty() && field.back() == '\r' && (done() || text_[at_] == '\n')) {
      field.remove_suffix(1);
    }
    return std::string(field);
  }

  std::string quoted() {
    const int first_line = line_;
    std::string field;
    ++at_;
    while (!done()) {
      const char c = text_[at_++];
      if (c == '"') {
        if (!done() && text_[at_] == '"') {
          ++at_;
          field += '"';
          continue;
        }
        if (!done() && text_[at_] == '\r') {
          ++at_;
        }
        if (!done() && text_[at_] != ',' && text_[at_] != '\n') {
          throw InputError({file_, line_}, "",
                           "text after a closing quote, expected a comma or line end");
        }
        return field;
      }
      if (c == '\0') {
        throw InputError({file_, line_}, "", "is not text: found a zero byte");
      }
      line_ += c == '\n' ? 1 : 0;
      field += c;
    }
    throw InputError({file_, first_line}, "", "a quote is opened and never closed");
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  int line_ = 1;
};

bool is_blank(const std::vector<std::string>& record) {
  return record.size() == 1 && record.front().find_first_not_of(" \t\r") == std::string::npos;
}

std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

/// What a message may quote of a field.
std::string shown(std::string_view field) {
  constexpr std::size_t kShown = 40;
  std::string text(field.substr(0, kShown));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text + (field.size() > kShown ? "..." : "");
}

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - header.begin());
}

std::size_t CsvTable::required_column(std::string_view name) const {
  if (const auto found = column(name)) {
    return *found;
  }
  std::string known;
  for (const std::string& h : header) {
    known += (known.empty() ? "" : ", ") + shown(h);
    if (known.size() > 400) {
      known += ", ...";
      break;
    }
  }
  throw InputError({file, 1}, name, fmt::format("column is missing; the table has {}", known));
}

double CsvTable::number(std::size_t row, std::size_t col) const {
  const std::string_view field = trimmed(rows.at(row).at(col));
  double x = 0.0;
  const auto [end, failure] = std::from_chars(field.data(), field.data() + field.size(), x);
  if (failure != std::errc{} || end != field.data() + field.size() || !std::isfinite(x)) {
    throw InputError({file, lines.at(row)}, header.at(col),
                     fmt::format("found \"{}\", expected a number", shown(field)));
  }
  return x;
}

std::optional<double> CsvTable::optional_number(std::size_t row, std::size_t col) const {
  if (trimmed(rows.at(row).at(col)).empty()) {
    return std::nullopt;
  }
  return number(row, col);
}

long long CsvTable::integer(std::size_t row, std::size_t col) const {
  const double x = number(row, col);
  if (x != std::floor(x) || std::abs(x) > kWholeNumbers) {
    throw InputError({file, lines.at(row)}, header.at(col),
                     fmt::format("found \"{}\", expected a whole number", shown(rows[row][col])));
  }
  return static_cast<long long>(x);
}

CsvTable parse_csv(std::string_view text, std::string file) {
  CsvTable table;
  table.file = std::move(file);
  Scanner scanner(text, table.file);
  while (!scanner.done()) {
    const int line = scanner.line();
    std::vector<std::string> record = scanner.record();
    if (is_blank(record)) {
      continue;
    }
    if (table.header.empty()) {
      for (std::string& name : record) {
        name = std::string(trimmed(name));
      }
      table.header = std::move(record);
      continue;
    }
    if (record.size() != table.header.size()) {
      throw InputError({table.file, line}, "",
                       fmt::format("found {} fields, expected {} as in the header", record.size(),
                                   table.header.size()));
    }
    table.rows.push_back(std::move(record));
    table.lines.push_back(line);
  }
  if (table.header.empty()) {
    throw InputError({table.file}, "", "is empty, expected a header line with column names");
  }
  return table;
}

CsvTable read_csv(const std::filesystem::path& file) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure)) {
    throw InputError({file.string()}, "", "is not a file that can be read");
  }
  const auto size = std::filesystem::file_size(file, failure);
  if (failure || size > kLargestTable) {
    throw InputError({file.string()}, "", failure ? failure.message() : "is above 256 MiB");
  }
  std::ifstream in(file, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (!in) {
    throw InputError({file.string()}, "", "cannot be read");
  }
  return parse_csv(text, file.string());
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + '"';
}

}  // namespace calib
