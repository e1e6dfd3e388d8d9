// A store as CSV, JSON or a spreadsheet.
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <xlsxwriter.h>

#include "calib/csv.hpp"
#include "scenarios/atomic_file.hpp"
#include "scenarios/json_text.hpp"
#include "scenarios/sweep/metrics.hpp"
#include "scenarios/sweep/store.hpp"
#include "scenarios/sweep/sweep.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;

std::string text_of(const ordered_json& value) {
  return value.is_null() ? "" : printed(value);
}

std::vector<std::string> heading(const Store& store) {
  std::vector<std::string> names{"id"};
  for (const std::string& axis : store.identity().axes) {
    names.push_back(axis);
  }
  names.insert(names.end(), {"status", "message"});
  for (const Metric& m : metrics()) {
    names.emplace_back(m.name);
  }
  return names;
}

std::string csv(const Store& store) {
  std::string out;
  for (const std::string& name : heading(store)) {
    out += (out.empty() ? "" : ",") + calib::csv_field(name);
  }
  out += '\n';
  store.for_each([&](const PointResult& row) {
    out += std::to_string(row.id);
    for (const ordered_json& value : ordered_json::parse(row.settings)) {
      out += "," + calib::csv_field(text_of(value));
    }
    out += fmt::format(",{},{}", name(row.status), calib::csv_field(row.message));
    for (std::size_t i = 0; i < metrics().size(); ++i) {
      out +=
          row.values.empty() || std::isnan(row.values[i]) ? "," : fmt::format(",{}", row.values[i]);
    }
    out += '\n';
  });
  return out;
}

std::string json(const Store& store) {
  ordered_json points = ordered_json::array();
  store.for_each([&](const PointResult& row) {
    ordered_json settings = ordered_json::object();
    const ordered_json values = ordered_json::parse(row.settings);
    for (std::size_t a = 0; a < values.size(); ++a) {
      settings[store.identity().axes[a]] = values[a];
    }
    ordered_json point{{"id", row.id},
                       {"settings", std::move(settings)},
                       {"status", name(row.status)},
                       {"message", row.message}};
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      point[std::string(metrics()[i].name)] = row.values[i];
    }
    points.push_back(std::move(point));
  });
  return ordered_json{{"sweep", store.identity().name}, {"points", std::move(points)}}.dump(2) +
         "\n";
}

void check(lxw_error code, const std::filesystem::path& file) {
  if (code != LXW_NO_ERROR) {
    throw topology::RuntimeFailure(
        fmt::format("{}: cannot write the spreadsheet: {}", file.string(), lxw_strerror(code)));
  }
}

/// Written beside the file first, so that no half of one is left.
void write_xlsx(const Store& store, const std::filesystem::path& file) {
  constexpr std::uint64_t kMostRows = LXW_ROW_MAX - 1;
  if (store.size() > kMostRows) {
    throw topology::InputError({store.file().string()}, "--format",
                               fmt::format("{} points do not fit into a spreadsheet of {} rows; "
                                           "use csv",
                                           store.size(), kMostRows));
  }
  const std::filesystem::path beside = file.string() + ".part";
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  lxw_workbook* book = workbook_new_opt(beside.c_str(), &options);
  lxw_worksheet* sheet = workbook_add_worksheet(book, "points");
  lxw_format* bold = workbook_add_format(book);
  format_set_bold(bold);
  lxw_col_t column = 0;
  for (const std::string& name : heading(store)) {
    worksheet_write_string(sheet, 0, column++, name.c_str(), bold);
  }
  worksheet_freeze_panes(sheet, 1, 0);
  lxw_row_t line = 0;
  store.for_each([&](const PointResult& row) {
    ++line;
    column = 0;
    worksheet_write_number(sheet, line, column++, static_cast<double>(row.id), nullptr);
    for (const ordered_json& value : ordered_json::parse(row.settings)) {
      if (value.is_number()) {
        worksheet_write_number(sheet, line, column++, value.get<double>(), nullptr);
      } else {
        worksheet_write_string(sheet, line, column++, text_of(value).c_str(), nullptr);
      }
    }
    worksheet_write_string(sheet, line, column++, std::string(name(row.status)).c_str(), nullptr);
    worksheet_write_string(sheet, line, column++, row.message.c_str(), nullptr);
    for (const double value : row.values) {
      if (!std::isnan(value)) {
        worksheet_write_number(sheet, line, column, value, nullptr);
      }
      ++column;
    }
  });
  std::error_code code;
  try {
    check(workbook_close(book), file);
    std::filesystem::rename(beside, file, code);
    if (code) {
      throw topology::RuntimeFailure(
          fmt::format("{}: cannot be written: {}", file.string(), code.message()));
    }
  } catch (...) {
    std::filesystem::remove(beside, code);
    throw;
  }
}

}  // namespace

int export_store(const ExportOptions& options) {
  const Store store = Store::open(options.store);
  if (options.format == ExportFormat::Xlsx) {
    if (options.out.empty()) {
      throw topology::InputError({}, "--out", "a spreadsheet needs a file to be written to");
    }
    write_xlsx(store, options.out);
    return 0;
  }
  const std::string text = options.format == ExportFormat::Csv ? csv(store) : json(store);
  if (options.out.empty()) {
    fmt::print("{}", text);
  } else {
    write_file(options.out, text);
  }
  return 0;
}

}  // namespace scenarios
