#pragma once
// Which catalog entry a device is, and its data sheet as far as a plan's time needs it.
#include <string>
#include <string_view>
#include <vector>

#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace real_runner {

/// The catalog name of a device by what the driver calls it, "NVIDIA H200": "h200-sxm". Empty where
/// none is known: then --accelerator says it.
std::string accelerator_named(std::string_view device_name, units::Bytes memory);

/// Rates to guess a measurement's time by; never written into a record.
struct RatesGuess {
  std::string_view accelerator;
  double bf16_tflops, fp8_tflops, tf32_tflops, fp32_tflops;  ///< dense peak; fp8 0: has none
  double memory_gb_s, host_gb_s;
  double memory_gb;

  [[nodiscard]] units::FlopsPerSecond peak(topology::Precision precision) const;
  [[nodiscard]] units::BytesPerSecond memory() const;
};

/// Of the accelerator; an H200's where it is not known.
const RatesGuess& rates_guess(std::string_view accelerator);

}  // namespace real_runner
