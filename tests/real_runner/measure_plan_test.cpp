#include "real_runner/measure_plan.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "real_runner/not_here.hpp"
#include "topology/error.hpp"

namespace real_runner {
namespace {

using testing::ElementsAre;
using topology::RuntimeFailure;

/// Products whose m counts from 1, and what became of each.
struct Course {
  Plan plan;
  std::vector<std::string> told;
  bool device_answers = true;

  explicit Course(std::int64_t figures) {
    for (std::int64_t m = 1; m <= figures; ++m) {
      calib::GemmMeasurement gemm;
      gemm.shape = {.m = m, .n = 1, .k = 1};
      plan.items.push_back({.part = Part::Gemm, .what = gemm, .estimate = units::seconds(1)});
    }
  }
  static std::int64_t number(const calib::Measurement& what) {
    return std::get<calib::GemmMeasurement>(what).shape.m;
  }
  std::optional<std::string> measure(const std::function<void(std::int64_t)>& figure,
                                     std::int64_t stop_before = 0) {
    std::int64_t asked = 0;
    const auto tell = [this](const char* what_became) {
      return [this, what_became](const calib::Measurement& what, const std::string& why) {
        told.push_back(what_became + std::to_string(number(what)) + ": " + why);
      };
    };
    return measure_plan(plan, {.reason_to_stop = [&]() -> std::optional<std::string> {
                                 if (++asked == stop_before) {
                                   return "the time limit was reached";
                                 }
                                 return {};
                               },
                               .measure = [&](calib::Measurement& what) { figure(number(what)); },
                               .may_go_on = [&] { return device_answers; },
                               .keep =
                                   [&](const calib::Measurement& what) {
                                     told.push_back("kept " + std::to_string(number(what)));
                                   },
                               .left_out = tell("left out "),
                               .failed = tell("failed ")});
  }
};

TEST(MeasurePlan, LeavesOutWhatCannotBeHadAndGoesOnAfterAFailure) {
  Course run(4);
  const auto reason = run.measure([](std::int64_t figure) {
    if (figure == 2) {
      throw NotHere("no fp8");
    }
    if (figure == 3) {
      throw RuntimeFailure("a launch was refused");
    }
  });
  EXPECT_EQ(reason, std::nullopt);
  EXPECT_THAT(run.told, ElementsAre("kept 1", "left out 2: no fp8",
                                    "failed 3: a launch was refused", "kept 4"));
}

TEST(MeasurePlan, StopsForTheReasonThatIsGivenBeforeAFigure) {
  Course run(3);
  EXPECT_EQ(run.measure([](std::int64_t) {}, 3), "the time limit was reached");
  EXPECT_THAT(run.told, ElementsAre("kept 1", "kept 2"));
}

TEST(MeasurePlan, EndsWithTheFailureAfterWhichTheDeviceDoesNotAnswer) {
  Course run(3);
  run.device_answers = false;
  EXPECT_THROW(run.measure([](std::int64_t figure) {
    if (figure == 2) {
      throw RuntimeFailure("an illegal address");
    }
  }),
               RuntimeFailure);
  EXPECT_THAT(run.told, ElementsAre("kept 1"));
}

TEST(MeasurePlan, EndsAfterFiveFailuresInARowAndNotBefore) {
  const auto all_but = [](std::int64_t good) {
    return [good](std::int64_t figure) {
      if (figure != good) {
        throw RuntimeFailure("refused");
      }
    };
  };
  Course with_a_good_one(9);  // four failures, a figure, four failures
  EXPECT_EQ(with_a_good_one.measure(all_but(5)), std::nullopt);
  EXPECT_EQ(with_a_good_one.told.size(), 9U);
  Course without(9);
  EXPECT_THROW(without.measure(all_but(0)), RuntimeFailure);
  EXPECT_EQ(without.told.size(), static_cast<std::size_t>(kFailuresInARow - 1));
}

}  // namespace
}  // namespace real_runner
