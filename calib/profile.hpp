#pragma once
// Fitted cost models of one accelerator: coefficients, residuals and where they come from. Plain
// values, read from and written to small JSON files under scenarios/catalog/profiles; evaluated by
// free functions.
//
// Every time here is a device time: from the start of the kernel on its stream to its end, one
// kernel after the other as in a captured graph. It includes a kernel's start-up on the device (a
// few microseconds); the host's work to dispatch it is not in it and belongs to whoever models the
// framework.
//
// The tables behind the fits repeat one call on the same buffers for a short while: small operands
// come from L2, and only calls of some milliseconds meet the power cap. See sustained_slowdown for
// long jobs.
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "calib/attention_model.hpp"
#include "calib/fitted.hpp"
#include "calib/gemm_model.hpp"
#include "calib/shapes.hpp"
#include "calib/statistics.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace calib {

inline constexpr int kProfileSchema = 1;

/// Figures of the device that the coefficients are relative to.
struct ReferenceHardware {
  int compute_units = 1;  ///< SMs
  /// Dense peaks by precision, 0 where the device has no such unit.
  std::array<units::FlopsPerSecond, topology::kPrecisionCount> peak{};
  units::BytesPerSecond memory_bandwidth;
  units::Bytes l2_cache;
  std::string source;  ///< datasheet
};

/// Kernels bound by memory traffic: norms, activations, optimizer. Fitted where the records have
/// them (the runner's); the open tables have none.
struct MemoryCoefficients {
  double efficiency =
      0.88;  ///< of the datasheet bandwidth, large sizes; see reference_hardware for sources
  units::Seconds launch = units::microseconds(2.5);  ///< shortest kernel
};

/// What a run measured besides kernels; nothing where no record has it.
struct DeviceExtras {
  /// Time per launch: of a kernel on a stream, of a whole graph, per node of a graph, of a collective.
  std::optional<units::Seconds> kernel_launch, graph_launch, graph_node, collective_launch;
  /// How much longer a product takes beside a collective (SMs and bandwidth lost), and the collective
  /// beside the product. At least 1.
  std::optional<double> gemm_beside_collective, collective_beside_gemm;
  /// Median power of the device under each kind of load.
  std::optional<units::Watts> idle_power, memory_power, compute_power, communication_power;
};

struct DeviceProfile {
  std::string id;
  std::string accelerator;  ///< catalog name, "h100-sxm"
  int schema = kProfileSchema;

  struct Source {
    std::vector<std::string> tables;  ///< measurement tables, by file name
    std::string date;                 ///< when the tables were taken into use, year-month
    std::string command;              ///< that made this profile
    std::vector<std::string> runs{};  ///< of the records, with their dates
    std::string parent{};  ///< the profile that gave what was not measured; empty: none
    std::vector<std::string> transferred{};  ///< what came from the parent or from papers
  } source;

  ReferenceHardware hardware;
  std::array<GemmCoefficients, topology::kPrecisionCount> gemm{};
  AttentionCoefficients attention;
  MemoryCoefficients memory;
  DeviceExtras extras;

  std::map<std::string, Residual>
      residuals;                      ///< by kind, e.g. "gemm bf16", "gemm bf16 cross-validated"
  std::map<std::string, FittedParameters> fitted;  ///< by kind, "gemm bf16"
  BandsByKind bands;                  ///< "gemm bf16", "attention forward", "memory_bound", "step"
  std::vector<std::string> warnings;  ///< sentences for reports
};

/// Time of one GEMM on the device, its start-up included. Zero for an empty shape. Where A is cast
/// to a narrower format first (fp8, nvfp4), that is included as in the tables: gemm_product_time
/// leaves it out.
///
/// Precisions without measurement take their neighbour's coefficients with their own dense peak:
/// fp16 and tf32 and fp32 those of bf16; int8 those of fp8; fp8 (fp4) those of bf16 (fp8) at 0.95
/// of the efficiency - the ratio that H100, H200 and B200 show. Where the device has no such unit
/// the format falls back as in topology::Accelerator::peak_for.
///
/// Monotone in m, n and k up to the rounding of tiles, waves and splits (a few per cent).
units::Seconds gemm_time(const DeviceProfile& profile, const GemmShape& shape,
                         topology::Precision precision);

/// gemm_time without the cast of A: for frameworks that fuse or account for the cast elsewhere.
units::Seconds gemm_product_time(const DeviceProfile& profile, const GemmShape& shape,
                                 topology::Precision precision);

/// How much longer compute-bound GEMMs take in a job that keeps the device busy, against short
/// isolated calls: the whole throttle of the fit. At least 1.
double sustained_slowdown(const DeviceProfile& profile, topology::Precision precision);

/// Time of a fused attention kernel, forward, with rotary embedding and write-out. Zero for an
/// empty shape. Measured in bf16; other precisions scale with the peak, and none is faster than
/// bf16 (the softmax is not).
units::Seconds attention_forward_time(const DeviceProfile& profile, const AttentionShape& shape,
                                      topology::Precision precision);

/// Time of the fused attention backward kernels: 2.5 times the FLOPs of the forward pass (five
/// products instead of two; FlashAttention-2, arXiv 2307.08691, section 4.1) at a share of its rate
/// that papers report.
units::Seconds attention_backward_time(const DeviceProfile& profile, const AttentionShape& shape,
                                       topology::Precision precision);

/// Time of a kernel that is bound by `traffic` bytes to and from device memory: launch + traffic /
/// rate, which reaches half of the rate where both are equal (7 MB on an H100). Zero for zero
/// bytes.
units::Seconds memory_time(const DeviceProfile& profile, units::Bytes traffic);

/// What a GEMM or a fused attention kernel reads and writes in device memory at least: each operand
/// once, in the format that the device computes in. Attention: query, key, value and output;
/// backward also their gradients, and the output again (FlashAttention, arXiv 2205.14135, keeps the
/// scores on chip).
units::Bytes gemm_traffic(const DeviceProfile& profile, const GemmShape& shape,
                          topology::Precision precision);
units::Bytes attention_forward_traffic(const DeviceProfile& profile, const AttentionShape& shape,
                                       topology::Precision precision);
units::Bytes attention_backward_traffic(const DeviceProfile& profile, const AttentionShape& shape,
                                        topology::Precision precision);

/// Where 90 % of the measurements of such a GEMM lie around its predicted `time`: the band of the
/// format that the device computes in.
Band gemm_band(const DeviceProfile& profile, topology::Precision precision, units::Seconds time);
Band attention_band(const DeviceProfile& profile, units::Seconds time);

/// The profile of a device nobody measured: coefficients of `nearest`, with the compute units,
/// dense peaks, memory bandwidth and L2 cache of `to`; figures that `to` leaves out (0) stay, and
/// so does the count of compute units where it differs by more than a factor of 4 (another kind of
/// unit). Adds a warning with from, to and the assumed relative error.
DeviceProfile transfer(const DeviceProfile& nearest, const topology::Accelerator& to);

/// @throws topology::InputError naming file and key where the content is not a profile.
DeviceProfile read_profile(const std::filesystem::path& file);

/// Writes atomically (temporary file, then rename). Same profile, same bytes.
/// @throws topology::RuntimeFailure if the file cannot be written.
void write_profile(const DeviceProfile& profile, const std::filesystem::path& file);

}  // namespace calib
