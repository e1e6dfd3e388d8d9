// What a run reads: the arithmetic of loading, of passes and licences, and of writing text.
#include <gtest/gtest.h>

#include "sim/data/loading.hpp"
#include "sim/data/supply.hpp"
#include "sim/data/synthesis.hpp"

#include "tests/sim/some_job.hpp"

namespace {

using sim::DataPart;
using sim::Dataset;
using sim::DataUnit;
using sim::Mixture;
using units::bytes;
using units::seconds;

/// 1,000 images of 2 MB, half a second of a core each.
Dataset images() {
  return {.id = "images",
          .modality = sim::Modality::Image,
          .samples = 1000,
          .bytes = bytes(2e9),
          .decode = seconds(0.5)};
}

/// 1e9 tokens in 4 GB, a tenth of it by people.
Dataset text() {
  return {.id = "text", .tokens = 1e9, .bytes = bytes(4e9), .human = 0.1};
}

constexpr auto kFast = units::gigabytes_per_second(1000);

TEST(Loading, KeepsUpWhereBothAreFaster) {
  const Mixture mixture{{.label = "images", .data = images(), .share = 1}};
  const auto l = sim::loading(mixture, DataUnit::Samples, 100, seconds(2),
                              {.read = units::gigabytes_per_second(0.1), .cores = 25});
  EXPECT_DOUBLE_EQ(l.bytes.base(), 100 * 2e6);
  EXPECT_DOUBLE_EQ(l.core_time.base(), 50);
  EXPECT_DOUBLE_EQ(l.read.base(), 2);
  EXPECT_DOUBLE_EQ(l.decode.base(), 2);
  EXPECT_FALSE(l.stalls());
}

TEST(Loading, WaitsForTheSlowerOfStorageAndCores) {
  const Mixture mixture{{.label = "images", .data = images(), .share = 1}};
  const auto storage = sim::loading(mixture, DataUnit::Samples, 100, seconds(2),
                                    {.read = units::gigabytes_per_second(0.04), .cores = 25});
  EXPECT_DOUBLE_EQ(storage.wait.base(), 5 - 2);
  const auto cores =
      sim::loading(mixture, DataUnit::Samples, 100, seconds(2), {.read = kFast, .cores = 5});
  EXPECT_DOUBLE_EQ(cores.wait.base(), 10 - 2);
}

TEST(Loading, CountsEachPartByItsShare) {
  const Mixture mixture{
      {.label = "a", .data = text(), .share = 0.25},
      {.label = "b", .data = {.tokens = 1e9, .bytes = bytes(8e9)}, .share = 0.75}};
  const auto l = sim::loading(mixture, DataUnit::Tokens, 1e6, seconds(1), {.read = kFast});
  EXPECT_DOUBLE_EQ(l.bytes.base(), 1e6 * (0.25 * 4 + 0.75 * 8));
}

TEST(DataUses, JoinPhasesAndCountPasses) {
  const Mixture first{{.label = "text", .data = text(), .share = 1}};
  const Mixture second{
      {.label = "text", .data = text(), .share = 0.5},
      {.label = "more", .data = {.tokens = 4e9, .bytes = bytes(4e9)}, .share = 0.5}};
  const auto uses = sim::data_uses(
      {{.mixture = &first, .units = 1e9}, {.mixture = &second, .units = 2e9}}, DataUnit::Tokens);
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_DOUBLE_EQ(uses[0].units, 2e9);
  EXPECT_DOUBLE_EQ(uses[0].fresh, 1e9);
  EXPECT_DOUBLE_EQ(uses[0].passes(), 2);
  EXPECT_DOUBLE_EQ(uses[0].stored.base(), 4e9);
  EXPECT_DOUBLE_EQ(uses[1].passes(), 1);
  EXPECT_DOUBLE_EQ(uses[1].stored.base(), 1e9);
  EXPECT_DOUBLE_EQ(sim::human_share(uses), (2e9 * 0.1 + 1e9) / 3e9);
}

TEST(DataPrices, PayForWhatIsFreshOnly) {
  Dataset priced = images();
  priced.sample = {.amount = units::usd(0.5)};
  priced.annotation = {.amount = units::usd(0.2)};
  const Mixture mixture{{.label = "images", .data = priced, .share = 1, .annotated = 0.1}};
  const auto once = sim::data_prices(
      sim::data_uses({{.mixture = &mixture, .units = 400}}, DataUnit::Samples), DataUnit::Samples);
  ASSERT_EQ(once.size(), 2U);
  EXPECT_EQ(once[0].cents, 400 * 50);
  EXPECT_EQ(once[1].cents, 40 * 20);
  const auto thrice = sim::data_prices(
      sim::data_uses({{.mixture = &mixture, .units = 3000}}, DataUnit::Samples), DataUnit::Samples);
  EXPECT_EQ(thrice[0].cents, 1000 * 50);
  EXPECT_EQ(thrice[1].cents, 100 * 20);
}

TEST(DataPrices, AreForTokensOrTheWhole) {
  Dataset priced = text();
  priced.billion_tokens = {.amount = units::usd(100)};
  priced.whole = {.amount = units::usd(7)};
  const Mixture mixture{{.label = "text", .data = priced, .share = 1}};
  const auto lines = sim::data_prices(
      sim::data_uses({{.mixture = &mixture, .units = 5e8}}, DataUnit::Tokens), DataUnit::Tokens);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].cents, 700);
  EXPECT_EQ(lines[1].cents, 5000);
}

sim::SynthesisRate rate(const sim::Synthesis& synthesis, int gpus = 64) {
  const sim::test::H100Profiles profiles;
  return sim::synthesis_rate(sim::test::job(sim::test::small_llama(), {.dp = gpus}),
                             profiles.view(), synthesis);
}

const sim::Synthesis kWriter{
    .generator = sim::test::small_llama(), .prompt_length = 500, .response_length = 800};

TEST(Synthesis, GrowsWithTheClusterAndWithWhatIsKept) {
  const auto all = rate(kWriter);
  EXPECT_GT(all.tokens_per_second, 0);
  EXPECT_NEAR(rate(kWriter, 128).tokens_per_second / all.tokens_per_second, 2, 1e-9);
  sim::Synthesis half = kWriter;
  half.kept = 0.5;
  EXPECT_DOUBLE_EQ(rate(half).tokens_per_second, 0.5 * all.tokens_per_second);
}

// Every token needs the weights once per batch, and 2 FLOPs per parameter at least.
TEST(Synthesis, IsNoFasterThanMatrixProductsAllow) {
  const double flops = 2 * sim::parameters(kWriter.generator).total();
  const double peak =
      sim::test::h100().peak[static_cast<std::size_t>(topology::Precision::Bf16)].base();
  EXPECT_LT(rate(kWriter).tokens_per_second, 64 * peak / flops);
}

TEST(Synthesis, DrawsMoreThanIdleAndLessThanAllCaps) {
  const double power = rate(kWriter).power.base();
  EXPECT_GT(power, 64 * 70 + 8 * 1500);
  EXPECT_LT(power, 64 * (700 + 110) + 8 * 1500);
}

TEST(Synthesis, NeedsRoomForASequence) {
  sim::Synthesis large = kWriter;
  large.generator = sim::test::gpt3();
  EXPECT_EQ(rate(large).tokens_per_second, 0);
}

}  // namespace
