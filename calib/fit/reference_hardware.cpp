#include "calib/fit/reference_hardware.hpp"

#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace calib {

namespace {

using topology::Precision;

/// Dense peaks in TFLOP/s; 0 where the device has no such unit.
struct Peaks {
  double fp32, tf32, bf16, fp16, fp8, fp4, int8;
};

ReferenceHardware hardware(int units_count, Peaks p, double bandwidth_gb_s, double l2_mib,
                           std::string_view source) {
  ReferenceHardware h;
  h.compute_units = units_count;
  const auto set = [&h](Precision precision, double teraflops) {
    h.peak[static_cast<std::size_t>(precision)] = units::teraflops_per_second(teraflops);
  };
  set(Precision::Fp32, p.fp32);
  set(Precision::Tf32, p.tf32);
  set(Precision::Bf16, p.bf16);
  set(Precision::Fp16, p.fp16);
  set(Precision::Fp8, p.fp8);
  set(Precision::Fp4, p.fp4);
  set(Precision::Int8, p.int8);
  h.memory_bandwidth = units::gigabytes_per_second(bandwidth_gb_s);
  h.l2_cache = units::mebibytes(l2_mib);
  h.source = source;
  return h;
}

// Tiles of 64 query rows in the Ampere and Ada kernels, of 128 with warp-specialised Hopper and
// Blackwell ones: FlashAttention-2, arXiv 2307.08691, section 3.3; FlashAttention-3, arXiv
// 2407.08608, section 3.1.
constexpr double kAmpereTile = 64, kHopperTile = 128;

// Backward over forward FLOP/s of the attention kernels. FlashAttention-2, section 4.1: on A100 up
// to 73 % of peak forward, 63 % backward. FlashAttention-3: on H100 up to 740 TFLOP/s forward,
// about 550 backward. Figures recalled, not measured here. Blackwell: assumed as Hopper.
constexpr double kAmpereBackward = 0.86, kHopperBackward = 0.75;

// Share of the datasheet bandwidth that a streaming kernel reaches: an assumption for all devices.
// BabelStream triad on A100 is about 1.75 of 2.04 TB/s (86 %; recalled), on H100 about 90 %. No
// table here has such kernels.
constexpr double kStreaming = 0.88;

}  // namespace

const std::vector<ReferenceDevice>& reference_devices() {
  static const std::vector<ReferenceDevice> kDevices{
      {"a100-80", "a100-sxm4-80gb",
       hardware(108, {19.5, 156, 312, 312, 0, 0, 624}, 2039, 40,
                "NVIDIA A100 datasheet (2021-06); A100 architecture white paper, table 5"),
       kAmpereTile, kAmpereBackward, kStreaming},
      {"h100-sxm", "h100-sxm5-80gb",
       hardware(132, {67, 494.5, 989, 989, 1979, 0, 1979}, 3350, 50,
                "NVIDIA H100 datasheet (2023); H100 architecture white paper, table 2; dense"),
       kHopperTile, kHopperBackward, kStreaming},
      {"h200-sxm", "h200-sxm-141gb",
       hardware(132, {67, 494.5, 989, 989, 1979, 0, 1979}, 4800, 50,
                "NVIDIA H200 datasheet (2024); dense"),
       kHopperTile, kHopperBackward, kStreaming},
      {"b200-sxm", "b200-sxm",
       hardware(148, {75, 1125, 2250, 2250, 4500, 9000, 4500}, 8000, 126,
                "NVIDIA HGX B200 datasheet (2024), an eighth of the board; dense"),
       kHopperTile, kHopperBackward, kStreaming},
      {"gb200", "gb200",
       hardware(152, {80, 1250, 2500, 2500, 5000, 10000, 5000}, 8000, 126,
                "NVIDIA GB200 NVL72 datasheet (2024), one of 72; dense"),
       kHopperTile, kHopperBackward, kStreaming},
      {"l40s", "l40s-pcie",
       hardware(142, {91.6, 183, 362, 362, 733, 0, 733}, 864, 96,
                "NVIDIA L40S datasheet (2023-08); dense"),
       kAmpereTile, kAmpereBackward, kStreaming}};
  return kDevices;
}

const ReferenceDevice& reference_device(std::string_view accelerator) {
  std::string known;
  for (const ReferenceDevice& d : reference_devices()) {
    if (d.accelerator == accelerator) {
      return d;
    }
    known += (known.empty() ? "" : ", ") + std::string(d.accelerator);
  }
  throw topology::InputError(
      fmt::format("no reference figures for \"{:.60}\", expected one of {}", accelerator, known));
}

}  // namespace calib
