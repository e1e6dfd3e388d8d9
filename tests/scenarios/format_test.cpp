#include "scenarios/format.hpp"

#include <gtest/gtest.h>

#include "scenarios/quantity.hpp"

namespace {
using namespace scenarios;  // NOLINT(google-build-using-namespace): all of it is under test here

TEST(Format, PicksTheUnitThatReadsBest) {
  EXPECT_EQ(format_bytes(units::gibibytes(80)), "80 GiB");
  EXPECT_EQ(format_line_rate(units::gigabits_per_second(400)), "400 Gbit/s");
  EXPECT_EQ(format_line_rate(units::gigabits_per_second(3200)), "3200 Gbit/s");
  EXPECT_EQ(format_bandwidth(units::gigabytes_per_second(3350)), "3.35 TB/s");
  EXPECT_EQ(format_flop_rate(units::teraflops_per_second(989.4)), "989.4 TFLOP/s");
  EXPECT_EQ(format_flop_rate(units::teraflops_per_second(2250)), "2250 TFLOP/s");
  EXPECT_EQ(format_power(units::watts(700)), "700 W");
  EXPECT_EQ(format_power(units::watts(20e6)), "20 MW");
  EXPECT_EQ(format_money(units::usd(1234.5)), "1,234.50 USD");
  EXPECT_EQ(format_money(units::usd(150e6)), "150 million USD");
  EXPECT_EQ(format_energy(units::joules(3.6e6 * 12)), "12 kWh");
  EXPECT_EQ(format_count(16384), "16,384");
  EXPECT_EQ(format_count(405.85e9), "405.9 billion");
}

TEST(Format, TimesGoFromNanosecondsToDays) {
  EXPECT_EQ(format_time(units::seconds(0)), "0 s");
  EXPECT_EQ(format_time(units::microseconds(2)), "2 us");
  EXPECT_EQ(format_time(units::seconds(23.4)), "23.4 s");
  EXPECT_EQ(format_time(units::seconds(599)), "599 s");
  EXPECT_EQ(format_time(units::seconds(600)), "10 min");
  EXPECT_EQ(format_time(units::hours(2)), "2 h");
  EXPECT_EQ(format_time(units::hours(24 * 60)), "60 days");
  EXPECT_EQ(format_time(units::microseconds(999.99)), "1 ms");
}

TEST(Format, WhatItWritesIsReadBack) {
  for (double value = 1e-8; value < 1e9; value *= 3.7) {
    const auto time = units::seconds(value);
    EXPECT_NEAR(parse_quantity<units::Seconds>(format_time(time)) / time, 1.0, 6e-4);
  }
  for (double value = 1; value < 1e17; value *= 3.7) {
    const auto size = units::bytes(value);
    EXPECT_NEAR(parse_quantity<units::Bytes>(format_bytes(size)) / size, 1.0, 6e-4);
    const auto rate = units::bytes_per_second(value);
    EXPECT_NEAR(parse_quantity<units::BytesPerSecond>(format_line_rate(rate)) / rate, 1.0, 6e-4);
  }
}
}  // namespace
