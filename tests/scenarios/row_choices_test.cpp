#include "scenarios/row_choices.hpp"

#include <gtest/gtest.h>

#include "scenarios/catalog.hpp"
#include "scenarios/scoreboard.hpp"
#include "sim/memory/tensors.hpp"

namespace scenarios {
namespace {

/// Llama 3.1 70B on 64 H100 under ZeRO-1: far too much for 80 GB without recomputation.
MeasuredJob large_job() {
  const Catalog catalog = Catalog::open();
  MeasuredJob m;
  m.job.model = catalog.model("llama3.1-70b");
  m.job.training = {.sequence_length = 8192, .global_batch = 64, .micro_batch = 1};
  m.job.layout = {.tp = 4, .pp = 4, .dp = 4, .sharding = sim::Sharding::Zero1};
  m.job.framework = catalog.framework("megatron");
  m.job.cluster.accelerator = catalog.accelerator("h100-sxm");
  m.job.cluster.gpus = 64;
  m.job.cluster.gpus_per_node = m.job.cluster.scale_up_domain = 8;
  return m;
}

units::Seconds by_micro_batch(const sim::TrainingJob& job) {
  return units::seconds(10.0 / job.training.micro_batch);
}

TEST(RowChoices, LeaveWhatIsStated) {
  MeasuredJob m = large_job();
  settle(m, by_micro_batch);
  EXPECT_EQ(m.job.training.recompute, sim::Recompute::None);
  EXPECT_EQ(m.job.training.micro_batch, 1);
  EXPECT_TRUE(m.assumptions.empty());
}

TEST(RowChoices, RecomputeNoMoreLayersThanMemoryAsksFor) {
  MeasuredJob m = large_job();
  m.job.training.micro_batch = 4;
  m.unstated.recompute = true;
  settle(m, by_micro_batch);
  ASSERT_EQ(m.job.training.recompute, sim::Recompute::Full);
  sim::TrainingJob less = m.job;
  ASSERT_GT(less.training.recompute_layers, 0);
  --less.training.recompute_layers;
  const sim::MemoryUse use = sim::memory_use(less);
  EXPECT_GT(use.total, use.capacity * kMemoryTolerance);
  EXPECT_EQ(m.assumptions.size(), 1U);
}

TEST(RowChoices, TakeTheFastestMicroBatch) {
  MeasuredJob m = large_job();
  m.unstated.micro_batch = m.unstated.recompute = true;
  settle(m, by_micro_batch);
  EXPECT_GT(m.job.training.micro_batch, 1);
}

TEST(Scoreboard, StandsAloneAndEscapesNames) {
  const std::string page = as_html(scoreboard("<table>", {}, {}));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_NE(page.find("&lt;table&gt;"), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme"), std::string::npos);
}

}  // namespace
}  // namespace scenarios
