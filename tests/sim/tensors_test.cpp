#include "sim/memory/tensors.hpp"

#include <gtest/gtest.h>

#include "some_job.hpp"

namespace sim {
namespace {

double activation_bytes(const TrainingJob& j) {
  double sum = 0;
  for (const Tensor& t : layer_activations(j, LayerKind::Dense)) {
    sum += t.size.base();
  }
  return sum;
}

/// GPT in fp16 with dropout and without fused attention, as in Korthikanti et al., arXiv
/// 2205.05198.
TrainingJob korthikanti(int tp) {
  TrainingJob j = test::job(test::gpt3(), {.tp = tp});
  j.training.sequence_length = 2048;
  j.training.precision = topology::Precision::Fp16;
  j.framework.flash_attention = false;
  return j;
}

TEST(Activations, WithoutParallelismMatchKorthikantiTable2) {
  // Table 2, row 1: s b h (34 + 5 a s / h).
  const double s = 2048, h = 12288, a = 96;
  EXPECT_NEAR(activation_bytes(korthikanti(1)) / (s * h * (34 + 5 * a * s / h)), 1.0, 1e-9);
}

TEST(Activations, WithTensorAndSequenceParallelismMatchKorthikantiTable2) {
  // Row 4: s b h / t (34 + 5 a s / h).
  const double s = 2048, h = 12288, a = 96;
  EXPECT_NEAR(activation_bytes(korthikanti(8)) / (s * h / 8 * (34 + 5 * a * s / h)), 1.0, 1e-9);
}

TEST(Activations, WithTensorParallelismAloneMatchKorthikantiTable2) {
  // Row 2: s b h (10 + 24/t + 5 a s / (h t)).
  TrainingJob j = korthikanti(8);
  j.layout.sequence_parallel = false;
  const double s = 2048, h = 12288, a = 96;
  EXPECT_NEAR(activation_bytes(j) / (s * h * (10 + 24. / 8 + 5 * a * s / (h * 8))), 1.0, 1e-9);
}

TEST(Activations, SelectiveRecomputeDropsTheScores) {
  TrainingJob j = korthikanti(8);
  j.training.recompute = Recompute::Selective;
  const double s = 2048, h = 12288;
  EXPECT_NEAR(activation_bytes(j) / (s * h / 8 * 34), 1.0, 1e-9);
}

double per_parameter(const TrainingJob& j) {
  const MemoryUse use = memory_use(j);
  const double states = (use.of(MemoryKind::Parameters) + use.of(MemoryKind::Gradients) +
                         use.of(MemoryKind::OptimizerStates))
                            .base();
  return states / parameters(j.model).total();
}

TEST(ModelStates, MegatronKeeps18BytesAParameterAndTheDistributedOptimizer6Plus12OverD) {
  // Megatron-LM, docs/source/api-guide/dist_optimizer: bf16 parameters, fp32 gradients.
  EXPECT_NEAR(per_parameter(test::job(test::small_llama(), {})), 18.0, 0.01);
  EXPECT_NEAR(per_parameter(test::job(test::small_llama(), {.dp = 8, .sharding = Sharding::Zero1})),
              6.0 + 12.0 / 8, 0.01);
}

TEST(ModelStates, FsdpSplitsAll) {
  // ZeRO, arXiv 1910.02054: 16 bytes over d, here fp32 shard 4 + gradient 4 + moments 8.
  EXPECT_NEAR(per_parameter(test::job(test::small_llama(), {.dp = 8, .sharding = Sharding::Zero3})),
              16.0 / 8, 0.01);
}

TEST(MemoryUse, FirstStageHoldsMostMicroBatches) {
  const TrainingJob j = test::job(test::small_llama(), {.tp = 1, .pp = 4, .dp = 2});
  EXPECT_EQ(chunks_in_flight(j, 0), 4);
  EXPECT_EQ(chunks_in_flight(j, 3), 1);
  EXPECT_EQ(memory_use(j).stage, 0);
}

TEST(MemoryUse, TensorsAddUpToTheTotal) {
  for (const Sharding s : {Sharding::Ddp, Sharding::Zero1, Sharding::Zero3}) {
    const MemoryUse use =
        memory_use(test::job(test::small_moe(), {.dp = 16, .ep = 8, .sharding = s}));
    units::Bytes sum;
    for (const Tensor& t : use.tensors) {
      sum += t.size;
    }
    EXPECT_DOUBLE_EQ(sum.base(), use.total.base());
  }
}

TEST(MemoryUse, RecomputeAndShardingSave) {
  TrainingJob j = test::job(test::small_llama(), {.dp = 8});
  const units::Bytes plain = memory_use(j).total;
  j.training.recompute = Recompute::Full;
  const units::Bytes recomputed = memory_use(j).total;
  j.layout.sharding = Sharding::Zero1;
  const units::Bytes sharded = memory_use(j).total;
  EXPECT_LT(recomputed, plain);
  EXPECT_LT(sharded, recomputed);
}

TEST(MemoryUse, QloraWeightsAreFourBitsAndAScale) {
  TrainingJob j = test::job(test::small_llama(), {});
  j.training.job = Job::Qlora;
  EXPECT_NEAR(memory_use(j).of(MemoryKind::Parameters).base() / parameters(j.model).total(), 0.516,
              1e-3);
}

}  // namespace
}  // namespace sim
