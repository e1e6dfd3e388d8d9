#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "calib/profile.hpp"
#include "topology/error.hpp"

#include "some_profile.hpp"

namespace calib {
namespace {

using topology::InputError;

class ProfileFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("profile_io_" + std::to_string(::getpid()) + "_" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "profile.json";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& text) const { std::ofstream(file_, std::ios::binary) << text; }
  [[nodiscard]] std::string get() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// The message of the InputError that reading throws.
  [[nodiscard]] std::string complaint() const {
    try {
      read_profile(file_);
    } catch (const InputError& e) {
      return e.what();
    }
    return "no error";
  }
  void replace(const std::string& from, const std::string& to) const {
    std::string text = get();
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    put(text.replace(at, from.size(), to));
  }

  std::filesystem::path folder_, file_;
};

TEST_F(ProfileFile, ReadsWhatItWrote) {
  DeviceProfile p = some_profile();
  p.source = {{"a.csv", "b.csv"}, "2026-11", "gpuplan-fit"};
  p.residuals["gemm bf16"] = {
      .records = 3, .median = 0.1, .mean = 0.2, .p90 = 0.3, .max = 0.4, .bias = -0.1};
  p.warnings = {"Careful."};
  p.gemm[2].efficiency = 0.123456789;
  write_profile(p, file_);
  const DeviceProfile q = read_profile(file_);
  EXPECT_EQ(q.accelerator, "test-device");
  EXPECT_EQ(q.source.tables, p.source.tables);
  EXPECT_EQ(q.warnings, p.warnings);
  EXPECT_EQ(q.hardware.peak, p.hardware.peak);
  EXPECT_EQ(q.residuals.at("gemm bf16").records, 3);
  EXPECT_EQ(q.residuals.at("gemm bf16").bias, -0.1);
  EXPECT_DOUBLE_EQ(q.gemm[2].efficiency, 0.123456789);
  EXPECT_TRUE(q.gemm[2].measured);
  EXPECT_FALSE(q.gemm[0].measured);
  const std::string first = get();
  write_profile(q, file_);
  EXPECT_EQ(get(), first);
}

TEST_F(ProfileFile, KeepsAnEfficiencySurface) {
  DeviceProfile p = some_profile();
  const EfficiencySurface made{
      .first = {0, 5, 5},
      .count = {2, 3, 2},
      .log_time = {0.012, -0.3, 0, 0.001, 0.002, 0.003, 1.5, -0.001, 0.005, 0.006, 0.007, -2}};
  p.gemm[2].surface = std::make_shared<const EfficiencySurface>(made);
  write_profile(p, file_);
  const DeviceProfile q = read_profile(file_);
  ASSERT_TRUE(q.gemm[2].surface);
  EXPECT_EQ(q.gemm[2].surface->first, made.first);
  EXPECT_EQ(q.gemm[2].surface->count, made.count);
  EXPECT_EQ(q.gemm[2].surface->log_time, made.log_time);
  replace("12 -300,0 1,", "12 -300,0 1 1,");
  EXPECT_NE(complaint().find("gemm.bf16.surface: expected first_octave"), std::string::npos)
      << complaint();
  write_profile(p, file_);
  replace("12 -300,0 1,", "12 nan,0 1,");
  EXPECT_NE(complaint().find("gemm.bf16.surface"), std::string::npos);
  write_profile(p, file_);
  replace("\"octaves\": [\n          2", "\"octaves\": [\n          9");
  EXPECT_NE(complaint().find("gemm.bf16.surface"), std::string::npos);
}

TEST_F(ProfileFile, LeavesNoTemporaryFile) {
  write_profile(some_profile(), file_);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(ProfileFile, AFolderThatIsNotThereIsAFailureOfTheMachine) {
  EXPECT_THROW(write_profile(some_profile(), folder_ / "no" / "where.json"),
               topology::RuntimeFailure);
}

TEST_F(ProfileFile, NamesFileAndKeyOfABadValue) {
  write_profile(some_profile(), file_);
  replace("\"efficiency\": 0.85", "\"efficiency\": 1.5");
  EXPECT_NE(complaint().find("profile.json"), std::string::npos);
  EXPECT_NE(complaint().find("gemm.bf16.efficiency"), std::string::npos);
}

TEST_F(ProfileFile, NamesAMissingKey) {
  write_profile(some_profile(), file_);
  replace("\"l2_cache_bytes\"", "\"l3_cache_bytes\"");
  EXPECT_NE(complaint().find("hardware.l2_cache_bytes: missing"), std::string::npos);
}

TEST_F(ProfileFile, RefusesAnotherSchema) {
  write_profile(some_profile(), file_);
  replace("\"schema\": 1", "\"schema\": 2");
  EXPECT_NE(complaint().find("schema"), std::string::npos);
}

TEST_F(ProfileFile, RefusesWrongTypesEverywhere) {
  write_profile(some_profile(), file_);
  const std::string good = get();
  for (const std::string text :
       {"[]", "3", "null", "\"x\"", "{}", "{\"schema\": []}", "{\"schema\": 1e99}", ""}) {
    put(text);
    EXPECT_THROW(read_profile(file_), InputError) << text;
  }
  for (std::size_t i = 0; i < good.size(); i += 7) {
    put(good.substr(0, i));
    EXPECT_THROW(read_profile(file_), InputError) << i;
  }
}

TEST_F(ProfileFile, SurvivesGarbage) {
  write_profile(some_profile(), file_);
  const std::string good = get();
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    for (int i = 0; i < 3; ++i) {
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    }
    put(bad);
    try {
      read_profile(file_);
    } catch (const InputError&) {
    }
  }
  std::string noise(2'000'000, '\0');
  for (char& c : noise) {
    c = static_cast<char>(random());
  }
  put(noise);
  EXPECT_THROW(read_profile(file_), InputError);
}

TEST_F(ProfileFile, AMissingFileAndAFolderAreInputErrors) {
  EXPECT_THROW(read_profile(folder_ / "nothing.json"), InputError);
  EXPECT_THROW(read_profile(folder_), InputError);
}

}  // namespace
}  // namespace calib
