#include "calib/gemm_model.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include <gtest/gtest.h>

#include "some_profile.hpp"

namespace calib {
namespace {

const std::initializer_list<std::int64_t> kExtents{1, 17, 64, 129, 512, 1000, 2048, 4097, 16384};

template <class Check>
void for_all_shapes(Check check) {
  for (const auto m : kExtents) {
    for (const auto n : kExtents) {
      for (const auto k : kExtents) {
        check(GemmShape{m, n, k, 1});
      }
    }
  }
}

TEST(GemmModel, EmptyShapesTakeNoTime) {
  for (const GemmShape s :
       {GemmShape{0, 8, 8, 1}, {8, 0, 8, 1}, {8, 8, 0, 1}, {8, 8, 8, 0}, {-1, 8, 8, 1}}) {
    EXPECT_EQ(gemm_time(GemmCoefficients{}, some_device(), s), units::Seconds{});
  }
}

TEST(GemmModel, IsNeverFasterThanTheDensePeakNorTheLaunch) {
  const GemmCoefficients c;
  for_all_shapes([&](const GemmShape& s) {
    const double flops =
        2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k);
    const units::Seconds t = gemm_time(c, some_device(), s);
    EXPECT_GE(t, c.launch + units::flops(flops) / some_device().peak);
  });
}

TEST(GemmModel, IsNeverFasterThanL2NorThanMemoryForOperandsThatDoNotFit) {
  const GemmCoefficients c;
  for_all_shapes([&](const GemmShape& s) {
    const double m = static_cast<double>(s.m), n = static_cast<double>(s.n),
                 k = static_cast<double>(s.k);
    const units::Bytes traffic = units::bytes(2.0 * (m * k + k * n + m * n));
    const auto rate = some_device().memory_bandwidth;
    const units::Seconds t = gemm_time(c, some_device(), s);
    EXPECT_GE(t, traffic / (rate * c.memory_efficiency * c.l2_speedup));
    if (traffic > 2.0 * some_device().l2_cache) {
      EXPECT_GE(t, traffic / rate);
    }
  });
}

// Doubling an extent never saves time. A few per cent are allowed: the split of k comes from a
// short list, which a finer grid of tiles can leave.
TEST(GemmModel, GrowsWithEveryExtentUpToTheChoiceOfSplits) {
  const GemmCoefficients c;
  const auto time = [&](GemmShape s) { return gemm_time(c, some_device(), s); };
  for_all_shapes([&](const GemmShape& s) {
    const units::Seconds least = 0.95 * time(s);
    EXPECT_GE(time({2 * s.m, s.n, s.k, 1}), least) << s.m << ' ' << s.n << ' ' << s.k;
    EXPECT_GE(time({s.m, 2 * s.n, s.k, 1}), least) << s.m << ' ' << s.n << ' ' << s.k;
    EXPECT_GE(time({s.m, s.n, 2 * s.k, 1}), least) << s.m << ' ' << s.n << ' ' << s.k;
  });
}

/// Seconds of m x 1280 x 192 where only tiles count: no split (k is too small), no throttle, ample
/// memory. 100 units: m = 2560 makes 10 x 10 tiles of 256 x 128 and 20 x 5 of 128 x 256, one row
/// more 110 and 105.
double tiles_only(double quantisation, std::int64_t m) {
  GemmCoefficients c;
  c.quantisation = quantisation;
  c.tile_penalty = 1000;  // only the largest tiles are worth it
  c.throttle = 0.0;
  GemmDevice device = some_device();
  device.memory_bandwidth = units::gigabytes_per_second(1e9);
  return (gemm_time(c, device, {m, 1280, 192, 1}) - c.launch).base();
}

TEST(GemmModel, OneTileMoreThanAWaveCostsASecondWave) {
  EXPECT_NEAR(tiles_only(1.0, 2561) / tiles_only(1.0, 2560), 2.0, 1e-6);
}

TEST(GemmModel, PersistentKernelsPayOnlyForTheTilesThereAre) {
  EXPECT_NEAR(tiles_only(0.0, 2561) / tiles_only(0.0, 2560), 1.05, 1e-6);
}

TEST(GemmModel, DeepAndSmallProductsAreSplitAlongK) {
  GemmCoefficients c;
  const units::Seconds split = gemm_time(c, some_device(), {128, 128, 65536, 1});
  // One unit alone has a hundredth of the peak.
  const units::Seconds one_unit =
      units::flops(2.0 * 128 * 128 * 65536) / (some_device().peak / 100.0);
  EXPECT_LT(split, 0.2 * one_unit);
}

TEST(GemmModel, ABatchCostsAsMuchAsItsTiles) {
  GemmCoefficients c;
  c.quantisation = 0.0;
  const double one = (gemm_time(c, some_device(), {4096, 4096, 4096, 1}) - c.launch).base();
  const double four = (gemm_time(c, some_device(), {4096, 4096, 4096, 4}) - c.launch).base();
  EXPECT_NEAR(four / one, 4.0, 4.0 * c.throttle);
}

TEST(GemmModel, TheCastOfAIsApart) {
  GemmCoefficients c;
  c.quantise_bytes = 9.0;
  const GemmShape s{65536, 1024, 8192, 1};
  const units::Seconds cast = quantise_time(c, some_device(), s);
  EXPECT_NEAR(cast.base(), 9.0 * 65536 * 8192 / (2e12 * c.memory_efficiency), 0.01 * cast.base());
  EXPECT_NEAR((gemm_time(c, some_device(), s) - product_time(c, some_device(), s)).base(),
              cast.base(), 1e-12);
}

TEST(TransferTime, ReadsFromL2WhatFits) {
  GemmCoefficients c;
  c.l2_speedup = 4.0;
  const auto per_byte = [&](units::Bytes size) {
    return transfer_time(c, some_device(), size, size).base() / size.base() * 2e12 *
           c.memory_efficiency;
  };
  EXPECT_NEAR(per_byte(units::mebibytes(1)), 0.25, 1e-3);
  EXPECT_NEAR(per_byte(units::mebibytes(500)), 1.0, 1e-3);
}

TEST(TransferTime, GrowsWithTheTraffic) {
  const GemmCoefficients c;
  units::Seconds before;
  for (double mib = 0.5; mib < 2000; mib *= 1.1) {
    const units::Seconds t =
        transfer_time(c, some_device(), units::mebibytes(mib), units::mebibytes(mib));
    EXPECT_GT(t, before);
    before = t;
  }
}

}  // namespace
}  // namespace calib
