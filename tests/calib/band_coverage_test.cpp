// What the 90 % bands of the shipped profiles may be trusted to hold: for every device, number
// format and kind of kernel, the bands are made of four fifths of the groups and asked about the
// records of the last fifth, which neither their fit nor their bands have seen.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "calib/csv.hpp"
#include "calib/fit/attention.hpp"
#include "calib/fit/gemm.hpp"
#include "calib/fit/reference_hardware.hpp"
#include "calib/record.hpp"

namespace calib {
namespace {

using topology::Precision;

const std::filesystem::path kTables =
    std::filesystem::path(GPUPLAN_SOURCE_DIR).parent_path() / "shared/truth/silicon";
// 90 %, more or less three standard errors of a share of 1,000 records that come in groups.
constexpr double kLeast = 0.87, kMost = 0.93;

GemmDevice device_of(const ReferenceHardware& h, Precision precision) {
  return {.units = static_cast<double>(h.compute_units),
          .peak = h.peak[static_cast<std::size_t>(precision)],
          .memory_bandwidth = h.memory_bandwidth,
          .l2_cache = h.l2_cache,
          .element_bytes = topology::element_bytes(precision)};
}

class BandCoverage : public ::testing::TestWithParam<ReferenceDevice> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(table("gemm"))) {
      GTEST_SKIP() << "the measured tables ../shared/truth/silicon are not here";
    }
  }
  static std::filesystem::path table(const std::string& kind) {
    return kTables / (kind + "_" + std::string(GetParam().table) + ".csv");
  }
  static std::vector<GemmRecord> products(Precision precision) {
    std::vector<GemmRecord> own;
    const std::vector<GemmRecord> all = gemm_records(read_csv(table("gemm")));
    std::copy_if(all.begin(), all.end(), std::back_inserter(own),
                 [precision](const GemmRecord& r) { return r.precision == precision; });
    return own;
  }
  static void expect_nine_in_ten(const std::vector<HeldOut>& held_out, const std::string& kind) {
    const double share = band_coverage(held_out);
    EXPECT_GE(share, kLeast) << kind;
    EXPECT_LE(share, kMost) << kind;
    std::string name = kind;
    std::replace(name.begin(), name.end(), ' ', '_');
    RecordProperty(name, std::to_string(share));
    std::printf("%-10s %-18s %5zu unseen records, %.1f %% inside\n",
                std::string(GetParam().accelerator).c_str(), kind.c_str(), held_out.size(),
                100.0 * share);
  }
};

TEST_P(BandCoverage, IsAboutNineInTenForUnseenKernels) {
  const ReferenceHardware& hardware = GetParam().hardware;
  GemmCoefficients bf16;
  for (const Precision precision : {Precision::Bf16, Precision::Fp8, Precision::Fp4}) {
    const std::vector<GemmRecord> records = products(precision);
    if (records.empty()) {
      continue;
    }
    const Cast cast = topology::element_bytes(precision) < 2.0 ? Cast::Measured : Cast::None;
    const GemmFit fit = fit_gemm(records, device_of(hardware, precision), cast);
    expect_nine_in_ten(fit.held_out, "gemm " + std::string(topology::name(precision)));
    bf16 = precision == Precision::Bf16 ? fit.coefficients : bf16;
  }
  ASSERT_TRUE(bf16.measured);
  AttentionCoefficients start;
  start.query_tile = GetParam().query_tile;
  start.backward_rate = GetParam().backward_rate;
  const AttentionFit attention =
      fit_attention(attention_records(read_csv(table("attention_forward"))),
                    device_of(hardware, Precision::Bf16), bf16, start);
  expect_nine_in_ten(attention.held_out, "attention forward");
}

INSTANTIATE_TEST_SUITE_P(Devices, BandCoverage, ::testing::ValuesIn(reference_devices()),
                         [](const auto& device) {
                           std::string name(device.param.accelerator);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace calib
