#include "calib/import/tables.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "calib/collective_tables.hpp"
#include "calib/import/known_words.hpp"
#include "calib/record.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

bool has_all(const CsvTable& table, std::initializer_list<std::string_view> columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&table](std::string_view name) { return table.column(name).has_value(); });
}
bool is_gemm(const CsvTable& t) {
  return has_all(t, {"accelerator", "dtype", "m", "n", "k", "latency_us"});
}
bool is_attention(const CsvTable& t) {
  return has_all(t, {"accelerator", "dtype", "batch", "seq_len", "heads", "kv_heads", "head_dim",
                     "window", "latency_us"});
}
bool is_collective(const CsvTable& t) {
  return has_all(t, {"accelerator", "collective", "gpus", "dtype", "bytes", "latency_us"}) ||
         has_all(t, {"id", "system", "gpus", "nodes", "interconnect", "algo_proto", "collective",
                     "bytes", "time_us", "busbw_GBps"});
}

/// Runs by a key, in the order in which the keys appear.
class Runs {
 public:
  Runs(const CsvTable& table, const Description& known)
      : name_(std::filesystem::path(table.file).filename().string()), known_(known) {}

  RunRecords& of(const std::string& accelerator, const std::string& system = {}) {
    const auto [at, fresh] = index_.try_emplace({accelerator, system}, runs_.size());
    if (fresh) {
      RunRecords run;
      run.header.run = fmt::format("{}{}{}{}{}", name_, accelerator.empty() ? "" : " ", accelerator,
                                   system.empty() ? "" : " ", system);
      run.header.source = fmt::format("table {}", name_);
      run.header.started = known_.started.empty() ? "unknown" : known_.started;
      run.header.machine.accelerator =
          known_.accelerator.empty() ? accelerator : known_.accelerator;
      run.end = {.complete = true, .reason = {}};
      runs_.push_back(std::move(run));
    }
    return runs_[at->second];
  }
  std::vector<RunRecords> take() { return std::move(runs_); }

 private:
  std::string name_;
  const Description& known_;
  std::map<std::pair<std::string, std::string>, std::size_t> index_;
  std::vector<RunRecords> runs_;
};

Measured only_time(units::Seconds time) {
  Measured measured;
  measured.time = time;
  return measured;
}

std::vector<RunRecords> import_gemm(const CsvTable& table, const Description& known) {
  Runs runs(table, known);
  for (const GemmRecord& r : gemm_records(table)) {
    runs.of(r.accelerator)
        .lines.push_back({r.line, GemmMeasurement{.precision = r.precision,
                                                  .layout = GemmLayout::Forward,
                                                  .shape = r.shape,
                                                  .measured = only_time(r.time)}});
  }
  return runs.take();
}

std::vector<RunRecords> import_attention(const CsvTable& table, const Description& known) {
  Runs runs(table, known);
  for (const AttentionRecord& r : attention_records(table)) {
    runs.of(r.accelerator)
        .lines.push_back({r.line, AttentionMeasurement{.precision = r.precision,
                                                       .direction = Direction::Forward,
                                                       .shape = r.shape,
                                                       .measured = only_time(r.time)}});
  }
  return runs.take();
}

/// The algorithm or protocol that a run was forced to; nothing where it was free.
std::optional<Algorithm> forced_algorithm(const Allowed& allowed) {
  for (const Algorithm a : {Algorithm::Ring, Algorithm::Tree, Algorithm::NvlsTree}) {
    Allowed only = Allowed{}.only(a);
    const bool same =
        std::all_of(std::begin(kAlgorithms), std::end(kAlgorithms),
                    [&](Algorithm other) { return allowed.has(other) == only.has(other); });
    if (same) {
      return a;
    }
  }
  // "NVLS off" of NCCL's environment: what remains on one node is the ring.
  return allowed.has(Algorithm::Nvls) ? std::nullopt : std::optional(Algorithm::Ring);
}

std::optional<topology::Precision> precision_in(const CsvTable& table, std::size_t row) {
  const auto column = table.column("dtype");
  if (!column) {
    return std::nullopt;
  }
  const std::string& dtype = table.rows[row][*column];
  return dtype == "half"   ? topology::Precision::Fp16
         : dtype == "int8" ? std::optional(topology::Precision::Int8)
                           : topology::precision_from_name(dtype);
}

CollectiveMeasurement measurement_of(const MeasuredCollective& row) {
  CollectiveMeasurement m;
  m.op = row.op;
  m.bytes = row.size;
  m.ranks = row.ranks;
  m.nodes = (row.ranks + row.per_domain - 1) / std::max(1, row.per_domain);
  m.transport = m.nodes > 1 ? transport_of(row.network) : Transport::Unknown;
  m.measured.time = row.time;
  if (row.published) {
    m.system = row.system;
    if (m.nodes > 1) {
      m.nic_bandwidth = row.nic_bandwidth;
    }
  }
  return m;
}

std::vector<RunRecords> import_collectives(const CsvTable& table, const Description& known) {
  Runs runs(table, known);
  std::map<std::string, int> left_out;
  const std::vector<MeasuredCollective> rows = measured_collectives(table);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const MeasuredCollective& row = rows[i];
    if (!row.reason.empty()) {
      ++left_out[row.reason];
      continue;
    }
    CollectiveMeasurement m = measurement_of(row);
    m.precision = precision_in(table, i);
    if (m.precision != topology::Precision::Int8) {
      m.algorithm = forced_algorithm(row.allowed);
    }
    RunRecords& run = runs.of(row.accelerator, row.published ? row.system : std::string());
    run.header.software.nccl = row.library;
    run.lines.push_back({table.lines[i], std::move(m)});
  }
  std::vector<RunRecords> result = runs.take();
  for (const auto& [reason, count] : left_out) {
    if (!result.empty()) {
      result.front().header.notes.push_back(
          fmt::format("{} rows of the table are left out: {}", count, reason));
    }
  }
  return result;
}

}  // namespace

bool is_measurement_table(const CsvTable& table) {
  return is_gemm(table) || is_attention(table) || is_collective(table);
}

std::vector<RunRecords> import_table(const CsvTable& table, const Description& known) {
  if (is_gemm(table)) {
    return import_gemm(table, known);
  }
  if (is_attention(table)) {
    return import_attention(table, known);
  }
  if (is_collective(table)) {
    return import_collectives(table, known);
  }
  throw topology::InputError(
      {.file = table.file}, "",
      "has the columns of no known table of measurements; expected those of GEMM (accelerator, "
      "dtype, m, n, k, latency_us), attention (accelerator, dtype, batch, seq_len, heads, "
      "kv_heads, "
      "head_dim, window, latency_us) or collectives (accelerator, collective, gpus, dtype, bytes, "
      "latency_us)");
}

}  // namespace calib
