#include "sim/search/choose.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

//                             time  money  power  carbon  accelerators
const std::vector<Uses> kPlans{{60, 100, 20, 5, 1000},
                               {50, 120, 25, 5, 1200},
                               {80, 70, 12, 5, 700},
                               {90, 75, 14, 5, 750},  // beaten by the one before
                               {40, 190, 35, 5, 2000}};

Limits limits(std::optional<double> time, std::optional<double> money,
              std::optional<double> power = {}) {
  return {time, money, power, std::nullopt, std::nullopt};
}

TEST(Choose, TakesTheBestOfThoseThatMeetTheLimits) {
  EXPECT_EQ(best(kPlans, limits(65, {}), Resource::Money), 0U);
  EXPECT_EQ(best(kPlans, limits({}, 130), Resource::Time), 1U);
  EXPECT_EQ(best(kPlans, {}, Resource::Money), 2U);
  EXPECT_EQ(best(kPlans, limits(45, 150), Resource::Money), std::nullopt);
}

TEST(Choose, AnUnknownUseMeetsNoLimitAndWinsNothing) {
  const std::vector<Uses> plans{{10, std::nan(""), 1, 1, 1}, {20, 5, 1, 1, 1}};
  EXPECT_EQ(best(plans, {}, Resource::Time), 0U);
  EXPECT_EQ(best(plans, {}, Resource::Money), 1U);
  EXPECT_EQ(best(plans, limits({}, 100), Resource::Time), 1U);
  EXPECT_THAT(pareto(plans), ElementsAre(1));
}

TEST(Choose, TheFrontHoldsWhatNothingBeats) {
  EXPECT_THAT(pareto(kPlans), ElementsAre(4, 1, 0, 2));
}

TEST(Choose, TellsWhatRelaxingALimitIsWorth) {
  const Limits l = limits(75, 200, 40);
  const auto chosen = best(kPlans, l, Resource::Money);
  ASSERT_EQ(chosen, 0U);
  const std::vector<Binding> b = bindings(kPlans, l, Resource::Money, *chosen);
  ASSERT_EQ(b.size(), 3U);
  EXPECT_EQ(b[0].limit, Resource::Time);  // 82.5 days let the plan of 80 in
  EXPECT_EQ(b[0].relaxed, 2U);
  EXPECT_DOUBLE_EQ(b[0].gain, 30.0);
  EXPECT_DOUBLE_EQ(b[0].share, 0.8);
  EXPECT_EQ(b[1].gain, 0.0);
}

TEST(Choose, NamesTheLimitsThatClashAndTheNearestPlan) {
  const Clash c = clash(kPlans, limits(55, 100, 40));
  EXPECT_THAT(c.drop, ElementsAre(ElementsAre(Resource::Time), ElementsAre(Resource::Money)));
  ASSERT_EQ(c.nearest, 0U);  // 9 % too late
  EXPECT_THAT(c.exceeded, ElementsAre(Resource::Time));
  const Clash both = clash(kPlans, limits(30, 60, {}));
  EXPECT_THAT(both.drop, ElementsAre(ElementsAre(Resource::Time, Resource::Money)));
}

TEST(Choose, WithoutPlansNothingIsNear) {
  const Clash c = clash({}, limits(1, {}));
  EXPECT_THAT(c.drop, IsEmpty());
  EXPECT_FALSE(c.nearest);
}

}  // namespace
}  // namespace sim
