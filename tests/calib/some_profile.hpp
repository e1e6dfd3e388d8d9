#pragma once
// A profile with round numbers for tests: 100 units, 1 PFLOP/s, 2 TB/s.
#include <cstddef>

#include "calib/profile.hpp"

namespace calib {

inline GemmDevice some_device() {
  return {.units = 100,
          .peak = units::teraflops_per_second(1000),
          .memory_bandwidth = units::gigabytes_per_second(2000),
          .l2_cache = units::mebibytes(50),
          .element_bytes = 2};
}

inline DeviceProfile some_profile() {
  using topology::Precision;
  DeviceProfile p;
  p.id = "test";
  p.accelerator = "test-device";
  p.hardware.compute_units = 100;
  const auto peak = [&p](Precision precision, double teraflops) {
    p.hardware.peak[static_cast<std::size_t>(precision)] = units::teraflops_per_second(teraflops);
  };
  peak(Precision::Fp32, 60);
  peak(Precision::Tf32, 500);
  peak(Precision::Bf16, 1000);
  peak(Precision::Fp16, 1000);
  peak(Precision::Fp8, 2000);
  p.hardware.memory_bandwidth = units::gigabytes_per_second(2000);
  p.hardware.l2_cache = units::mebibytes(50);
  p.hardware.source = "made up";
  p.gemm[static_cast<std::size_t>(Precision::Bf16)].measured = true;
  return p;
}

}  // namespace calib
