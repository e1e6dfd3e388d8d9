#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "calib/profile.hpp"
#include "scenarios/catalog.hpp"

#include "temporary_files.hpp"

namespace scenarios {
namespace {

/// The catalog's H100 profile with measured powers in it.
std::filesystem::path measured_profile(const TemporaryFiles& files) {
  calib::DeviceProfile p =
      calib::read_profile(Catalog::open().directory() / "profiles" / "h100-sxm.json");
  p.extras.idle_power = units::watts(83);
  p.extras.compute_power = units::watts(655);
  p.source.date = "2026-12";
  const std::filesystem::path file = files.directory() / "mine.json";
  calib::write_profile(p, file);
  return file;
}

TEST(MeasuredPower, OfAGivenProfileGoesBeforeTheCatalog) {
  const TemporaryFiles files;
  const Catalog catalog = Catalog::open(measured_profile(files));
  std::vector<Explained> explained;
  const topology::Accelerator a = catalog.accelerator("h100-sxm", {}, &explained);
  EXPECT_EQ(a.idle_power, units::watts(83));
  EXPECT_EQ(a.measured_power.compute, units::watts(655));
  EXPECT_EQ(a.measured_power.memory, units::Watts{});
  const auto idle = std::find_if(explained.begin(), explained.end(), [](const Explained& e) {
    return e.path == "cluster.accelerator.idle_power";
  });
  ASSERT_NE(idle, explained.end());
  EXPECT_EQ(idle->value, "83 W");
  EXPECT_EQ(idle->source, "measured, profile mine.json (2026-12)");
  EXPECT_EQ(
      std::count_if(explained.begin(), explained.end(),
                    [](const Explained& e) { return e.path == "cluster.accelerator.idle_power"; }),
      1);
}

TEST(MeasuredPower, SaysNothingOfOtherAccelerators) {
  const TemporaryFiles files;
  const topology::Accelerator with = Catalog::open(measured_profile(files)).accelerator("h200-sxm");
  EXPECT_EQ(with.idle_power, Catalog::open().accelerator("h200-sxm").idle_power);
  EXPECT_EQ(with.measured_power.compute, units::Watts{});
}

}  // namespace
}  // namespace scenarios
