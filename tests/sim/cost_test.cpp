#include "sim/run/cost.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace {

using sim::CostLine;
using units::usd;

TEST(CostLines, AreRoundedOnceAndAddUp) {
  const CostLine third = sim::cost_line("a", 1.0 / 3.0, "piece", usd(1), {});
  EXPECT_EQ(third.cents, 33);
  const CostLine total =
      sim::cost_sum("all", {third, third, sim::cost_sum("some", {third, third})});
  EXPECT_EQ(total.cents, 132);
  EXPECT_TRUE(sim::adds_up(total));
  CostLine wrong = total;
  wrong.cents += 1;
  EXPECT_FALSE(sim::adds_up(wrong));
}

TEST(CostLines, HoldACountryBudgetToTheCent) {
  const CostLine large = sim::cost_line("large", 123456789.0, "piece", usd(1e5), {});
  const CostLine cent = sim::cost_line("cent", 1, "piece", usd(0.01), {});
  EXPECT_EQ(sim::cost_sum("all", {large, cent}).cents, 1234567890000001);
}

/// 8,192 H100 of the sheet of quotes of August 2024: 342 million USD of hardware.
sim::OwnedCluster cluster_of_342_million() {
  sim::OwnedCluster c;
  c.accelerators = 8192;
  c.per_accelerator = usd(342e6 / 8192);
  c.years = 3;
  c.habits.accelerators_per_person = 1e12;  // hardware and capital only
  c.habits.facility_years = 15;
  return c;
}

// 9 % over three years: an annuity of 0.39505 of the price a year, 405 million USD in all.
TEST(CostOfOwning, CapitalIsAnAnnuity) {
  auto c = cluster_of_342_million();
  c.habits.cost_of_capital = 0.09;
  const CostLine all = sim::cost_of_owning(c);
  EXPECT_NEAR(all.amount().base(), 342e6 * 0.395055 * 3, 0.1e6);
  EXPECT_NEAR(all.amount().base(), 405e6, 1e6);
  EXPECT_TRUE(sim::adds_up(all));
}

// With 30 % left after three years: (342 - 0.3 x 342 / 1.09^3) x 0.395 x 3 = 311.5 million USD.
TEST(CostOfOwning, ResidualValueComesOff) {
  auto c = cluster_of_342_million();
  c.habits.cost_of_capital = 0.09;
  c.habits.residual = 0.3;
  EXPECT_NEAR(sim::cost_of_owning(c).amount().base(), 311.5e6, 0.3e6);
}

TEST(CostOfOwning, ElectricityIsMeteredWithItsPue) {
  auto c = cluster_of_342_million();
  c.mean = units::watts(1e6);
  c.pue = 1.2;
  c.electricity = usd(0.08) / units::kilowatt_hours(1);
  const CostLine all = sim::cost_of_owning(c);
  const auto line = std::find_if(all.parts.begin(), all.parts.end(),
                                 [](const CostLine& l) { return l.what == "electricity"; });
  ASSERT_NE(line, all.parts.end());
  EXPECT_EQ(line->cents, std::llround(1000 * 1.2 * 3 * 8760 * 8.0));
}

// 150 USD per kW and month: 1.8 million USD a MW and year.
TEST(CostOfOwning, ColocationReplacesTheBuilding) {
  auto c = cluster_of_342_million();
  c.critical = units::watts(1e6);
  c.per_kw_month = usd(150);
  const double with = sim::cost_of_owning(c).amount().base();
  c.critical = units::watts(0);
  EXPECT_NEAR(with - sim::cost_of_owning(c).amount().base(), 3 * 1.8e6, 1);
}

TEST(CostOfRenting, IsHoursTimesPrice) {
  const CostLine rent = sim::cost_of_renting(16384, 54 * 24.0, usd(2.35) / units::hours(1), {});
  EXPECT_EQ(rent.cents, std::llround(16384 * 54.0 * 24 * 235));
  EXPECT_TRUE(sim::adds_up(rent));
}

TEST(ResidualShare, IsThatOfThreeYearsAtThreeYears) {
  EXPECT_NEAR(sim::residual_share(0.3, 3), 0.3, 1e-12);
  EXPECT_NEAR(sim::residual_share(0.3, 6), 0.09, 1e-12);
  EXPECT_EQ(sim::residual_share(0, 3), 0);
}

}  // namespace
