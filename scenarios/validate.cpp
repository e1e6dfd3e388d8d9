#include "scenarios/validate.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/validate.hpp"
#include "scenarios/atomic_file.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scoreboard.hpp"
#include "scenarios/step_band.hpp"
#include "sim/collective/validate.hpp"
#include "topology/error.hpp"

namespace scenarios {

using nlohmann::ordered_json;

namespace {

/// Indices of the rows that match all of `where`.
std::vector<std::size_t> matching(const calib::CsvTable& table,
                                  const std::vector<std::string>& where) {
  std::vector<std::pair<std::size_t, std::string>> conditions;
  for (const std::string& w : where) {
    const std::size_t equals = w.find('=');
    if (equals == std::string::npos) {
      throw topology::InputError(
          fmt::format("--where {}: expected COLUMN=VALUE, such as tier=A", w));
    }
    conditions.emplace_back(table.required_column(w.substr(0, equals)), w.substr(equals + 1));
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto holds = [&](const auto& c) { return table.rows[i][c.first] == c.second; };
    if (std::all_of(conditions.begin(), conditions.end(), holds)) {
      rows.push_back(i);
    }
  }
  return rows;
}

calib::CsvTable keep(const calib::CsvTable& table, const std::vector<std::size_t>& rows) {
  calib::CsvTable kept{.file = table.file, .header = table.header, .rows = {}, .lines = {}};
  kept.rows.reserve(rows.size());
  kept.lines.reserve(rows.size());
  for (const std::size_t i : rows) {
    kept.rows.push_back(table.rows[i]);
    kept.lines.push_back(table.lines[i]);
  }
  return kept;
}

calib::Validation keep(calib::Validation all, const std::vector<std::size_t>& rows) {
  std::vector<calib::ValidationRow> kept;
  kept.reserve(rows.size());
  for (const std::size_t i : rows) {
    kept.push_back(std::move(all.rows.at(i)));
  }
  return calib::validation(std::move(kept));
}

calib::Validation validate_kernels(const ValidateOptions& options, const Catalog& catalog,
                                   ProfileStore& store) {
  const calib::ProfileLookup lookup = [&store, &catalog](const std::string& spelling) {
    const std::optional<std::string> id = catalog.accelerator_id(spelling);
    return id ? store.measured(*id) : nullptr;
  };
  return options.kind == ValidationKind::Gemm ? calib::validate_gemm(options.table, lookup)
                                              : calib::validate_attention(options.table, lookup);
}

calib::Validation validate_collectives(const ValidateOptions& options, const Catalog& catalog,
                                       ProfileStore& store) {
  std::map<std::string, topology::Accelerator> accelerators;
  const sim::AcceleratorLookup lookup = [&](const std::string& spelling) -> sim::KnownAccelerator {
    const std::optional<std::string> id = catalog.accelerator_id(spelling);
    if (!id) {
      return {};
    }
    const auto [it, fresh] = accelerators.try_emplace(*id);
    if (fresh) {
      it->second = catalog.accelerator(*id);
    }
    return {.accelerator = &it->second, .profile = &store.models(it->second).collectives};
  };
  return sim::validate_collectives(options.table, lookup);
}

void add_summary(ordered_json& j, const calib::ValidationSummary& s) {
  j["rows"] = s.rows;
  j["predicted"] = s.predicted;
  j["scored"] = s.scored;
  j["median_abs_error"] = s.median_abs_error;
  j["mean_abs_error"] = s.mean_abs_error;
  j["p90_abs_error"] = s.p90_abs_error;
  j["max_abs_error"] = s.max_abs_error;
  j["bias"] = s.bias;
  if (s.with_band > 0) {
    j["in_90_percent_band"] = static_cast<double>(s.in_band) / s.with_band;
  }
}

/// Rows with an error, worst first.
std::vector<const calib::ValidationRow*> worst_first(const calib::Validation& v) {
  std::vector<const calib::ValidationRow*> rows;
  for (const calib::ValidationRow& r : v.rows) {
    if (r.error()) {
      rows.push_back(&r);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    return std::abs(*a->error()) > std::abs(*b->error());
  });
  return rows;
}

constexpr std::size_t kWorstShown = 10;

std::string json_text(const calib::Validation& v, const ValidateOptions& options) {
  ordered_json j;
  j["table"] = options.table.string();
  add_summary(j, v.summary);
  j["skipped"] = ordered_json::array();
  for (const calib::ValidationRow& r : v.rows) {
    if (!r.reason.empty()) {
      j["skipped"].push_back({{"id", r.id}, {"reason", r.reason}});
    }
  }
  j["worst"] = ordered_json::array();
  const auto worst = worst_first(v);
  for (std::size_t i = 0; i < std::min(kWorstShown, worst.size()); ++i) {
    j["worst"].push_back({{"id", worst[i]->id},
                          {"measured", *worst[i]->measured},
                          {"predicted", *worst[i]->predicted},
                          {"error", *worst[i]->error()}});
  }
  for (const auto& [label, groups] : v.by) {
    for (const auto& [name, summary] : groups) {
      add_summary(j["by"][label][name], summary);
    }
  }
  return j.dump(2) + "\n";
}

std::string summary_line(std::string_view name, const calib::ValidationSummary& s) {
  return fmt::format(
      "  {:<26}{:>5} of {:<5}{:>7}{:>8.1f} %{:>8.1f} %{:>8.1f} %{:>9.1f} %{:>+8.1f} %{:>8}\n",
      name.substr(0, 26), s.predicted, s.rows, s.scored, 100 * s.median_abs_error,
      100 * s.mean_abs_error, 100 * s.p90_abs_error, 100 * s.max_abs_error, 100 * s.bias,
      s.with_band == 0 ? std::string("-")
                       : fmt::format("{:.0f} %", 100.0 * s.in_band / s.with_band));
}

std::string table_text(const calib::Validation& v, const ValidateOptions& options) {
  std::string out = fmt::format(
      "{}: predicted against measured\n  {:<26}{:>14}{:>7}{:>10}{:>10}{:>10}{:>11}{:>10}{:>8}\n",
      options.table.string(), "", "predicted", "scored", "median", "mean", "p90", "max", "bias",
      "in band");
  out += summary_line("all", v.summary);
  for (const auto& [label, groups] : v.by) {
    out += fmt::format("by {}\n", label);
    for (const auto& [name, summary] : groups) {
      out += summary_line(name.empty() ? "(none)" : name, summary);
    }
  }
  out += "worst rows\n";
  const auto worst = worst_first(v);
  for (std::size_t i = 0; i < std::min(kWorstShown, worst.size()); ++i) {
    out += fmt::format("  {:<26} measured {:.4g}, predicted {:.4g} ({:+.0f} %)\n", worst[i]->id,
                       *worst[i]->measured, *worst[i]->predicted, 100 * *worst[i]->error());
  }
  std::map<std::string, int> reasons;
  for (const calib::ValidationRow& r : v.rows) {
    if (!r.reason.empty()) {
      ++reasons[r.reason];
    }
  }
  if (!reasons.empty()) {
    out += "skipped\n";
  }
  for (const auto& [reason, count] : reasons) {
    out += fmt::format("  {:>5} x {}\n", count, reason);
  }
  return out;
}

/// The input rows with what was predicted.
std::string rows_text(const calib::CsvTable& table, const calib::Validation& v) {
  std::string out;
  const auto add_fields = [&out](const std::vector<std::string>& fields) {
    for (const std::string& f : fields) {
      out += calib::csv_field(f) + ",";
    }
  };
  add_fields(table.header);
  out += "predicted,error,reason\n";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const calib::ValidationRow& r = v.rows.at(i);
    add_fields(table.rows[i]);
    out +=
        fmt::format("{},{},{}\n", r.predicted ? fmt::format("{:.6g}", *r.predicted) : "",
                    r.error() ? fmt::format("{:.4f}", *r.error()) : "", calib::csv_field(r.reason));
  }
  return out;
}

}  // namespace

namespace {

calib::Validation validate_runs(const calib::CsvTable& chosen, const Catalog& catalog,
                                ProfileStore& store, const ValidateOptions& options) {
  const TrainingTable runs(chosen, catalog, store);
  calib::Validation result = validate_cases(runs.cases(), {});
  if (!options.report.empty()) {
    const Page page = scoreboard(options.table.filename().string(), runs.cases(), result);
    write_file(options.report,
               options.report.extension() == ".md" ? as_markdown(page) : as_html(page));
  }
  return result;
}

}  // namespace

int validate(const ValidateOptions& options) {
  if (!options.report.empty() && options.kind != ValidationKind::Training) {
    throw topology::InputError("--report: only training runs have a report; use --kind training");
  }
  const Catalog catalog = Catalog::open(options.profile);
  const calib::CsvTable table = calib::read_csv(options.table);
  const std::vector<std::size_t> rows = matching(table, options.where);
  if (rows.empty()) {
    throw topology::InputError(fmt::format("{}: no row matches --where; {} rows were read",
                                           options.table.string(), table.rows.size()));
  }
  const calib::CsvTable chosen = keep(table, rows);
  ProfileStore store(catalog.directory(), options.profile);
  calib::Validation result;
  switch (options.kind) {
    case ValidationKind::Training:
      result = validate_runs(chosen, catalog, store, options);
      break;
    case ValidationKind::Gemm:
    case ValidationKind::Attention:
      result = keep(validate_kernels(options, catalog, store), rows);
      break;
    case ValidationKind::Collectives:
      result = keep(validate_collectives(options, catalog, store), rows);
      break;
  }
  if (!options.out.empty()) {
    write_file(options.out, rows_text(chosen, result));
  }
  if (!options.write_band.empty()) {
    if (options.kind != ValidationKind::Training) {
      throw topology::InputError("--write-band makes the band of whole steps; add --kind training");
    }
    write_file(options.write_band, step_band_text(result, options.table.filename().string()));
  }
  fmt::print("{}", options.format == OutputFormat::Json ? json_text(result, options)
                                                        : table_text(result, options));
  return options.fail_above > 0.0 && result.summary.median_abs_error > options.fail_above ? 1 : 0;
}

}  // namespace scenarios
