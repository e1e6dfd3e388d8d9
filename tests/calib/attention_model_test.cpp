#include "calib/attention_model.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include "some_profile.hpp"

namespace calib {
namespace {

AttentionShape shape(std::int64_t length, Mask mask = Mask::Causal, std::int64_t window = 0) {
  return {.batch = 2,
          .query_length = length,
          .key_length = length,
          .heads = 32,
          .kv_heads = 8,
          .head_dim = 128,
          .mask = mask,
          .window = window};
}

units::Seconds forward(const AttentionShape& s) {
  return attention_forward_time(AttentionCoefficients{}, some_device(), GemmCoefficients{}, s);
}

TEST(AttentionFlops, FullMaskCountsEveryPair) {
  EXPECT_DOUBLE_EQ(attention_flops(shape(1000, Mask::Full)).base(),
                   4.0 * 2 * 32 * 128 * 1000 * 1000);
}

TEST(AttentionFlops, CausalMaskCountsTheTriangleWithItsDiagonal) {
  EXPECT_DOUBLE_EQ(attention_flops(shape(1000)).base(), 4.0 * 2 * 32 * 128 * (1000.0 * 1001 / 2));
}

TEST(AttentionFlops, AWindowBoundsTheKeysOfEachQuery) {
  // Rows 1, 2, 3, 4, 4, 4, 4, 4, 4, 4.
  EXPECT_DOUBLE_EQ(attention_flops(shape(10, Mask::Causal, 4)).base(),
                   4.0 * 2 * 32 * 128 * (1 + 2 + 3 + 4 * 7));
}

TEST(AttentionFlops, FewQueriesStandAtTheEndOfTheKeys) {
  AttentionShape s = shape(1);
  s.key_length = 100;
  EXPECT_DOUBLE_EQ(attention_flops(s).base(), 4.0 * 2 * 32 * 128 * 100);
}

TEST(AttentionModel, EmptyShapesTakeNoTime) {
  EXPECT_EQ(forward(shape(0)), units::Seconds{});
  EXPECT_EQ(forward(AttentionShape{}), units::Seconds{});
}

TEST(AttentionModel, IsNeverFasterThanTheDensePeak) {
  for (std::int64_t length = 1; length <= 65536; length *= 2) {
    EXPECT_GE(forward(shape(length)), attention_flops(shape(length)) / some_device().peak)
        << length;
  }
}

TEST(AttentionModel, GrowsWithTheLength) {
  units::Seconds before;
  for (std::int64_t length = 1; length <= 40000; length = length * 5 / 4 + 1) {
    EXPECT_GE(forward(shape(length)), before) << length;
    before = forward(shape(length));
  }
}

TEST(AttentionModel, TheCausalMaskSavesHalfOfALongSequence) {
  EXPECT_NEAR(forward(shape(32768)) / forward(shape(32768, Mask::Full)), 0.5, 0.02);
}

TEST(AttentionModel, AWindowMakesALongSequenceLinear) {
  const auto time = [](std::int64_t length) { return forward(shape(length, Mask::Causal, 1024)); };
  EXPECT_NEAR(time(65536) / time(32768), 2.0, 0.05);
  EXPECT_LT(time(32768), 0.15 * forward(shape(32768)));
}

TEST(AttentionModel, AWindowThatCoversEverythingChangesNothing) {
  EXPECT_NEAR(forward(shape(4096, Mask::Causal, 4096)) / forward(shape(4096)), 1.0, 1e-9);
}

TEST(AttentionModel, TheBackwardPassHasTwoAndAHalfTimesTheFlopsAtALowerRate) {
  AttentionCoefficients c;
  c.backward_rate = 0.8;
  const auto s = shape(32768);
  const units::Seconds back = attention_backward_time(c, some_device(), GemmCoefficients{}, s);
  EXPECT_NEAR(back / forward(s), 2.5 / 0.8, 0.1);
}

}  // namespace
}  // namespace calib
