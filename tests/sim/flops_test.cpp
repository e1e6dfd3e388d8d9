#include "sim/workload/flops.hpp"

#include <gtest/gtest.h>

#include "sim/workload/operators.hpp"

#include "some_job.hpp"

namespace sim {
namespace {

Training train(int sequence_length) {
  Training t;
  t.sequence_length = sequence_length;
  t.global_batch = 1;
  return t;
}

TEST(ModelFlops, Gpt3MatchesMegatronsFormula) {
  // Narayanan et al., arXiv 2104.04473, section 5.1, without recomputation:
  // F = 72 B s L h^2 (1 + s/(6h) + V/(12 L h)). It leaves out biases, 13/(12 h) of a layer.
  const ModelSpec m = test::gpt3();
  const double h = m.hidden, l = m.layers, s = 2048;
  const double expected = 72 * s * l * h * h * (1 + s / (6 * h) + m.vocab / (12 * l * h));
  EXPECT_NEAR(model_flops_per_sequence(m, train(2048), AttentionFlops::Full).base() / expected, 1.0,
              2e-4);
}

TEST(ModelFlops, FullRecomputeAddsAForwardPassOfTheLayers) {
  // The same source with recomputation: 96 B s L h^2 (1 + s/(6h) + V/(16 L h)).
  const ModelSpec m = test::gpt3();
  Training t = train(2048);
  t.recompute = Recompute::Full;
  const double h = m.hidden, l = m.layers, s = 2048;
  const double expected = 96 * s * l * h * h * (1 + s / (6 * h) + m.vocab / (16 * l * h));
  const units::Flops hardware = model_flops_per_sequence(m, t, AttentionFlops::Full) +
                                recompute_flops_per_sequence(m, t, AttentionFlops::Full);
  EXPECT_NEAR(hardware.base() / expected, 1.0, 2e-4);
}

TEST(ModelFlops, CausalMaskHalvesCoreAttention) {
  const ModelSpec m = test::small_llama();
  const double full = model_flops_per_sequence(m, train(8192), AttentionFlops::Full).base();
  const double causal = model_flops_per_sequence(m, train(8192), AttentionFlops::Causal).base();
  const double core = 3 * 2.0 * 2 * m.heads * m.head_dim * 8192. * 8192. * m.layers;
  EXPECT_NEAR((full - causal) / (core / 2), 1.0, 1e-9);
}

TEST(ModelFlops, LoraSkipsWeightGradients) {
  const ModelSpec m = test::small_llama();
  Training t = train(128);
  const double all = model_flops_per_sequence(m, t, AttentionFlops::Causal).base();
  t.job = Job::Lora;
  const double adapters = model_flops_per_sequence(m, t, AttentionFlops::Causal).base();
  EXPECT_NEAR(adapters / all, 2.0 / 3.0, 0.01);  // attention over 128 tokens is next to nothing
}

TEST(Operators, ForwardProductsAreTheModelsFlops) {
  const TrainingJob j = test::job(test::small_llama(1), {});
  const RankShape shape{j.model, j.layout, j.training, j.framework};
  const units::Flops forward =
      matrix_flops(layer_forward(shape, LayerKind::Dense, 0)) + matrix_flops(head_forward(shape));
  const units::Flops expected =
      model_flops_per_sequence(j.model, j.training, AttentionFlops::Causal) / 3.0;
  EXPECT_NEAR(forward / expected, 1.0, 1e-6);
}

TEST(Operators, BackwardLinearProductsAreTwiceForward) {
  TrainingJob j = test::job(test::gpt3(), {});
  j.framework.flash_attention =
      false;  // a fused backward recomputes the scores: 5 products instead of 4
  const RankShape shape{j.model, j.layout, j.training, j.framework};
  EXPECT_NEAR(matrix_flops(layer_backward(shape, LayerKind::Dense, 0)) /
                  matrix_flops(layer_forward(shape, LayerKind::Dense, 0)),
              2.0, 1e-9);
}

TEST(Operators, TensorParallelRanksShareTheProductsEvenly) {
  const TrainingJob one = test::job(test::small_llama(), {.tp = 1});
  const TrainingJob eight = test::job(test::small_llama(), {.tp = 8});
  const auto flops = [](const TrainingJob& j) {
    const RankShape shape{j.model, j.layout, j.training, j.framework};
    return matrix_flops(layer_forward(shape, LayerKind::Dense, 0));
  };
  EXPECT_NEAR(flops(one) / flops(eight), 8.0, 1e-9);
}

TEST(Operators, ContextParallelRanksShareTheProductsEvenly) {
  const TrainingJob one = test::job(test::small_llama(), {.cp = 1});
  const TrainingJob four = test::job(test::small_llama(), {.cp = 4});
  const auto flops = [](const TrainingJob& j) {
    const RankShape shape{j.model, j.layout, j.training, j.framework};
    return matrix_flops(layer_forward(shape, LayerKind::Dense, 0));
  };
  EXPECT_NEAR(flops(one) / flops(four), 4.0, 1e-9);
}

TEST(Operators, OneRankHasNoCollectives) {
  const TrainingJob j = test::job(test::small_moe(), {});
  const RankShape shape{j.model, j.layout, j.training, j.framework};
  for (const Operators& ops :
       {layer_forward(shape, LayerKind::Moe, 0), layer_backward(shape, LayerKind::Moe, 0),
        embedding_forward(shape), head_forward(shape)}) {
    for (const Operator& op : ops) {
      EXPECT_NE(op.work, Work::Collective);
    }
  }
}

TEST(Operators, SequenceParallelismMovesAsMuchAsAllReduce) {
  // Korthikanti et al., arXiv 2205.05198, section 4.2.2: all-gather + reduce-scatter = all-reduce.
  TrainingJob j = test::job(test::small_llama(), {.tp = 8});
  const auto gathered = [&j] {
    const RankShape shape{j.model, j.layout, j.training, j.framework};
    double bytes = 0;
    for (const Operator& op : layer_forward(shape, LayerKind::Dense, 0)) {
      if (op.work == Work::Collective) {
        bytes += op.size.base() * (op.collective == Collective::AllReduce ? 2 : 1);
      }
    }
    return bytes;
  };
  const double split = gathered();
  j.layout.sequence_parallel = false;
  EXPECT_DOUBLE_EQ(split, gathered());
}

}  // namespace
}  // namespace sim
