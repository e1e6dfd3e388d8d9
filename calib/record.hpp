#pragma once
// Kernel measurements as the tables under ../shared/truth/silicon and the runner write them.
#include <string>
#include <string_view>
#include <vector>

#include "calib/csv.hpp"
#include "calib/shapes.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace calib {

struct GemmRecord {
  std::string accelerator;  ///< catalog name where known, else as the table has it
  topology::Precision precision = topology::Precision::Bf16;
  GemmShape shape;
  units::Seconds time;
  int line = 0;           ///< in the table
  double weight = 1.0;    ///< of its residual in fits; less for a noisy measurement
  std::string where{};    ///< file, for messages
};

struct AttentionRecord {
  std::string accelerator;
  topology::Precision precision = topology::Precision::Bf16;
  AttentionShape shape;  ///< queries and keys of the same length
  units::Seconds time;
  int line = 0;
  double weight = 1.0;
  std::string where{};
};

/// Catalog name for the names that tables use: "H100-SXM5-80GB" -> "h100-sxm". Unknown names come
/// back in lower case.
std::string catalog_accelerator(std::string_view table_name);

/// Columns `accelerator, dtype, m, n, k, latency_us`; dtype is bfloat16, float16, fp8, nvfp4 or a
/// precision name.
/// @throws topology::InputError with file, line and column.
std::vector<GemmRecord> gemm_records(const CsvTable& table);

/// Columns `accelerator, dtype, batch, seq_len, heads, kv_heads, head_dim, window, latency_us`.
/// @throws topology::InputError with file, line and column.
std::vector<AttentionRecord> attention_records(const CsvTable& table);

}  // namespace calib
