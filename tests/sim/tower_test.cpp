// Towers: what blocks consist of, counted by hand, and what runs of them.
#include <algorithm>

#include <gtest/gtest.h>

#include "sim/memory/tensors.hpp"
#include "sim/plan/layout_rules.hpp"
#include "sim/plan/trained.hpp"
#include "sim/step/build.hpp"
#include "sim/workload/flops.hpp"
#include "sim/workload/operators.hpp"
#include "sim/workload/tower_layers.hpp"

#include "tests/sim/some_job.hpp"

namespace sim {
namespace {

constexpr Extent k3x3{1, 3, 3};

Tower image_tower(std::vector<Block> blocks, int channels = 64, int edge = 56) {
  return {.name = "net", .input = {{1, edge, edge}, channels}, .blocks = std::move(blocks)};
}

Block convolution(int channels, const Extent& kernel, const Extent& stride = {}) {
  return {.kind = BlockKind::Convolution, .channels = channels, .kernel = kernel, .stride = stride};
}

TEST(Tower, ConvolutionIsAProductOfWindowsAndFilters) {
  const Tower t = image_tower({convolution(128, k3x3, {1, 2, 2})});
  const TowerLayer l = tower_layers(t).front();
  EXPECT_EQ(l.rows, 28 * 28);
  EXPECT_EQ(l.depth, 9 * 64);
  EXPECT_EQ(l.columns, 128);
  EXPECT_EQ(parameters(t), 9.0 * 64 * 128);
  EXPECT_EQ(forward_flops(t), 2.0 * 28 * 28 * 9 * 64 * 128);
  EXPECT_EQ(tower_output(t).elements(), 28 * 28 * 128);
}

TEST(Tower, GroupsDivideTheWorkOfAConvolution) {
  Block grouped = convolution(64, k3x3);
  grouped.groups = 4;
  EXPECT_EQ(forward_flops(image_tower({grouped})) * 4,
            forward_flops(image_tower({convolution(64, k3x3)})));
}

// He et al., table 1: 1x1 64, 3x3 64, 1x1 256 and the projection of the shortcut, each with two
// parameters of its norm per channel.
TEST(Tower, BottleneckHasItsFourConvolutions) {
  const Block b{.kind = BlockKind::Bottleneck,
                .channels = 256,
                .kernel = k3x3,
                .norm = NormKind::Batch,
                .activation = ActivationKind::Relu,
                .inner = 64};
  const double weights = 64 * 64 + 9 * 64 * 64 + 64 * 256 + 64 * 256;
  EXPECT_EQ(parameters(image_tower({b})), weights + 2 * (64 + 64 + 256 + 256));
  Block again = b;
  again.repeat = 2;  // the second has no projection, but 256 channels enter
  EXPECT_EQ(parameters(image_tower({again})) - parameters(image_tower({b})),
            256 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * (64 + 64 + 256));
}

TEST(Tower, OnlyTheFirstOfRepeatedBlocksStrides) {
  Block b = convolution(64, k3x3, {1, 2, 2});
  b.repeat = 3;
  EXPECT_EQ(tower_output(image_tower({b})).extent.height, 28);
}

TEST(Tower, PoppedMapsJoinTheChannels) {
  Block first = convolution(32, k3x3);
  first.push = true;
  Block last = convolution(64, k3x3);
  last.pop = true;
  const Tower t = image_tower({first, convolution(96, k3x3), last});
  EXPECT_EQ(tower_layers(t).back().depth, 9 * (96 + 32));
}

/// A model that has a tower of 3x3 convolutions with batch norms, and before it, frozen, the same.
ModelSpec two_towers(TowerTraining first) {
  Block b = convolution(64, k3x3);
  b.norm = NormKind::Batch;
  b.activation = ActivationKind::Relu;
  b.repeat = 4;
  Tower before = image_tower({b});
  before.training = first;
  return tower_model("two", {before, image_tower({b})});
}

TrainingJob tower_job(const ModelSpec& model, int gpus = 8) {
  TrainingJob j = test::job(model, {.dp = gpus});
  j.training.sequence_length = 1;
  j.training.micro_batch = 32;
  j.training.global_batch = 32 * gpus;
  return j;
}

TEST(Tower, FrozenOnesHaveNoBackwardPassAndNoOptimizer) {
  const ModelSpec frozen = two_towers(TowerTraining::Frozen);
  const double forward = forward_flops(frozen.towers.front());
  const Training t{.sequence_length = 1};
  EXPECT_DOUBLE_EQ(model_flops_per_sequence(frozen, t, AttentionFlops::Causal).in(units::flops(1)),
                   (1 + 3) * forward);
  EXPECT_DOUBLE_EQ(
      model_flops_per_sequence(two_towers(TowerTraining::PassThrough), t, AttentionFlops::Causal)
          .in(units::flops(1)),
      (2 + 3) * forward);
  const TrainingJob job = tower_job(frozen);
  EXPECT_DOUBLE_EQ(trained_share(job), 0.5);
  const Operators backward =
      layer_backward({job.model, job.layout, job.training, job.framework}, LayerKind::Towers, 0);
  EXPECT_EQ(std::count_if(backward.begin(), backward.end(),
                          [](const Operator& o) { return o.weight_gradient; }),
            4);
}

// Data gradient and weight gradient have as many FLOPs as the forward product each; the first layer
// needs no data gradient.
TEST(Tower, BackwardHasTwiceTheProductsLessTheFirst) {
  const ModelSpec m = tower_model(
      "one", {image_tower({convolution(128, k3x3, {1, 2, 2}), convolution(128, k3x3, {1, 2, 2})})});
  const TrainingJob job = tower_job(m);
  const RankShape shape{job.model, job.layout, job.training, job.framework};
  const double forward =
      matrix_flops(layer_forward(shape, LayerKind::Towers, 0)).in(units::flops(1));
  const double backward =
      matrix_flops(layer_backward(shape, LayerKind::Towers, 0)).in(units::flops(1));
  const double first = 32 * 2.0 * 28 * 28 * 9 * 64 * 128;
  EXPECT_DOUBLE_EQ(forward, 32 * forward_flops(m.towers.front()));
  EXPECT_DOUBLE_EQ(backward, 2 * forward - first);
}

TEST(Tower, WindowsThatOverlapAreReadOnce) {
  const TrainingJob job = tower_job(tower_model("one", {image_tower({convolution(64, k3x3)})}));
  const Operators ops =
      layer_forward({job.model, job.layout, job.training, job.framework}, LayerKind::Towers, 0);
  EXPECT_DOUBLE_EQ(ops.front().gemm.reuse, 9.0);
  EXPECT_TRUE(ops.front().convolution);
}

TEST(Tower, FusedFrameworksRunFewerAndShorterKernels) {
  TrainingJob job = tower_job(two_towers(TowerTraining::Full));
  const test::H100Profiles profiles;
  const auto forward = [&] {
    return build_step(job, profiles.view()).classes.front().forward.parts[Part::MemoryBound];
  };
  job.framework.fused_elementwise = false;
  const units::Seconds eager = forward();
  job.framework.fused_elementwise = true;
  EXPECT_LT(forward(), 0.7 * eager);  // batch norm 3 passes, ReLU 2
}

TEST(Tower, AutocastCastsWeightsInEveryPass) {
  TrainingJob job = tower_job(two_towers(TowerTraining::Full));
  const auto kernels = [&] {
    return layer_forward({job.model, job.layout, job.training, job.framework}, LayerKind::Towers, 0)
        .size();
  };
  const std::size_t before = kernels();
  job.framework.autocast = true;
  EXPECT_EQ(kernels(), before + 8);  // one per convolution
}

TEST(Tower, OnlyTheBatchSplitsThem) {
  TrainingJob job = tower_job(two_towers(TowerTraining::Full));
  EXPECT_TRUE(can_train(job));
  job.layout = {.pp = 2, .dp = 4};
  EXPECT_FALSE(can_train(job));
}

TEST(Tower, RecomputationKeepsBlockInputsAndRepeatsNoFrozenTower) {
  TrainingJob job = tower_job(two_towers(TowerTraining::Frozen));
  const MemoryUse kept = memory_use(job);
  job.training.recompute = Recompute::Full;
  const MemoryUse recomputed = memory_use(job);
  EXPECT_LT(recomputed.of(MemoryKind::Activations), kept.of(MemoryKind::Activations));
  EXPECT_DOUBLE_EQ(recompute_flops_per_sequence(job.model, job.training, AttentionFlops::Causal)
                       .in(units::flops(1)),
                   forward_flops(job.model.towers.front()));
}

// Each block keeps the input of its convolution and that of its norm: 2 x 64 x 56 x 56 elements of
// 2 bytes for 32 samples; ReLU works in place.
TEST(Tower, ActivationsAreWhatTheBackwardPassNeeds) {
  const MemoryUse use = memory_use(tower_job(two_towers(TowerTraining::Frozen)));
  EXPECT_DOUBLE_EQ(use.of(MemoryKind::Activations).in(units::bytes(1)),
                   4 * 2.0 * 64 * 56 * 56 * 2 * 32);
}

TEST(Tower, GradientsOfTrainedWeightsOnlyAreReduced) {
  const test::H100Profiles profiles;
  const auto reduced = [&](TowerTraining first) {
    const StepGraph g = build_step(tower_job(two_towers(first)), profiles.view());
    const Sync& s = g.classes.front().reduce_gradients.front();
    return s.hideable.size + s.bucket.size;
  };
  EXPECT_NEAR(reduced(TowerTraining::Full) / reduced(TowerTraining::Frozen), 2.0, 1e-9);
}

}  // namespace
}  // namespace sim
