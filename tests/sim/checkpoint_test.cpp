#include "sim/run/checkpoint.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/sim/some_job.hpp"

namespace {

using units::gigabytes_per_second;
using units::hours;
using units::seconds;

/// Llama 3.1 405B, arXiv 2407.21783, table 3, on 16,384 H100 with the optimizer sharded.
sim::TrainingJob llama_405b() {
  sim::TrainingJob job;
  job.model.name = "405b";
  job.model.layers = 126;
  job.model.hidden = 16384;
  job.model.heads = 128;
  job.model.kv_heads = 8;
  job.model.head_dim = 128;
  job.model.ffn_hidden = 53248;
  job.model.vocab = 128256;
  job.model.mlp = sim::MlpKind::Gated;
  job.cluster = sim::test::h100_cluster(16384);
  job.layout = {.tp = 8, .pp = 16, .dp = 128, .sharding = sim::Sharding::Zero1};
  job.training = {.sequence_length = 8192, .global_batch = 2048};
  return job;
}

// 14 bytes per parameter: 5.7 TB for 405 billion.
TEST(CheckpointSize, IsFourteenBytesPerParameterWithAdamWInBf16) {
  const auto job = llama_405b();
  EXPECT_EQ(sim::checkpoint_bytes_per_parameter(job), 14.0);
  EXPECT_NEAR(sim::checkpoint_size(job).in(units::gigabytes(1000)), 5.68, 0.06);
}

TEST(CheckpointSize, IsThatOfTheAdaptersWithLora) {
  auto job = llama_405b();
  job.training.job = sim::Job::Lora;
  job.training.lora_rank = 16;
  EXPECT_LT(sim::checkpoint_size(job).in(units::gigabytes(1)), 20.0);
}

// 5.7 TB at 2 TB/s: 3 s; at 20 GB/s: 285 s.
TEST(CheckpointTimes, AreThoseOfTheNarrowestPlace) {
  const auto job = llama_405b();
  const auto time = [&job](double storage_gb_s, double node_gb_s) {
    return sim::checkpoint_times(job,
                                 {.write = gigabytes_per_second(storage_gb_s),
                                  .read = gigabytes_per_second(storage_gb_s)},
                                 sim::CheckpointMode::Blocking, gigabytes_per_second(node_gb_s), {})
        .stall.in(seconds(1));
  };
  EXPECT_NEAR(time(2000, 50), 2.84, 0.03);
  EXPECT_NEAR(time(20, 50), 284, 3);
  EXPECT_NEAR(time(2000, 0.1), 27.7, 0.3);  // 2,048 nodes of 0.1 GB/s
}

TEST(CheckpointTimes, AsynchronousOnesStallForTheCopyToTheHost) {
  const auto job = llama_405b();
  const auto t = sim::checkpoint_times(
      job, {.write = gigabytes_per_second(100), .read = gigabytes_per_second(200)},
      sim::CheckpointMode::Asynchronous, {}, {});
  EXPECT_NEAR(t.stall.in(seconds(1)), 5680.0 / 16384 / 55, 1e-3);
  EXPECT_NEAR(t.durable_after.in(seconds(1)), 56.8, 0.6);
  EXPECT_NEAR(t.load.in(seconds(1)), 28.4, 0.3);
}

TEST(CheckpointTimes, LoadingDataLeavesLessForWriting) {
  const auto job = llama_405b();
  const sim::Storage storage{.write = gigabytes_per_second(100), .read = gigabytes_per_second(100)};
  const auto alone = sim::checkpoint_times(job, storage, sim::CheckpointMode::Blocking, {}, {});
  const auto beside = sim::checkpoint_times(job, storage, sim::CheckpointMode::Blocking, {},
                                            gigabytes_per_second(50));
  EXPECT_NEAR(beside.stall / alone.stall, 2.0, 1e-9);
}

TEST(CheckpointTimes, OneReplicaWritesWhereNothingIsSharded) {
  auto job = llama_405b();
  EXPECT_EQ(sim::writing_nodes(job), 2048);
  job.layout.sharding = sim::Sharding::Ddp;
  EXPECT_EQ(sim::writing_nodes(job), 16);
}

TEST(CheckpointTimes, LocalDrivesGrowWithTheNodes) {
  const auto job = llama_405b();
  const auto t = sim::checkpoint_times(job, {.per_node = gigabytes_per_second(5), .local = true},
                                       sim::CheckpointMode::Blocking, {}, {});
  EXPECT_NEAR(t.stall.in(seconds(1)), 5680.0 / 2048 / 5, 0.01);
}

// sqrt(2 x 30 s x 3.09 h) = 817 s; at 3 s 258 s.
TEST(Intervals, OfYoungAndDaly) {
  EXPECT_NEAR(sim::young_interval(seconds(30), hours(3.09)).in(seconds(1)), 817, 1);
  EXPECT_NEAR(sim::young_interval(seconds(3), hours(3.09)).in(seconds(1)), 258, 1);
  const double x = 30.0 / (2 * 3.09 * 3600);
  EXPECT_NEAR(sim::daly_interval(seconds(30), hours(3.09)).in(seconds(1)),
              817 * (1 + std::sqrt(x) / 3 + x / 9) - 30, 1);
  EXPECT_EQ(sim::daly_interval(seconds(30), seconds(15)), seconds(15));
}

}  // namespace
