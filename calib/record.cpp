#include "calib/record.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include <fmt/format.h>

#include "topology/error.hpp"
#include "topology/names.hpp"

namespace calib {

using topology::InputError;
using topology::Named;
using topology::Precision;

namespace {

constexpr std::array kDtypes{
    Named<Precision>{Precision::Bf16, "bfloat16"}, Named<Precision>{Precision::Fp16, "float16"},
    Named<Precision>{Precision::Fp32, "float32"},  Named<Precision>{Precision::Fp4, "nvfp4"},
    Named<Precision>{Precision::Fp8, "fp8_e4m3"},  Named<Precision>{Precision::Fp8, "fp8_block"}};

struct TableName {
  std::string_view table, catalog;
};
constexpr std::array kAccelerators{
    TableName{"a100-sxm4-80gb", "a100-80"}, TableName{"a100-sxm4-40gb", "a100-40"},
    TableName{"h100-sxm5-80gb", "h100-sxm"}, TableName{"h200-sxm-141gb", "h200-sxm"},
    TableName{"l40s-pcie", "l40s"}};

Precision precision_of(const CsvTable& t, std::size_t row, std::size_t column) {
  const std::string& text = t.rows[row][column];
  if (const auto p = topology::value_in(kDtypes, text)) {
    return *p;
  }
  if (const auto p = topology::precision_from_name(text)) {
    return *p;
  }
  throw InputError(
      {t.file, t.lines[row]}, "dtype",
      fmt::format("found \"{:.40}\", expected bfloat16, fp8, nvfp4 or a precision name", text));
}

std::int64_t positive(const CsvTable& t, std::size_t row, std::size_t column) {
  constexpr long long kMost = 1LL << 40;
  const long long x = t.integer(row, column);
  if (x < 1 || x > kMost) {
    throw InputError({t.file, t.lines[row]}, t.header[column],
                     fmt::format("found {}, expected a number from 1 to {}", x, kMost));
  }
  return x;
}

units::Seconds latency_of(const CsvTable& t, std::size_t row, std::size_t column) {
  const double us = t.number(row, column);
  if (us <= 0.0) {
    throw InputError({t.file, t.lines[row]}, t.header[column],
                     fmt::format("found {}, expected microseconds above 0", us));
  }
  return units::microseconds(us);
}

}  // namespace

std::string catalog_accelerator(std::string_view table_name) {
  std::string name(table_name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const TableName& known : kAccelerators) {
    if (known.table == name) {
      return std::string(known.catalog);
    }
  }
  return name;
}

std::vector<GemmRecord> gemm_records(const CsvTable& t) {
  const auto accelerator = t.required_column("accelerator"), dtype = t.required_column("dtype");
  const auto m = t.required_column("m"), n = t.required_column("n"), k = t.required_column("k");
  const auto latency = t.required_column("latency_us");
  std::vector<GemmRecord> records;
  records.reserve(t.rows.size());
  for (std::size_t row = 0; row < t.rows.size(); ++row) {
    records.push_back({.accelerator = catalog_accelerator(t.rows[row][accelerator]),
                       .precision = precision_of(t, row, dtype),
                       .shape = {positive(t, row, m), positive(t, row, n), positive(t, row, k), 1},
                       .time = latency_of(t, row, latency),
                       .line = t.lines[row]});
  }
  return records;
}

std::vector<AttentionRecord> attention_records(const CsvTable& t) {
  const auto accelerator = t.required_column("accelerator"), dtype = t.required_column("dtype");
  const auto batch = t.required_column("batch"), length = t.required_column("seq_len");
  const auto heads = t.required_column("heads"), kv_heads = t.required_column("kv_heads");
  const auto head_dim = t.required_column("head_dim"), window = t.required_column("window");
  const auto latency = t.required_column("latency_us");
  std::vector<AttentionRecord> records;
  records.reserve(t.rows.size());
  for (std::size_t row = 0; row < t.rows.size(); ++row) {
    AttentionRecord r;
    r.accelerator = catalog_accelerator(t.rows[row][accelerator]);
    r.precision = precision_of(t, row, dtype);
    r.shape.batch = positive(t, row, batch);
    r.shape.query_length = r.shape.key_length = positive(t, row, length);
    r.shape.heads = positive(t, row, heads);
    r.shape.kv_heads = positive(t, row, kv_heads);
    r.shape.head_dim = positive(t, row, head_dim);
    r.shape.window = std::max<std::int64_t>(0, t.integer(row, window));
    r.time = latency_of(t, row, latency);
    r.line = t.lines[row];
    records.push_back(r);
  }
  return records;
}

}  // namespace calib
