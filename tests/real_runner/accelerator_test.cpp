#include "real_runner/accelerator.hpp"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "real_runner/nvml.hpp"

namespace real_runner {
namespace {

TEST(Accelerator, IsKnownByTheDriversName) {
  const auto memory = units::gigabytes(80);
  EXPECT_EQ(accelerator_named("NVIDIA H200", memory), "h200-sxm");
  EXPECT_EQ(accelerator_named("NVIDIA H100 80GB HBM3", memory), "h100-sxm");
  EXPECT_EQ(accelerator_named("NVIDIA H100 PCIe", memory), "h100-pcie");
  EXPECT_EQ(accelerator_named("NVIDIA A100-SXM4-80GB", units::gigabytes(85)), "a100-80");
  EXPECT_EQ(accelerator_named("NVIDIA A100-SXM4-40GB", units::gigabytes(42)), "a100-40");
  EXPECT_EQ(accelerator_named("NVIDIA GB200", memory), "gb200");
  EXPECT_EQ(accelerator_named("NVIDIA B200", memory), "b200-sxm");
  EXPECT_EQ(accelerator_named("NVIDIA T4", memory), "");
}

TEST(Accelerator, NamesAreInTheCatalog) {
  namespace fs = std::filesystem;
  const fs::path catalog = fs::path(GPUPLAN_SOURCE_DIR) / "scenarios/catalog/accelerators";
  for (const char* device :
       {"NVIDIA H200", "NVIDIA B200", "NVIDIA L40S", "NVIDIA H20", "NVIDIA H800", "NVIDIA A10G",
        "NVIDIA GeForce RTX 4090", "NVIDIA GH200 480GB"}) {
    const std::string name = accelerator_named(device, units::gigabytes(48));
    EXPECT_TRUE(fs::exists(catalog / (name + ".yaml"))) << device << " is called " << name;
  }
}

TEST(Accelerator, GuessesWithAnH200WhereItKnowsNothing) {
  EXPECT_EQ(rates_guess("").accelerator, "h200-sxm");
  EXPECT_EQ(rates_guess("a100-80").peak(topology::Precision::Bf16),
            units::teraflops_per_second(312));
}

TEST(Nvml, SaysThatItKnowsNothingOfADeviceThatIsNotThere) {
  const Nvml nvml("FFFF:FF:1F.0");
  EXPECT_FALSE(nvml.look().power);
  EXPECT_FALSE(nvml.other_processes());
  EXPECT_FALSE(nvml.power_limit());
  EXPECT_EQ(nvml.uuid(), "");
}

TEST(Nvml, TypicalStateIsTheMedianOfTheLooks) {
  const auto look = [](double megahertz, bool throttled) {
    return DeviceState{
        .sm_clock_hz = megahertz * 1e6, .temperature_c = {}, .power = {}, .throttled = throttled};
  };
  const DeviceState state = typical({look(1980, false), look(300, false), look(1755, true)});
  EXPECT_DOUBLE_EQ(state.sm_clock_hz.value(), 1755e6);
  EXPECT_FALSE(state.power);
  EXPECT_TRUE(state.throttled);
}

}  // namespace
}  // namespace real_runner
