#pragma once
// Tables of one device in, its profile out.
#include <filesystem>
#include <span>
#include <string_view>

#include "calib/profile.hpp"
#include "calib/record.hpp"

namespace calib {

/// Fits every number format that `gemm` has, and attention. Residuals by kind: "gemm bf16", "gemm
/// bf16 m>=1024", both with "cross-validated", "attention forward", "attention forward
/// cross-validated".
/// @throws topology::InputError for an unknown accelerator, no bf16 records, or too few records.
DeviceProfile fit_device(std::string_view accelerator, std::span<const GemmRecord> gemm,
                         std::span<const AttentionRecord> attention);

/// fit_device on gemm_<table>.csv and attention_forward_<table>.csv in `tables`, with provenance.
DeviceProfile fit_device_tables(std::string_view accelerator, const std::filesystem::path& tables);

}  // namespace calib
