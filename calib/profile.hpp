#pragma once
// Fitted cost models of one accelerator: coefficients, residuals and where they come from. Plain values,
// read from and written to small JSON files under scenarios/catalog/profiles; evaluated by free functions.
//
// Every time here is a device time: from the start of the kernel on its stream to its end, one kernel after
// the other as in a captured graph. It includes a kernel's start-up on the device (a few microseconds); the
// host's work to dispatch it is not in it and belongs to whoever models the framework.
#include "calib/shapes.hpp"
#include "calib/statistics.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace calib {

inline constexpr int kProfileSchema = 1;

/// Figures of the device that the coefficients are relative to.
struct ReferenceHardware {
  int compute_units = 0;  ///< SMs
  /// Dense peaks by precision, 0 where the device has no such unit.
  std::array<units::FlopsPerSecond, topology::kPrecisionCount> peak{};
  units::BytesPerSecond memory_bandwidth;
  std::string source;  ///< datasheet
};

/// GEMM coefficients of one precision.
struct GemmCoefficients {
  double efficiency = 0.8;  ///< of the dense peak
};

/// Fused attention, forward; the backward pass follows from it.
struct AttentionCoefficients {
  double efficiency = 0.6;                    ///< of the dense peak
  double backward_relative_efficiency = 0.8;  ///< FLOP/s of the backward over those of the forward kernel
};

/// Kernels bound by memory traffic: norms, activations, optimizer.
struct MemoryCoefficients {
  double efficiency = 0.85;  ///< of the datasheet bandwidth, large sizes
  units::Seconds ramp = units::microseconds(2);
};

struct DeviceProfile {
  std::string id;
  std::string accelerator;  ///< catalog name, "h100-sxm"
  int schema = kProfileSchema;

  struct Source {
    std::vector<std::string> tables;  ///< measurement tables, by file name
    std::string date;                 ///< of the tables, ISO, as they state it
    std::string command;              ///< that made this profile
  } source;

  ReferenceHardware hardware;
  units::Seconds launch = units::microseconds(3);  ///< shortest kernel
  std::array<GemmCoefficients, topology::kPrecisionCount> gemm{};
  AttentionCoefficients attention;
  MemoryCoefficients memory;

  std::map<std::string, Residual> residuals;  ///< by kind, e.g. "gemm bf16", "gemm bf16 cross-validated"
  std::vector<std::string> warnings;          ///< sentences for reports
};

/// Time of one GEMM kernel on the device, its start-up included. Zero for an empty shape.
units::Seconds gemm_time(const DeviceProfile& profile, const GemmShape& shape,
                         topology::Precision precision);

/// Time of a fused attention kernel, forward. Zero for an empty shape.
units::Seconds attention_forward_time(const DeviceProfile& profile, const AttentionShape& shape,
                                      topology::Precision precision);

/// Time of the fused attention backward kernels: 2.5 times the FLOPs of the forward pass (five products
/// instead of two; FlashAttention-2, arXiv 2307.08691, section 4.1) at a fixed share of its rate.
units::Seconds attention_backward_time(const DeviceProfile& profile, const AttentionShape& shape,
                                       topology::Precision precision);

/// Time of a kernel that is bound by `traffic` bytes to and from device memory. Zero for zero bytes.
units::Seconds memory_time(const DeviceProfile& profile, units::Bytes traffic);

/// The profile of a device nobody measured: `nearest`, scaled by compute units, dense peaks and memory
/// bandwidth. Adds a warning that says so.
DeviceProfile transfer(const DeviceProfile& nearest, const topology::Accelerator& to);

/// @throws topology::InputError naming file and key where the content is not a profile.
DeviceProfile read_profile(const std::filesystem::path& file);
/// Writes atomically (temporary file, then rename). Same profile, same bytes.
/// @throws topology::RuntimeFailure if the file cannot be written.
void write_profile(const DeviceProfile& profile, const std::filesystem::path& file);

}  // namespace calib
