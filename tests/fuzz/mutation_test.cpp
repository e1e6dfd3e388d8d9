// Always run: a bounded, seeded search for inputs that readers crash on. The fuzz preset searches
// for longer.
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <ostream>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/fuzz/accepts.hpp"
#include "tests/fuzz/mutate.hpp"

namespace fuzz {

void PrintTo(const Target& target, std::ostream* out) {
  *out << target.name;
}

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// $GPUPLAN_FUZZ_ROUNDS for a longer search.
int rounds() {
  constexpr int kRounds = 1500;  // about two seconds over all readers
  const char* given = std::getenv("GPUPLAN_FUZZ_ROUNDS");
  return given == nullptr ? kRounds : std::atoi(given);
}

class Readers : public testing::TestWithParam<Target> {};

TEST_P(Readers, AcceptTheirSeeds) {
  for (const std::string& seed : GetParam().seeds) {
    EXPECT_TRUE(accepts(GetParam(), contents(seed))) << seed;
  }
}

TEST_P(Readers, RefuseBrokenInputAndNothingWorse) {
  std::mt19937 random(20240601);
  for (const std::string& seed : GetParam().seeds) {
    const std::string text = contents(seed);
    for (int i = 0; i < rounds() / static_cast<int>(GetParam().seeds.size()); ++i) {
      const std::string input = mutate(text, random);
      try {
        (void)accepts(GetParam(), input);
      } catch (const std::exception& e) {
        FAIL() << seed << " round " << i << ": " << e.what() << "\ninput:\n" << input;
      }
    }
  }
}

TEST_P(Readers, RefuseNoiseAndEmptiness) {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    std::string noise(random() % 300, '\0');
    for (char& c : noise) {
      c = static_cast<char>(i % 2 == 0 ? random() : 32 + random() % 95);
    }
    EXPECT_NO_THROW((void)accepts(GetParam(), noise)) << noise;
  }
  EXPECT_FALSE(accepts(GetParam(), ""));
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Readers, testing::ValuesIn(targets()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace fuzz
