#include "sim/run/counter_random.hpp"

#include <array>

#include <gtest/gtest.h>

namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of Random123's philox4x32-10 (kat_vectors).
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(sim::philox({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(sim::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(sim::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRandom, StreamsAreTheirOwn) {
  sim::CounterRandom a(7, 0), again(7, 0), b(7, 1), other_seed(8, 0);
  const double first = a.uniform();
  EXPECT_EQ(first, again.uniform());
  EXPECT_NE(first, b.uniform());
  EXPECT_NE(first, other_seed.uniform());
}

// The mean of n exponentials of mean 1 has standard deviation 1 / sqrt(n): 5 sigma.
TEST(CounterRandom, ExponentialsHaveTheirMean) {
  sim::CounterRandom random(1, 2);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.exponential(1.0);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 1.0, 5.0 / 316.0);
  EXPECT_NEAR(squares / kDraws, 2.0, 0.1);
}

}  // namespace
