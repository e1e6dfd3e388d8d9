// Collective profiles as files: what is written is read again, and garbage is refused with a place
// and a remedy.
#include "calib/collective_profile.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "calib/collective_catalog.hpp"
#include "topology/error.hpp"

namespace {

using calib::CollectiveProfile;

const std::filesystem::path kProfiles =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios" / "catalog" / "profiles";

std::filesystem::path scratch(const std::string& name) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "collective_profile_test";
  std::filesystem::create_directories(folder);
  return folder / name;
}

std::string content(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

std::filesystem::path with_content(const std::string& name, const std::string& text) {
  std::ofstream(scratch(name)) << text;
  return scratch(name);
}

std::string refusal(const std::filesystem::path& file) {
  try {
    calib::read_collective_profile(file);
  } catch (const topology::InputError& error) {
    return error.what();
  }
  return "";
}

CollectiveProfile some_profile() {
  CollectiveProfile profile;
  profile.id = "collectives-x";
  profile.accelerator = "x";
  profile.source = {.tables = {"table.csv"}, .date = "2026-11", .command = "fit"};
  profile.reference_bandwidth = units::gigabytes_per_second(450);
  profile.tiers[0] = {.above_ranks = 2, .bandwidth = 0.25};
  profile.residuals["all"] = {
      .records = 3, .median = 0.1, .mean = 0.2, .p90 = 0.3, .max = 0.4, .bias = -0.1};
  profile.warnings = {"a sentence"};
  return profile;
}

TEST(CollectiveProfileFile, ComesBackAsWritten) {
  const auto file = scratch("round.json");
  calib::write_collective_profile(some_profile(), file);
  const CollectiveProfile read = calib::read_collective_profile(file);
  EXPECT_EQ(read.id, "collectives-x");
  EXPECT_EQ(read.tiers[0].above_ranks, 2);
  EXPECT_DOUBLE_EQ(read.residuals.at("all").bias, -0.1);
  const auto again = scratch("again.json");
  calib::write_collective_profile(read, again);
  EXPECT_EQ(content(file), content(again));
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".tmp"));
}

TEST(CollectiveProfileFile, IsRefusedWhenMissingOrNotJson) {
  EXPECT_NE(refusal(scratch("nowhere.json")).find("cannot be read"), std::string::npos);
  EXPECT_NE(refusal(with_content("garbage.json",
                                 "\x7f"
                                 "ELF{{{"))
                .find("is not JSON"),
            std::string::npos);
  EXPECT_NE(refusal(with_content("list.json", "[1, 2]")).find("is not an object"),
            std::string::npos);
  EXPECT_NE(refusal(with_content("empty.json", "{}")).find("schema"), std::string::npos);
}

TEST(CollectiveProfileFile, NamesTheKeyThatIsWrong) {
  const auto file = scratch("good.json");
  calib::write_collective_profile(some_profile(), file);
  const std::string good = content(file);
  const auto broken = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return refusal(with_content("broken.json", text));
  };
  EXPECT_NE(broken("\"base_us\": 4.7", "\"base_us\": -1").find("ring.ll.base_us"),
            std::string::npos);
  EXPECT_NE(broken("\"base_us\": 4.7", "\"base_us\": \"x\"").find("ring.ll.base_us"),
            std::string::npos);
  EXPECT_NE(broken("\"hop_us\"", "\"hop\"").find("ring.ll.hop_us"), std::string::npos);
  EXPECT_NE(broken("\"schema\": 1", "\"schema\": 99").find("schema"), std::string::npos);
  EXPECT_NE(broken("\"bandwidth\": 0.8", "\"bandwidth\": 0").find("not positive"),
            std::string::npos);
  EXPECT_NE(broken("\"switched\"", "\"wires\"").find("scale_up"), std::string::npos);
}

TEST(CollectiveProfileFile, CannotBeWrittenIntoNowhere) {
  EXPECT_THROW(calib::write_collective_profile(some_profile(), scratch("no/such/folder/x.json")),
               topology::RuntimeFailure);
}

TEST(CollectiveProfileTransfer, SaysWhatWasNotMeasuredAndKeepsTheFractions) {
  topology::Accelerator to;
  to.id = "y";
  to.scale_up.kind = topology::ScaleUpKind::Mesh;
  to.scale_up.bandwidth = units::gigabytes_per_second(100);
  const CollectiveProfile moved = calib::transfer_collectives(some_profile(), to);
  EXPECT_EQ(moved.accelerator, "y");
  EXPECT_DOUBLE_EQ(moved.ring[2].bandwidth, some_profile().ring[2].bandwidth);
  EXPECT_EQ(moved.tiers[0].above_ranks, 0);  // tiers are of a PCIe tree
  EXPECT_NE(moved.warnings.back().find("y were not measured"), std::string::npos);
  EXPECT_NE(moved.warnings.back().find("mesh"), std::string::npos);
}

TEST(CollectiveCatalog, GivesEachAcceleratorItsOwnOrItsNearestProfile) {
  topology::Accelerator accelerator;
  accelerator.id = "h100-sxm";
  accelerator.scale_up.kind = topology::ScaleUpKind::Switched;
  EXPECT_TRUE(calib::collective_profile_for(accelerator, kProfiles).warnings.empty());
  accelerator.id = "gb300";
  accelerator.profile = "gb200";
  EXPECT_NE(
      calib::collective_profile_for(accelerator, kProfiles).warnings.back().find("those of gb200"),
      std::string::npos);
  accelerator.scale_up.kind = topology::ScaleUpKind::Mesh;
  accelerator.vendor = "NVIDIA";
  EXPECT_NE(calib::collective_profile_for(accelerator, kProfiles).warnings.back().find("a100-80"),
            std::string::npos);
  accelerator.scale_up.kind = topology::ScaleUpKind::Torus;
  EXPECT_EQ(calib::collective_profile_for(accelerator, kProfiles).scale_up,
            topology::ScaleUpKind::Torus);
}

TEST(CollectiveCatalog, CountsItsParametersAndStatesItsResiduals) {
  for (const char* id : {"a100-80", "h100-sxm", "h200-sxm", "b200-sxm", "gb200", "l40s"}) {
    const auto profile =
        calib::read_collective_profile(kProfiles / ("collectives-" + std::string(id) + ".json"));
    EXPECT_EQ(profile.accelerator, id);
    EXPECT_GT(profile.parameters, 0);
    EXPECT_LE(profile.parameters, 19);
    EXPECT_LT(profile.residuals.at("all").median, 0.10) << id;
    EXPECT_LT(profile.residuals.at("cross-validated").median, 0.15) << id;
  }
}

}  // namespace
