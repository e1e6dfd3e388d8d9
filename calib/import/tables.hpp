#pragma once
// Records out of tables of measurements (CSV), recognised by their columns.
#include <vector>

#include "calib/csv.hpp"
#include "calib/import/description.hpp"
#include "calib/records.hpp"

namespace calib {

/// True where import_table knows the columns.
bool is_measurement_table(const CsvTable& table);

/// A run per accelerator (per accelerator and system for published sweeps) out of
/// - GEMM times: `accelerator, dtype, m, n, k, latency_us`;
/// - attention times: `accelerator, dtype, batch, seq_len, heads, kv_heads, head_dim, window,
///   latency_us`, causal, forward;
/// - collectives inside a node or published sweeps, see collective_tables.hpp. Rows that no model
/// can
///   predict are left out, with a note that counts them by reason.
/// @throws topology::InputError for other columns, or with file, line and column for a bad cell.
std::vector<RunRecords> import_table(const CsvTable& table, const Description& known);

}  // namespace calib
