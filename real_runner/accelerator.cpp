#include "real_runner/accelerator.hpp"

#include <array>

namespace real_runner {

namespace {

/// A part of the driver's name for a device and, where two have the same name, its memory.
struct DeviceName {
  std::string_view part;
  double at_least_gb;
  std::string_view accelerator;
};
// First match counts. Names: NVIDIA driver README, "Supported NVIDIA GPU Products"; catalog names:
// scenarios/catalog/accelerators.
constexpr std::array kDeviceNames{DeviceName{"GB300", 0, "gb300"},
                                  DeviceName{"GB200", 0, "gb200"},
                                  DeviceName{"B300", 0, "b300-sxm"},
                                  DeviceName{"B200", 0, "b200-sxm"},
                                  DeviceName{"GH200", 0, "gh200"},
                                  DeviceName{"H200 NVL", 0, ""},
                                  DeviceName{"H200", 0, "h200-sxm"},
                                  DeviceName{"H800", 0, "h800"},
                                  DeviceName{"H20", 0, "h20"},
                                  DeviceName{"H100 NVL", 0, "h100-nvl"},
                                  DeviceName{"H100 PCIe", 0, "h100-pcie"},
                                  DeviceName{"H100", 0, "h100-sxm"},
                                  DeviceName{"A100", 60, "a100-80"},
                                  DeviceName{"A100", 0, "a100-40"},
                                  DeviceName{"L40S", 0, "l40s"},
                                  DeviceName{"A10G", 0, "a10g"},
                                  DeviceName{"RTX 4090", 0, "rtx-4090"},
                                  DeviceName{"RTX 6000 Ada", 0, "rtx-6000-ada"},
                                  DeviceName{"RTX A6000", 0, "rtx-a6000"},
                                  DeviceName{"V100", 24, "v100"},
                                  DeviceName{"V100", 0, "v100-16"}};

// Sources: NVIDIA data sheets of A100 (2021), L40S (2023), H100 (2023), H200 (2024), B200 (2024);
// dense. Host: PCIe 4.0 and 5.0 x16 after encoding, PCI-SIG.
constexpr std::array kRates{RatesGuess{"h200-sxm", 989, 1979, 494, 67, 4800, 50, 141},
                            RatesGuess{"h100-sxm", 989, 1979, 494, 67, 3350, 50, 80},
                            RatesGuess{"a100-80", 312, 0, 156, 19.5, 2039, 25, 80},
                            RatesGuess{"a100-40", 312, 0, 156, 19.5, 1555, 25, 40},
                            RatesGuess{"l40s", 362, 733, 183, 91.6, 864, 25, 48},
                            RatesGuess{"b200-sxm", 2250, 4500, 1125, 75, 8000, 50, 180}};

}  // namespace

std::string accelerator_named(std::string_view device_name, units::Bytes memory) {
  for (const DeviceName& each : kDeviceNames) {
    if (device_name.find(each.part) != std::string_view::npos &&
        memory >= units::gigabytes(each.at_least_gb)) {
      return std::string(each.accelerator);
    }
  }
  return {};
}

units::FlopsPerSecond RatesGuess::peak(topology::Precision precision) const {
  using topology::Precision;
  switch (precision) {
    case Precision::Fp32:
      return units::teraflops_per_second(fp32_tflops);
    case Precision::Tf32:
      return units::teraflops_per_second(tf32_tflops);
    case Precision::Fp8:
    case Precision::Fp4:
    case Precision::Int8:
      return units::teraflops_per_second(fp8_tflops > 0 ? fp8_tflops : bf16_tflops);
    case Precision::Bf16:
    case Precision::Fp16:
      break;
  }
  return units::teraflops_per_second(bf16_tflops);
}

units::BytesPerSecond RatesGuess::memory() const {
  return units::gigabytes_per_second(memory_gb_s);
}

const RatesGuess& rates_guess(std::string_view accelerator) {
  for (const RatesGuess& each : kRates) {
    if (each.accelerator == accelerator) {
      return each;
    }
  }
  return kRates.front();
}

}  // namespace real_runner
