#include "topology/quantity.hpp"

#include <ostream>
#include <string>

#include "tests/scenarios/messages.hpp"

namespace {

using topology::Measure;
using topology::parse_base;
using topology::parse_quantity;
using testing::HasSubstr;

struct Reading {
  std::string text;
  Measure measure;
  double base;
};
void PrintTo(const Reading& reading, std::ostream* out) {
  *out << reading.text;
}
class Quantities : public testing::TestWithParam<Reading> {};

TEST_P(Quantities, AreReadInBaseUnits) {
  EXPECT_DOUBLE_EQ(parse_base(GetParam().text, GetParam().measure), GetParam().base);
}

// GB = 1e9 and GiB = 2^30 bytes, a byte has 8 bits, a month is 730 h.
INSTANTIATE_TEST_SUITE_P(
    Units, Quantities,
    testing::Values(
        Reading{"400 Gbit/s", Measure::Bandwidth, 50e9},
        Reading{"80 GiB", Measure::Size, 80 * 1073741824.0}, Reading{"80GB", Measure::Size, 80e9},
        Reading{"3.35 TB/s", Measure::Bandwidth, 3.35e12},
        Reading{"989 TFLOP/s", Measure::FlopRate, 989e12}, Reading{"2 us", Measure::Time, 2e-6},
        Reading{"2 µs", Measure::Time, 2e-6}, Reading{"  700 W ", Measure::Power, 700},
        Reading{"60 days", Measure::Time, 60 * 86400.0}, Reading{"1 day", Measure::Time, 86400.0},
        Reading{"150e6 USD", Measure::Money, 150e6}, Reading{"20 MW", Measure::Power, 20e6},
        Reading{"12 kWh", Measure::Energy, 12 * 3.6e6},
        Reading{"2.5 USD/(GPU h)", Measure::MoneyRate, 2.5 / 3600},
        Reading{"2.5 USD/GPU/h", Measure::MoneyRate, 2.5 / 3600},
        Reading{"7.3 USD/GB/month", Measure::StoragePrice, 7.3 / 1e9 / (730 * 3600.0)},
        Reading{"0.08 USD/kWh", Measure::EnergyPrice, 0.08 / 3.6e6},
        Reading{"3.8e25 FLOP", Measure::FlopCount, 3.8e25}));

TEST(Quantity, BareNumberNamesPlaceKeyAndRemedy) {
  const std::string message = refusal([] {
    parse_quantity<units::BytesPerSecond>("400", {"cluster.yaml", 12, 14}, "cluster.nic_bandwidth");
  });
  EXPECT_EQ(message,
            "cluster.yaml:12:14: cluster.nic_bandwidth: \"400\" has no unit, expected a bandwidth "
            "such as \"400 Gbit/s\"");
}

TEST(Quantity, AnotherDimensionIsNamed) {
  EXPECT_EQ(refusal([] { parse_quantity<units::BytesPerSecond>("400 GiB"); }),
            "\"400 GiB\" is a size, expected a bandwidth such as \"400 Gbit/s\"");
  EXPECT_THAT(refusal([] { parse_quantity<units::Seconds>("3 W/GB"); }),
              HasSubstr("is of another kind, expected a time"));
}

TEST(Quantity, CommonSlipsGetAHint) {
  EXPECT_THAT(refusal([] { parse_quantity<units::BytesPerSecond>("400 Gb/s"); }),
              HasSubstr("unknown unit \"Gb\" - write \"Gbit\" for bits or \"GB\" for bytes"));
  EXPECT_THAT(refusal([] { parse_quantity<units::BytesPerSecond>("400 Gbps"); }),
              HasSubstr("write \"Gbit/s\" or \"GB/s\""));
  EXPECT_THAT(refusal([] { parse_quantity<units::FlopsPerSecond>("989 TFLOPS"); }),
              HasSubstr("write \"TFLOP/s\" for a rate"));
  EXPECT_THAT(refusal([] { parse_quantity<units::Bytes>("80 gib"); }), HasSubstr("\"GiB\""));
  EXPECT_THAT(refusal([] { parse_quantity<units::Bytes>("80 KB"); }), HasSubstr("\"kB\""));
}

TEST(Quantity, WhatIsNoPositiveFiniteNumberIsRefused) {
  for (const char* text :
       {"", " ", "GiB", "-1 GiB", "1e999 GiB", "inf GiB", "nan GiB", "0x10 GiB", "1,5 GiB"}) {
    EXPECT_THAT(refusal([text] { parse_quantity<units::Bytes>(text); }),
                HasSubstr("expected a size"))
        << text;
  }
}

TEST(Quantity, BrokenUnitsAreRefused) {
  for (const char* text :
       {"1 GB/", "1 GB//s", "1 (GB", "1 GB)", "1 ((GB))", "1 GB/(s/s)", "1 /", "1 GiGiB"}) {
    EXPECT_THAT(refusal([text] { parse_quantity<units::BytesPerSecond>(text); }),
                HasSubstr("expected a bandwidth"))
        << text;
  }
}

}  // namespace
