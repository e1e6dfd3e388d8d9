#include "real_runner/plan.hpp"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "real_runner/grids.hpp"

namespace real_runner {
namespace {

Options all_parts() {
  Options options;
  options.parts.assign(kParts.begin(), kParts.end());
  return options;
}

TEST(Plan, TakesLessThanTenMinutesOnAnH200) {
  const Plan plan = make_plan(all_parts(), {.accelerator = "h200-sxm"});
  EXPECT_LT(plan.estimate(), units::seconds(600));
  EXPECT_GT(plan.estimate(), units::seconds(60));
  EXPECT_GT(plan.items.size(), 500U);
}

TEST(Plan, TakesLessThanTenMinutesOnEightOfThem) {
  const Plan plan = make_plan(all_parts(), {.accelerator = "h200-sxm", .ranks = 8});
  EXPECT_LT(plan.estimate(), units::seconds(600));
}

TEST(Plan, QuickIsMuchShorter) {
  Options options = all_parts();
  options.quick = true;
  const Plan quick = make_plan(options, {.accelerator = "h200-sxm"});
  EXPECT_LT(quick.estimate(), units::seconds(60));
}

TEST(Plan, MeasuresOnlyWhatWasAskedFor) {
  Options options;
  options.parts = {Part::Attention};
  for (const PlanItem& item : make_plan(options, {}).items) {
    EXPECT_EQ(item.part, Part::Attention);
  }
}

TEST(Plan, NamesNothingTwice) {
  std::set<std::string> seen;
  for (const PlanItem& item : make_plan(all_parts(), {.ranks = 8}).items) {
    EXPECT_TRUE(seen.insert(describe(item.what)).second) << describe(item.what);
  }
}

TEST(Plan, LeavesOutWhatDoesNotFitTheDevice) {
  const Plan plan = make_plan(
      all_parts(), {.accelerator = "a100-40", .memory = units::gigabytes(40), .fp8 = false});
  for (const PlanItem& item : plan.items) {
    EXPECT_LE(memory_needed(item.what), units::gigabytes(40)) << describe(item.what);
    if (const auto* gemm = std::get_if<calib::GemmMeasurement>(&item.what)) {
      EXPECT_NE(gemm->precision, topology::Precision::Fp8);
    }
  }
  EXPECT_THAT(plan.left_out, testing::Contains(testing::HasSubstr("fp8")));
}

TEST(Plan, SaysThatOneRankHasNoCollectives) {
  const Plan plan = make_plan(all_parts(), {});
  EXPECT_THAT(plan.left_out,
              testing::Contains(testing::HasSubstr("one rank has nobody to speak to")));
}

TEST(Plan, StandsACopyInForTheCollectiveOfOneDeviceOnly) {
  for (const auto& overlap : overlap_grid(Detail::Full, 1)) {
    EXPECT_TRUE(overlap.stand_in_sms);
  }
  for (const auto& overlap : overlap_grid(Detail::Full, 2)) {
    EXPECT_FALSE(overlap.stand_in_sms);
  }
}

TEST(Plan, MeasuresCollectivesFromEightBytesToEightGibibytesBothWays) {
  const auto grid = collective_grid(Detail::Full, {8, 1, units::bytes(8), units::gibibytes(8)});
  units::Bytes least = units::gibibytes(9), most;
  bool in_place = false, forced = false;
  for (const auto& c : grid) {
    least = std::min(least, c.bytes);
    most = std::max(most, c.bytes);
    in_place = in_place || c.in_place;
    forced = forced || (c.algorithm == calib::Algorithm::Tree && c.protocol == calib::Protocol::Ll);
  }
  EXPECT_EQ(least, units::bytes(8));
  EXPECT_EQ(most, units::gibibytes(8));
  EXPECT_TRUE(in_place);
  EXPECT_TRUE(forced);
}

TEST(Plan, CountsTheTrafficOfEveryOperator) {
  for (const std::string& op : calib::memory_bound_operators()) {
    EXPECT_GT(memory_traffic(op, 1024, 4096), units::bytes(2.0 * 2 * 1024 * 4096 - 1)) << op;
  }
  // STREAM's triad moves three numbers per element.
  EXPECT_EQ(memory_traffic("triad", 1, 1000), units::bytes(12000));
}

TEST(Plan, CountsOnlyWhatACausalMaskShows) {
  calib::AttentionMeasurement attention{.shape = {.batch = 1,
                                                  .query_length = 2,
                                                  .key_length = 2,
                                                  .heads = 1,
                                                  .kv_heads = 1,
                                                  .head_dim = 8,
                                                  .mask = calib::Mask::Causal},
                                        .measured = {}};
  // Three of four pairs, two products, a multiply-add counts 2.
  EXPECT_EQ(attention_flops(attention), units::flops(3 * 2 * 2 * 8));
  attention.direction = calib::Direction::Backward;
  EXPECT_EQ(attention_flops(attention), units::flops(3 * 5 * 2 * 8));
}

TEST(Plan, PrintsItsPartsForPeopleAndForPrograms) {
  const PlanMachine machine{.ranks = 8};
  const Plan plan = make_plan(all_parts(), machine);
  EXPECT_THAT(plan_text(plan, machine), testing::HasSubstr("8 ranks on 1 node"));
  const auto json = nlohmann::json::parse(plan_json(plan, machine));
  EXPECT_EQ(json["figures"], plan.items.size());
  EXPECT_TRUE(json["parts"].contains("collectives"));
}

}  // namespace
}  // namespace real_runner
